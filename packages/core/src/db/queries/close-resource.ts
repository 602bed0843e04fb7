import { run, type Transaction } from '../transaction.ts'

const LOCK = {
  name: 'lock-finished-bookings',
  text: `
    select id from bookings where resource_id = $1 and status = 'confirmed'
      and not exists (select from resource_cancellations where resource_id = $1 and finished_at is null)
    order by id limit $2 for no key update`,
}

const CLOSE = {
  name: 'close-resource',
  text: `
    update resource_state set closed_at = clock_timestamp()
    where resource_id = $1
      and not exists (select from bookings where resource_id = $1 and status in ('pending', 'confirmed'))
    returning 1 as closed`,
}

/** Locks confirmed bookings of a resource, in id order, at most `limit`. */
export async function lockConfirmedBookings(tx: Transaction, resourceId: string, limit: number): Promise<string[]> {
  const rows = await run<{ id: string }>(tx.client, LOCK, [resourceId, limit])
  return rows.map(({ id }) => id)
}

const ATTENDED = {
  name: 'read-attended-bookings',
  text: `select distinct booking_id as id from tickets where booking_id = any($1::uuid[]) and status = 'checked_in'`,
}

/** Those of these bookings of which a ticket was used. */
export async function readAttended(tx: Transaction, bookingIds: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await run<{ id: string }>(tx.client, ATTENDED, [bookingIds])
  return new Set(rows.map(({ id }) => id))
}

/** Marks a resource as closed unless a booking of it is still open. */
export async function closeResource(tx: Transaction, resourceId: string): Promise<boolean> {
  return (await run(tx.client, CLOSE, [resourceId])).length > 0
}
