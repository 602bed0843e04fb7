import type { Check } from '../check.ts'

/** I1 and I6: what is counted and allocated is what live bookings hold. Holds at any moment. */
export const INVENTORY_CHECKS: readonly Check[] = [
  {
    name: 'I1 a seat of two live bookings',
    finds: `
      select l.seat_label as what from booking_items l join bookings b on b.id = l.booking_id
      where b.status <> 'cancelled' and l.seat_label is not null
      group by b.resource_id, l.seat_label having count(*) > 1`,
  },
  {
    name: 'I1 oversold',
    finds: 'select ticket_type_id as what from ticket_type_state where sold > capacity',
  },
  {
    name: 'I1 a promo code redeemed more often than it may be',
    finds: 'select promo_code_id as what from promo_code_state where redeemed > max_redemptions',
  },
  {
    name: 'I1 a promo code used for more places than it is good for',
    finds: 'select promo_code_id as what from promo_code_state where tickets > max_tickets',
  },
  {
    name: 'I1 an oversold quota',
    finds: `
      select e.id || ' ' || (q.quota->>'name') as what
      from events e cross join lateral jsonb_array_elements(e.quotas) as q(quota)
      join ticket_types t on t.event_id = e.id and q.quota->'ticketTypeIds' ? t.id::text
      join ticket_type_state s on s.ticket_type_id = t.id
      group by e.id, q.quota having sum(s.sold) > (q.quota->>'capacity')::int`,
  },
  {
    name: 'I6 a seat that a live booking has lost, or a dead one kept',
    finds: `
      select coalesce(held.seat_label, kept.seat_label) as what
      from (select b.id, b.resource_id, l.seat_label from booking_items l join bookings b on b.id = l.booking_id
        where b.status <> 'cancelled' and l.seat_label is not null) held
      full join (select * from seat_allocations where block_id is null) kept
        on kept.showtime_id = held.resource_id and kept.seat_label = held.seat_label and kept.booking_id = held.id
      where held.id is null or kept.booking_id is null`,
  },
  {
    name: 'I6 a count of sold tickets',
    finds: `
      select s.ticket_type_id as what from ticket_type_state s
      left join (select l.ticket_type_id, sum(l.quantity) as live from booking_items l
        join bookings b on b.id = l.booking_id where b.status <> 'cancelled' group by 1) n using (ticket_type_id)
      where s.sold <> coalesce(n.live, 0)`,
  },
  {
    name: 'I6 a count of places of an area',
    finds: `
      select coalesce(s.label, n.label) as what from area_state s
      full join (select b.resource_id, l.area_label as label, sum(l.quantity) as live from booking_items l
        join bookings b on b.id = l.booking_id where b.status <> 'cancelled' and l.area_label is not null group by 1, 2) n
        using (resource_id, label)
      left join (select b.resource_id, a.label, sum(a.quantity) as quantity
        from block_areas a join blocks b on b.id = a.block_id group by 1, 2) k using (resource_id, label)
      where coalesce(s.sold, 0) <> coalesce(n.live, 0) or coalesce(s.kept, 0) <> coalesce(k.quantity, 0)`,
  },
  {
    name: 'I6 a count of tickets per customer',
    finds: `
      with live as (
        select l.ticket_type_id, k.key as customer_key, sum(l.quantity) as quantity
        from booking_items l join bookings b on b.id = l.booking_id
        join ticket_types t on t.id = l.ticket_type_id and t.max_per_customer is not null
        cross join lateral (select distinct unnest(b.customer_keys) as key) k
        where b.status <> 'cancelled' group by 1, 2)
      select c.customer_key as what
      from (select c.* from ticket_type_customers c
        join ticket_types t on t.id = c.ticket_type_id and t.max_per_customer is not null) c
      full join live using (ticket_type_id, customer_key)
      where coalesce(c.quantity, 0) <> coalesce(live.quantity, 0)`,
  },
  {
    name: 'I6 a count of redemptions',
    finds: `
      select s.promo_code_id as what from promo_code_state s
      left join (select promo_code_id, count(*) as live from bookings
        where status <> 'cancelled' group by 1) n using (promo_code_id)
      where s.redeemed <> coalesce(n.live, 0)`,
  },
  {
    name: 'I6 a count of the places of a promo code',
    finds: `
      select s.promo_code_id as what from promo_code_state s
      left join (select promo_code_id, sum(promo_tickets) as live from bookings
        where status <> 'cancelled' group by 1) n using (promo_code_id)
      where s.tickets <> coalesce(n.live, 0)`,
  },
  {
    name: 'I6 a count of redemptions per customer',
    finds: `
      with live as (
        select b.promo_code_id, k.key as customer_key, count(*) as redeemed
        from bookings b join promo_codes p on p.id = b.promo_code_id and p.max_per_customer is not null
        cross join lateral (select distinct unnest(b.customer_keys) as key) k
        where b.status <> 'cancelled' group by 1, 2)
      select c.customer_key as what
      from (select c.* from promo_code_customers c
        join promo_codes p on p.id = c.promo_code_id and p.max_per_customer is not null) c
      full join live using (promo_code_id, customer_key)
      where coalesce(c.redeemed, 0) <> coalesce(live.redeemed, 0)`,
  },
  {
    name: 'I6 a booking that was confirmed, and whose tickets are not those of its items, or one that has some too early',
    finds: `
      with item as (
        select i.booking_id, i.seat_label, i.ticket_type_id, sum(i.quantity) as quantity
        from booking_items i join bookings b on b.id = i.booking_id and b.confirmed_at is not null group by 1, 2, 3
      ), ticket as (
        select booking_id, seat_label, ticket_type_id, count(*) as quantity from tickets group by 1, 2, 3)
      select coalesce(l.booking_id, t.booking_id) as what
      from (select *, coalesce(seat_label, ticket_type_id::text) as place from item) l
      full join (select *, coalesce(seat_label, ticket_type_id::text) as place from ticket) t using (booking_id, place)
      where l.quantity is distinct from t.quantity
      union all
      select b.id from bookings b where not exists (select from booking_items l where l.booking_id = b.id)`,
  },
  {
    name: 'I6 a void ticket of a live booking, or a valid one of a dead one',
    finds: `
      select t.id as what from tickets t join bookings b on b.id = t.booking_id
      where case when b.status = 'cancelled' then t.status = 'issued' else t.status = 'void' end`,
  },
  {
    name: 'I6 a ticket admitted twice, or admitted and not marked',
    finds: `
      select t.id as what from tickets t left join check_ins c on c.ticket_id = t.id and c.result = 'admitted'
      group by t.id having count(c.*) > 1 or (count(c.*) > 0) <> (t.status = 'checked_in')`,
  },
]
