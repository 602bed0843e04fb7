import type { Database } from '@boxoffice/core/db/connect.ts'
import { BOOKING_TRANSITIONS, type BookingStatus, canTransition } from '@boxoffice/core/domain/booking-status.ts'

/** Returns one sentence for each invariant of a resource that does not hold (I1, I3, I5, I6, I7); empty if all hold. */
export async function violations({ pool }: Pick<Database, 'pool'>, resourceId: string): Promise<string[]> {
  const { rows } = await pool.query<{ what: string }>(FIND_VIOLATIONS, [resourceId])
  return [...rows.map(({ what }) => what), ...(await illegalSteps(pool, resourceId))]
}

const FIND_VIOLATIONS = `
  with b as (select * from bookings where resource_id = $1),
    live as (select * from b where status <> 'cancelled'),
    item as (select l.*, b.status, b.customer_keys from b join booking_items l on l.booking_id = b.id)
  select 'I1: seat ' || seat_label || ' has ' || count(*) || ' live bookings' as what
    from item where status <> 'cancelled' and seat_label is not null group by seat_label having count(*) > 1
  union all
  select 'I6: seat ' || coalesce(l.seat_label, a.seat_label) || ' is ' ||
      case when a.seat_label is null then 'booked and free' else 'allocated to nobody alive' end
    from (select * from item where status <> 'cancelled' and seat_label is not null) l
    full join (select * from seat_allocations where showtime_id = $1 and block_id is null) a
      on a.seat_label = l.seat_label and a.booking_id = l.booking_id
    where l.seat_label is null or a.seat_label is null
  union all
  select 'I6: ticket type ' || t.id || ' says ' || s.sold || ', live are ' || coalesce(n.count, 0)
    from ticket_types t join ticket_type_state s on s.ticket_type_id = t.id
    left join (select ticket_type_id, sum(quantity) as count from item where status <> 'cancelled' group by 1) n
      on n.ticket_type_id = t.id
    where t.event_id = $1 and s.sold <> coalesce(n.count, 0)
  union all
  select 'I1: quota ' || (q.quota->>'name') || ' has sold ' || sum(s.sold)
    from events e cross join lateral jsonb_array_elements(e.quotas) as q(quota)
    join ticket_types t on t.event_id = e.id and q.quota->'ticketTypeIds' ? t.id::text
    join ticket_type_state s on s.ticket_type_id = t.id
    where e.id = $1 group by q.quota having sum(s.sold) > (q.quota->>'capacity')::int
  union all
  select 'I6: area ' || s.label || ' says ' || s.sold || ' sold and ' || s.kept || ' kept, live are ' ||
      coalesce(n.count, 0) || ' and ' || coalesce(k.count, 0)
    from area_state s
    left join (select area_label, sum(quantity) as count from item where status <> 'cancelled' group by 1) n
      on n.area_label = s.label
    left join (select a.label, sum(a.quantity) as count from blocks b join block_areas a on a.block_id = b.id
      where b.resource_id = $1 group by 1) k on k.label = s.label
    where s.resource_id = $1 and (s.sold <> coalesce(n.count, 0) or s.kept <> coalesce(k.count, 0))
  union all
  select 'I1: booking ' || booking_id || ' has a child without an adult'
    from item group by booking_id having bool_or(rate = 'child') and not bool_or(coalesce(rate, '') = 'adult')
  union all
  select 'I6: customer ' || c.customer_key || ' of ' || c.ticket_type_id || ' says ' || c.quantity
    from ticket_types t join ticket_type_customers c on c.ticket_type_id = t.id
    where t.event_id = $1 and t.max_per_customer is not null and c.quantity <> (select coalesce(sum(l.quantity), 0) from item l
      where l.ticket_type_id = c.ticket_type_id and l.status <> 'cancelled' and c.customer_key = any(l.customer_keys))
  union all
  select 'I6: promo code says ' || s.redeemed || ', live are ' ||
      (select count(*) from bookings where promo_code_id = p.promo_code_id and status <> 'cancelled')
    from promo_code_resources p join promo_code_state s on s.promo_code_id = p.promo_code_id
    where p.resource_id = $1
      and s.redeemed <> (select count(*) from bookings where promo_code_id = p.promo_code_id and status <> 'cancelled')
  union all
  select 'I6: promo code says ' || s.tickets || ' places, live are ' || coalesce(n.places, 0)
    from promo_code_resources p join promo_code_state s on s.promo_code_id = p.promo_code_id
    left join lateral (select sum(promo_tickets) as places from bookings
      where promo_code_id = p.promo_code_id and status <> 'cancelled') n on true
    where p.resource_id = $1 and s.tickets <> coalesce(n.places, 0)
  union all
  select 'I6: promo code of customer ' || c.customer_key || ' says ' || c.redeemed
    from promo_code_resources p join promo_code_customers c on c.promo_code_id = p.promo_code_id
      join promo_codes o on o.id = p.promo_code_id and o.max_per_customer is not null
    where p.resource_id = $1 and c.redeemed <> (select count(*) from bookings l
      where l.promo_code_id = c.promo_code_id and l.status <> 'cancelled' and c.customer_key = any(l.customer_keys))
  union all
  select 'I6: ticket ' || t.id || ' is ' || t.status || ' and its booking ' || b.status
    from b join tickets t on t.booking_id = b.id
    where (b.status = 'cancelled' and t.status = 'issued') or (b.status <> 'cancelled' and t.status = 'void')
  union all
  select 'I5: payment ' || p.id || ' has refunded ' || p.refunded || ' and reserved ' || p.reserved
    from b join payments p on p.booking_id = b.id
    where p.refunded <> (select coalesce(sum(amount), 0) from refunds where payment_id = p.id and status = 'completed')
      or p.reserved <> (select coalesce(sum(amount), 0) from refunds where payment_id = p.id and status in ('reserved', 'sent'))
  union all
  select 'I5: booking ' || b.id || ' is ' || b.status || ' without being paid'
    from b where b.status in ('confirmed', 'completed', 'no_show') and b.total > 0 and not exists (
      select from payments p where p.id = b.paid_by and p.booking_id = b.id and p.captured = b.total)
  union all
  select 'I3: request ' || q.id || ' is ' || q.state || ' and its booking ' || coalesce(b.id::text, 'missing')
    from booking_requests q left join b on b.id = q.booking_id
    where q.resource_id = $1 and ((q.state = 'booked') <> (b.id is not null) or q.state = 'queued')
  union all
  select 'I7: events of booking ' || b.id || ' are ' || coalesce(array_agg(o.entity_seq order by o.entity_seq)::text, '{}')
    from b left join outbox o on o.entity_id = b.id
    group by b.id, b.event_seq
    having coalesce(array_agg(o.entity_seq order by o.entity_seq), '{}')
      <> array(select generate_series(1, b.event_seq))
  union all
  select 'I7: event ' || o.id || ' has no audit row'
    from b join outbox o on o.entity_id = b.id
    where not exists (select from audit a where a.id = o.id and a.action = o.type)`

