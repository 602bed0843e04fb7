import type { TestDatabase } from './database.ts'

/** Each selects what contradicts an invariant, as `what`. */
const VIOLATIONS: Readonly<Record<string, string>> = {
  'I1 a seat of two live bookings': `
    select l.seat_label as what from booking_lines l join bookings b on b.id = l.booking_id
    where b.status <> 'cancelled' and l.seat_label is not null
    group by b.resource_id, l.seat_label having count(*) > 1`,
  'I1 oversold': 'select ticket_type_id as what from ticket_type_state where sold > capacity',
  'I5 amounts of a payment that do not fit its refunds': `
    select p.id as what from payments p left join refunds r on r.payment_id = p.id
    group by p.id
    having p.refunded + p.reserved > p.captured
      or p.refunded <> coalesce(sum(r.amount) filter (where r.status = 'completed'), 0)
      or p.reserved <> coalesce(sum(r.amount) filter (where r.status in ('reserved', 'sent')), 0)`,
  'I5 money taken for nothing': `
    select p.id as what from payments p join bookings b on b.id = p.booking_id
    where p.captured > 0 and p.refunded + p.reserved < p.captured
      and (b.paid_by is distinct from p.id or b.status = 'cancelled' and b.total > b.fee and p.refunded + p.reserved = 0)`,
  'I5 a confirmed booking that nobody paid': `
    select b.id as what from bookings b left join payments p on p.id = b.paid_by
    where b.status in ('confirmed', 'completed', 'no_show') and b.total > 0 and p.captured is distinct from b.total`,
  'I5 an open payment of a booking that waits for none': `
    select p.id as what from payments p join bookings b on b.id = p.booking_id
    where p.status in ('pending', 'processing') and b.status <> 'pending'`,
  'I5 two open payments': `
    select booking_id as what from payments where status in ('pending', 'processing') group by 1 having count(*) > 1`,
  'I6 a seat that a live booking has lost, or a dead one kept': `
    select coalesce(held.seat_label, kept.seat_label) as what
    from (select b.id, b.resource_id, l.seat_label from booking_lines l join bookings b on b.id = l.booking_id
      where b.status <> 'cancelled' and l.seat_label is not null) held
    full join seat_allocations kept
      on kept.showtime_id = held.resource_id and kept.seat_label = held.seat_label and kept.booking_id = held.id
    where held.id is null or kept.booking_id is null`,
  'I6 a count of sold tickets': `
    select s.ticket_type_id as what from ticket_type_state s
    left join (select l.ticket_type_id, sum(l.quantity) as live from booking_lines l
      join bookings b on b.id = l.booking_id where b.status <> 'cancelled' group by 1) n using (ticket_type_id)
    where s.sold <> coalesce(n.live, 0)`,
  'I6 a count of tickets per customer': `
    with live as (
      select l.ticket_type_id, k.key as customer_key, sum(l.quantity) as quantity
      from booking_lines l join bookings b on b.id = l.booking_id
      join ticket_types t on t.id = l.ticket_type_id and t.max_per_customer is not null
      cross join lateral (select distinct unnest(b.customer_keys) as key) k
      where b.status <> 'cancelled' group by 1, 2)
    select c.customer_key as what from ticket_type_customers c
    full join live using (ticket_type_id, customer_key)
    where coalesce(c.quantity, 0) <> coalesce(live.quantity, 0)`,
  'I6 a count of redemptions': `
    select s.promo_code_id as what from promo_code_state s
    where s.redeemed <> (select count(*) from bookings b
      where b.promo_code_id = s.promo_code_id and b.status <> 'cancelled')`,
  'I6 a count of redemptions per customer': `
    with live as (
      select b.promo_code_id, k.key as customer_key, count(*) as redeemed
      from bookings b join promo_codes p on p.id = b.promo_code_id and p.max_per_customer is not null
      cross join lateral (select distinct unnest(b.customer_keys) as key) k
      where b.status <> 'cancelled' group by 1, 2)
    select c.customer_key as what from promo_code_customers c
    full join live using (promo_code_id, customer_key)
    where coalesce(c.redeemed, 0) <> coalesce(live.redeemed, 0)`,
  'I6 a void ticket of a live booking, or a valid one of a dead one': `
    select t.id as what from tickets t join bookings b on b.id = t.booking_id
    where case when b.status = 'cancelled' then t.status = 'issued' else t.status = 'void' end`,
  'I6 a ticket admitted twice, or admitted and not marked': `
    select t.id as what from tickets t left join check_ins c on c.ticket_id = t.id and c.result = 'admitted'
    group by t.id having count(c.*) > 1 or (count(c.*) > 0) <> (t.status = 'checked_in')`,
  'I7 events with a gap': `
    select b.id as what from bookings b left join outbox o on o.entity_id = b.id
    group by b.id, b.event_seq
    having count(o.*) <> b.event_seq or min(o.entity_seq) <> 1 or max(o.entity_seq) <> b.event_seq
      or count(distinct o.entity_seq) <> b.event_seq`,
  'I7 an event without its audit row, or the other way round': `
    select coalesce(o.id, a.id) as what
    from (select o.id, o.type from outbox o join bookings b on b.id = o.entity_id) o
    full join (select id, action from audit where entity in ('booking', 'payment', 'refund', 'ticket')) a
      on a.id = o.id and a.action = o.type
    where o.id is null or a.id is null`,
  'I7 a status that the audit does not tell': `
    select b.id as what from bookings b
    cross join lateral (select a.after->>'status' as status from audit a join outbox o on o.id = a.id
      where a.entity_id = b.id and a.after ? 'status' order by o.entity_seq desc limit 1) last
    where last.status <> b.status`,
}

/** What contradicts the invariants in all the tables of the database; empty where they hold. */
export async function findViolations({ database }: TestDatabase): Promise<string[]> {
  const found: string[] = []
  for (const [invariant, text] of Object.entries(VIOLATIONS)) {
    const { rows } = await database.pool.query<{ what: string }>(text)
    found.push(...rows.map(({ what }) => `${invariant}: ${what}`))
  }
  return found
}
