import type pg from 'pg'
import { run } from '../../db/transaction.ts'

/** A booking request that keeps places from others without having been paid for, or that got them for nothing. */
export interface LiveHold {
  readonly requestId: string
  /** Time from which it no longer counts; `null` while it waits for its decision. */
  readonly expiresAt: Date | null
}

const FIND = {
  name: 'find-live-holds',
  text: `
    select q.id as "requestId",
      case when b.total = 0 then b.created_at + $2 * interval '1 millisecond' else b.expires_at end as "expiresAt"
    from booking_requests q
    left join bookings b on b.id = q.booking_id
    where q.id = any($1::uuid[]) and (q.state = 'queued' or (b.status = 'pending' and b.expires_at > now())
      or (b.total = 0 and b.cancel_reason is distinct from 'organizer' and b.created_at + $2 * interval '1 millisecond' > now()))`,
}

/**
 * Returns those of these requests that wait, hold places that may still be paid for, or got free ones within
 * `freeCountsMs`.
 */
export async function findLiveHolds(
  pool: pg.Pool,
  requestIds: readonly string[],
  freeCountsMs: number,
): Promise<LiveHold[]> {
  return run<LiveHold & Record<string, unknown>>(pool, FIND, [requestIds, freeCountsMs])
}
