import { run, type Transaction } from '../../db/transaction.ts'

/** Statements that take inventory as `write-decisions` does, for a booking that had given it back. */
const TAKE = {
  name: 'take-inventory',
  text: `
    with item as (
      select seat_label, area_label, ticket_type_id, quantity from booking_items where booking_id = $2
    ), booking as (
      select b.promo_code_id, k.key, p.max_per_customer
      from bookings b
      cross join lateral (select distinct unnest(b.customer_keys) as key) k
      left join promo_codes p on p.id = b.promo_code_id
      where b.id = $2
    ), allocated as (
      insert into seat_allocations (showtime_id, seat_label, booking_id)
      select $1, seat_label, $2 from item where seat_label is not null
    ), sold_in_areas as (
      update area_state s set sold = s.sold + n.count
      from (select area_label as label, sum(quantity)::int as count from item where area_label is not null group by 1) n
      where s.resource_id = $1 and s.label = any (array[n.label])
    ), sold as (
      update ticket_type_state s set sold = s.sold + n.count
      from (select ticket_type_id as id, sum(quantity)::int as count from item
        where ticket_type_id is not null group by 1) n
      where s.ticket_type_id = n.id
    ), sold_to_customers as (
      insert into ticket_type_customers as c (ticket_type_id, customer_key, quantity)
      select i.ticket_type_id, b.key, sum(i.quantity)
      from item i join ticket_types t on t.id = i.ticket_type_id and t.max_per_customer is not null
      cross join booking b
      group by 1, 2
      on conflict (ticket_type_id, customer_key) do update set quantity = c.quantity + excluded.quantity
    ), redeemed as (
      update promo_code_state s set redeemed = s.redeemed + 1,
        tickets = s.tickets + (select promo_tickets from bookings where id = $2)
      where s.promo_code_id = (select promo_code_id from bookings where id = $2)
    ), redeemed_by_customers as (
      insert into promo_code_customers as c (promo_code_id, customer_key, redeemed)
      select promo_code_id, key, 1 from booking where max_per_customer is not null
      on conflict (promo_code_id, customer_key) do update set redeemed = c.redeemed + 1
    )
    update resource_state set version = version + 1, changed_at = clock_timestamp() where resource_id = $1 returning version`,
}

/**
 * Takes the seats or tickets and the promo code redemption of a booking again. The caller has made sure under the locks
 * of the resource and the promo code that they are free. Returns the resource's new version.
 */
export async function takeInventory(tx: Transaction, resourceId: string, bookingId: string): Promise<number> {
  const [row] = await run<{ version: number }>(tx.client, TAKE, [resourceId, bookingId])
  if (row === undefined) throw new Error(`resource ${resourceId} has no state`)
  return row.version
}
