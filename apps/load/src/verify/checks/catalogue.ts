import type { Check } from '../check.ts'

/** Returns `amount` times `basisPoints`, rounded half-even, as `percentOf` of the domain does it. */
const percentOf = (amount: string, basisPoints: string) =>
  `(${amount} * ${basisPoints} / 10000 + case
    when ${amount} * ${basisPoints} % 10000 > 5000 then 1
    when ${amount} * ${basisPoints} % 10000 = 5000 then ${amount} * ${basisPoints} / 10000 % 2 else 0 end)`

/** Condition of no cancellations: the places that are taken now were taken when each request was decided. */
const NOTHING_RELEASED = `not exists (
  select from bookings c where c.resource_id = q.resource_id and c.status = 'cancelled')`

/**
 * Bookings compared with what the catalogue says now. Holds for resources (`$1`) whose catalogue was not changed since
 * their first booking, and all of whose places are taken by bookings.
 */
export const CATALOGUE_CHECKS: readonly Check[] = [
  {
    name: "I5 a fee that is not the organizer's share",
    finds: `
      select b.id as what from bookings b join organizers o on o.id = b.organizer_id
      where b.resource_id = any ($1::uuid[])
        and b.fee <> ${percentOf('(b.subtotal - b.discount)', 'o.fee_basis_points')}`,
  },
  {
    name: 'I5 a price that is not in the catalogue',
    finds: `
      select l.booking_id as what from booking_items l join bookings b on b.id = l.booking_id
      left join ticket_types t on t.id = l.ticket_type_id and t.event_id = b.resource_id
      left join showtimes s on s.id = b.resource_id
      left join seats seat on seat.layout_id = s.layout_id and seat.label = l.seat_label
      left join showtime_prices p on p.showtime_id = s.id and p.category_id = seat.category_id
      where b.resource_id = any ($1::uuid[]) and l.unit_price is distinct from coalesce(t.price, p.price)`,
  },
  {
    name: "I5 a discount that is not its promo code's",
    finds: `
      select b.id as what from bookings b left join promo_codes p on p.id = b.promo_code_id
      cross join lateral (
        select coalesce(sum(l.quantity * l.unit_price), 0)::bigint as amount from booking_items l
        left join seats on seats.layout_id = coalesce((select layout_id from showtimes where id = b.resource_id),
          (select layout_id from events where id = b.resource_id)) and seats.label = l.seat_label
        left join layout_areas a on a.layout_id = coalesce((select layout_id from showtimes where id = b.resource_id),
          (select layout_id from events where id = b.resource_id)) and a.label = l.area_label
        left join seat_categories c on c.id = coalesce(seats.category_id, a.category_id)
        where l.booking_id = b.id and case
          when p.ticket_type_ids is null and p.categories is null and p.rates is null then true
          when l.ticket_type_id is not null then l.ticket_type_id = any (p.ticket_type_ids)
          when p.categories is null and p.rates is null then false
          else (p.categories is null or c.name = any (p.categories)) and (p.rates is null or l.rate = any (p.rates))
        end) scope
      where b.resource_id = any ($1::uuid[]) and b.discount <> case p.kind
        when 'percent' then ${percentOf('scope.amount', 'p.value')}
        when 'fixed' then least(p.value, scope.amount)
        else 0 end`,
  },
  {
    name: 'I1 a booking of more places than one booking may have',
    finds: `
      select b.id as what from bookings b
      join (select booking_id, ticket_type_id, sum(quantity) as quantity from booking_items group by 1, 2) l
        on l.booking_id = b.id
      left join ticket_types t on t.id = l.ticket_type_id
      left join showtimes s on s.id = b.resource_id
      where b.resource_id = any ($1::uuid[]) and l.quantity > coalesce(t.max_per_booking, s.max_seats_per_booking)`,
  },
  {
    name: 'I1 a customer with more tickets than one customer may have',
    finds: `
      select k.key as what from booking_items l join bookings b on b.id = l.booking_id
      join ticket_types t on t.id = l.ticket_type_id
      cross join lateral (select distinct unnest(b.customer_keys) as key) k
      where b.resource_id = any ($1::uuid[]) and b.status <> 'cancelled'
      group by t.id, k.key having sum(l.quantity) > t.max_per_customer`,
  },
  {
    name: 'I8 a request refused although the tickets were there when its turn came',
    finds: `
      with asked as (
        select q.id, q.resource_id, q.seq, q.state, q.refusal->>'code' as code, s.capacity, t.quantity,
          coalesce(sum(t.quantity) filter (where q.state = 'booked') over (partition by t."ticketTypeId" order by q.seq
            rows between unbounded preceding and 1 preceding), 0) as taken
        from booking_requests q
        cross join lateral jsonb_to_recordset(q.payload->'tickets') as t("ticketTypeId" uuid, quantity int)
        join ticket_type_state s on s.ticket_type_id = t."ticketTypeId"
        where q.resource_id = any ($1::uuid[]))
      select q.id as what from asked q where q.code = 'tickets_unavailable' and ${NOTHING_RELEASED}
      group by q.id having bool_and(q.taken + q.quantity <= q.capacity)`,
  },
  {
    name: 'I8 a request refused for seats that nobody before it had',
    finds: `
      with asked as (
        select q.id, q.resource_id, q.seq, q.refusal->>'code' as code, s.label
        from booking_requests q cross join lateral jsonb_array_elements(q.payload->'seats') as e(seat)
        cross join lateral (select coalesce(e.seat->>'seat', e.seat#>>'{}') as label) s
        where q.resource_id = any ($1::uuid[])
      ), taken as (
        select q.resource_id, l.seat_label as label, min(q.seq) as seq
        from booking_requests q join bookings b on b.request_id = q.id join booking_items l on l.booking_id = b.id
        where q.resource_id = any ($1::uuid[]) and l.seat_label is not null group by 1, 2)
      select q.id as what from asked q left join taken t on t.resource_id = q.resource_id and t.label = q.label
      where q.code = 'seat_unavailable' and ${NOTHING_RELEASED}
      group by q.id, q.seq having coalesce(bool_and(t.seq > q.seq or t.seq is null), true)`,
  },
]
