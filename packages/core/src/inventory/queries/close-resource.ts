import { run, type Transaction } from '../../db/transaction.ts'

const BEGIN = {
  name: 'begin-closing',
  text: `
    update resource_state set closing_at = coalesce(closing_at, clock_timestamp())
    where resource_id = $1
      and not exists (select from resource_cancellations where resource_id = $1 and finished_at is null)
    returning 1 as closing`,
}

const LOCK = {
  name: 'lock-finished-bookings',
  text: `
    select b.id from bookings b
    where b.resource_id = $1 and b.status = 'confirmed'
      and not exists (select from setbacks f where f.kind = 'closing' and f.subject_id = b.id
        and (f.retry_at is null or f.retry_at > now()))
    order by b.id limit $2 for no key update of b`,
}

const CLOSE = {
  name: 'close-resource',
  text: `
    update resource_state set closed_at = clock_timestamp()
    where resource_id = $1
      and not exists (select from bookings where resource_id = $1 and status in ('pending', 'confirmed'))
      and not exists (
        select from booking_requests q where q.resource_id = $1 and q.seq > resource_state.watermark)
    returning 1 as closed`,
}

/**
 * Marks that the bookings of a resource are being closed; from then on it can no longer be cancelled. `false` where it is
 * being cancelled. Needs the lock of its state, taken by a statement of its own, so that this one sees what is.
 */
export async function beginClosing(tx: Transaction, resourceId: string): Promise<boolean> {
  return (await run(tx.client, BEGIN, [resourceId])).length > 0
}

/** Locks confirmed bookings of a resource, in id order, at most `limit`, but for those that are set aside. */
export async function lockConfirmedBookings(tx: Transaction, resourceId: string, limit: number): Promise<string[]> {
  const rows = await run<{ id: string }>(tx.client, LOCK, [resourceId, limit])
  return rows.map(({ id }) => id)
}

const ATTENDED = {
  name: 'read-attended-bookings',
  text: `select distinct booking_id as id from tickets where booking_id = any($1::uuid[]) and status = 'checked_in'`,
}

/** Returns those of these bookings of which a ticket was used. */
export async function readAttended(tx: Transaction, bookingIds: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await run<{ id: string }>(tx.client, ATTENDED, [bookingIds])
  return new Set(rows.map(({ id }) => id))
}

/**
 * Marks a resource as closed unless a booking of it is still open, or somebody waits in line for one. Needs the lock of
 * its state, taken by a statement of its own.
 */
export async function closeResource(tx: Transaction, resourceId: string): Promise<boolean> {
  return (await run(tx.client, CLOSE, [resourceId])).length > 0
}
