import type pg from 'pg'
import type { RequestPayload } from '../../db/schema/line.ts'
import { run } from '../../db/transaction.ts'

/** One row on its way into a lane. `bodyHash` is a hex SHA-256. */
export interface IncomingRequest {
  readonly id: string
  readonly resourceId: string
  readonly owner: string
  readonly idempotencyKey: string
  readonly bodyHash: string
  readonly payload: RequestPayload
  readonly customerKeys: readonly string[]
}

export interface InsertedRequest {
  readonly id: string
  readonly seq: number
  readonly acceptedAt: Date
  /** State of the lane as this statement saw it. */
  readonly watermark: number
  readonly decidedPerSecond: number
}

/*
 * Advancing `lane_intake.next` locks its row until the commit, so seq order is commit order over all processes: whoever
 * sees `next = n` sees every row below n that will ever be. A row whose resource moved to another lane meanwhile is not
 * inserted (FOR KEY SHARE looks again), nor is one whose key is known; both leave a gap, which the decider skips. Into a
 * lane without a row in `lanes`, which nobody would decide, nothing is inserted, nor into one that is being drained:
 * asked here, it costs no query of its own, and every process knows of it at once. It is the locked row that says so, for
 * that is looked at again after waiting for it; another table would be seen as it was before.
 */
const INSERT = {
  name: 'insert-booking-requests',
  text: `
    with advance as (
      update lane_intake set next = next + $2 where lane = $1 and not draining and exists (select from lanes where id = $1)
      returning next - $2 as base, clock_timestamp() as at
    ), incoming as (
      select * from json_to_recordset($3::json) as i(
        ordinal int, id uuid, "resourceId" uuid, owner text, "idempotencyKey" text, "bodyHash" text,
        payload jsonb, "customerKeys" text[])
    ), inserted as (
      insert into booking_requests
        (id, lane, seq, resource_id, owner, idempotency_key, body_hash, payload, customer_keys, accepted_at)
      select i.id, $1, a.base + i.ordinal, i."resourceId", i.owner, i."idempotencyKey", decode(i."bodyHash", 'hex'),
        i.payload, i."customerKeys", a.at
      from advance a, incoming i
      cross join lateral (
        select from resources r where r.id = i."resourceId" and r.lane = $1 offset 0 for key share
      ) still_here
      order by i.owner, i."idempotencyKey", i.ordinal
      on conflict (owner, idempotency_key) do nothing
      returning id, seq, accepted_at
    )
    select inserted.id, seq, accepted_at as "acceptedAt", l.watermark, l.decided_per_second as "decidedPerSecond"
    from inserted, lanes l where l.id = $1`,
}

/**
 * Puts requests into a lane in the order given, in one autocommit statement, and returns those that were inserted.
 * The others have a known (owner, key), or their resource is not in this lane, or the lane is being drained or has
 * lost its rows.
 * Locks: the lane's intake row, then the resources (KEY SHARE).
 */
export async function insertBookingRequests(
  pool: pg.Pool,
  lane: number,
  requests: readonly IncomingRequest[],
): Promise<InsertedRequest[]> {
  const rows = requests.map((request, ordinal) => ({ ordinal, ...request }))
  return run<InsertedRequest>(pool, INSERT, [lane, requests.length, JSON.stringify(rows)])
}
