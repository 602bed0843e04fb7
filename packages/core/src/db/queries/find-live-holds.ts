import type pg from 'pg'
import { run } from '../transaction.ts'

/** A booking request that keeps places from others without having been paid for. */
export interface LiveHold {
  readonly requestId: string
  /** `null` while it waits for its decision. */
  readonly expiresAt: Date | null
}

const FIND = {
  name: 'find-live-holds',
  text: `
    select q.id as "requestId", b.expires_at as "expiresAt"
    from booking_requests q
    left join bookings b on b.id = q.booking_id
    where q.id = any($1::uuid[]) and (q.state = 'queued' or (b.status = 'pending' and b.expires_at > now()))`,
}

/** Those of these requests that wait, or hold places that may still be paid for. */
export async function findLiveHolds(pool: pg.Pool, requestIds: readonly string[]): Promise<LiveHold[]> {
  return run<LiveHold & Record<string, unknown>>(pool, FIND, [requestIds])
}