/**
 * Returns the audited steps of a booking's status that are neither in the table nor the reinstatement of a booking that
 * ran out of time.
 */
async function illegalSteps(pool: Database['pool'], resourceId: string): Promise<string[]> {
  const { rows } = await pool.query<{ id: string; steps: { action: string; status: BookingStatus | null }[] }>(
    `select b.id, json_agg(json_build_object('action', a.action, 'status', a.after->>'status') order by o.entity_seq)
       as steps
     from bookings b join outbox o on o.entity_id = b.id join audit a on a.id = o.id
     where b.resource_id = $1 and a.entity = 'booking' group by b.id`,
    [resourceId],
  )
  const wrong: string[] = []
  for (const { id, steps } of rows) {
    let status: BookingStatus | null = null
    let reinstated = false
    for (const step of steps) {
      if (step.action === 'booking.reinstated') {
        if (status !== 'cancelled') wrong.push(`I3: booking ${id} was reinstated from ${status}`)
        reinstated = true
        continue
      }
      if (step.status === null || step.status === status) continue
      const allowed = status === null || (reinstated && step.status === 'confirmed')
      if (!allowed && status !== null && !canTransition(BOOKING_TRANSITIONS, status, step.status)) {
        wrong.push(`I3: booking ${id} went from ${status} to ${step.status}`)
      }
      status = step.status
      reinstated = false
    }
  }
  return wrong
}
