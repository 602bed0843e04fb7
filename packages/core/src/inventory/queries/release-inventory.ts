import { run, type Transaction } from '../../db/transaction.ts'

/*
 * The mirror image of what `write-decisions` takes. A seat goes back only where it is allocated to one of these bookings:
 * should it have been lost before, somebody else's stays. Counters per customer are kept only where there is a limit: those
 * of others may be about to be counted (`count-customers`). Seats are looked up as one array, and counters by `= any (array[…])`:
 * with a join, a plan that was made while there were few walks through all seats of the house.
 */
const RELEASE = {
  name: 'release-inventory',
  text: `
    with item as (
      select w.id as booking_id, i.seat_label, i.area_label, i.ticket_type_id, i.quantity
      from unnest($2::uuid[]) as w(id)
      cross join lateral (select * from booking_items where booking_id = w.id offset 0) i
    ), booking as (
      select b.id, b.promo_code_id, b.promo_tickets, b.customer_keys
      from unnest($2::uuid[]) as w(id) cross join lateral (select * from bookings where id = w.id offset 0) b
    ), freed as (
      delete from seat_allocations a
      where a.showtime_id = $1 and a.seat_label = any (array(select seat_label from item where seat_label is not null))
        and a.booking_id = any ($2)
      returning 1
    ), unsold_in_areas as (
      update area_state s set sold = s.sold - n.count
      from (select area_label as label, sum(quantity)::int as count from item where area_label is not null group by 1) n
      where s.resource_id = $1 and s.label = any (array[n.label])
    ), unsold as (
      update ticket_type_state s set sold = s.sold - n.count
      from (select ticket_type_id as id, sum(quantity)::int as count from item
        where ticket_type_id is not null group by 1) n
      where s.ticket_type_id = any (array[n.id])
    ), unsold_to_customers as (
      update ticket_type_customers c set quantity = greatest(0, c.quantity - n.count)
      from (select i.ticket_type_id as id, k.key, sum(i.quantity)::int as count
        from item i join booking b on b.id = i.booking_id
        cross join lateral (select from ticket_types
          where id = i.ticket_type_id and max_per_customer is not null offset 0) t
        cross join lateral (select distinct unnest(b.customer_keys) as key) k
        group by 1, 2) n
      where c.ticket_type_id = any (array[n.id]) and c.customer_key = n.key
    ), unredeemed as (
      update promo_code_state s set redeemed = s.redeemed - n.count, tickets = s.tickets - n.tickets
      from (select promo_code_id as id, count(*)::int as count, sum(promo_tickets)::int as tickets from booking
        where promo_code_id is not null group by 1) n
      where s.promo_code_id = any (array[n.id])
    ), unredeemed_by_customers as (
      update promo_code_customers c set redeemed = greatest(0, c.redeemed - n.count)
      from (select b.promo_code_id as id, k.key, count(*)::int as count
        from booking b
        cross join lateral (select from promo_codes
          where id = b.promo_code_id and max_per_customer is not null offset 0) p
        cross join lateral (select distinct unnest(b.customer_keys) as key) k
        group by 1, 2) n
      where c.promo_code_id = any (array[n.id]) and c.customer_key = n.key
    )
    update resource_state set version = version + 1, changed_at = clock_timestamp() where resource_id = $1
    returning version, (select count(*)::int from freed) as freed,
      (select count(*)::int from item where seat_label is not null) as seats`,
}

/**
 * Gives back the seats or tickets and the promo code redemptions of live bookings of one resource (I6). Needs the locks
 * of the resource, of the promo codes and of the bookings, and must go together with ending these bookings. Returns the
 * resource's new version.
 */
export async function releaseInventory(
  tx: Transaction,
  resourceId: string,
  bookingIds: readonly string[],
): Promise<number> {
  const [row] = await run<{ version: number; freed: number; seats: number }>(tx.client, RELEASE, [
    resourceId,
    bookingIds,
  ])
  if (row === undefined) throw new Error(`resource ${resourceId} has no state`)
  if (row.freed !== row.seats) throw new Error(`${row.seats} seats to release, but ${row.freed} were allocated`)
  return row.version
}
