import type pg from 'pg'
import { run } from '../../db/transaction.ts'

const READ = {
  name: 'is-kept-for-buyer',
  text: `
    select coalesce((q.payload->>'holdUntil')::timestamptz > clock_timestamp(), false) as kept
    from bookings b cross join lateral (select payload from booking_requests where id = b.request_id offset 0) q
    where b.id = $1`,
}

/**
 * Returns whether staff keep the places of a booking until a time that is still ahead. A payment that fails, or a page that
 * closes after a day, does not end what was promised until Friday: the buyer may pay again. Time that a payment under way has
 * added does not count: it has failed.
 */
export async function isKeptForBuyer(executor: pg.PoolClient, bookingId: string): Promise<boolean> {
  const [row] = await run<{ kept: boolean }>(executor, READ, [bookingId])
  return row?.kept ?? false
}
