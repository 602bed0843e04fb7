import type pg from 'pg'
import { run } from '../../db/transaction.ts'
import type { Submission } from '../../domain/booking-request.ts'
import { bodyHashOf } from '../intake/body-hash.ts'
import { storedKeyOf } from '../intake/stored-key.ts'
import { type LinePace, placeInLine, type RequestView, type StoredRequest } from '../request-view.ts'

/** Inserted row, with the lane's progress as the statement saw it. */
interface Inserted extends LinePace {
  readonly id: string
  readonly seq: number
  readonly acceptedAt: Date
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
 * Puts submissions into a lane in the order given, each under its id, in one autocommit statement, and returns those
 * that were inserted. The others have a known (owner, key), or their resource is not in this lane, or the lane is being
 * drained or has lost its rows.
 * Locks: the lane's intake row, then the resources (KEY SHARE).
 */
export async function insertBookingRequests(
  pool: pg.Pool,
  lane: number,
  requests: readonly { readonly id: string; readonly submission: Submission }[],
): Promise<StoredRequest[]> {
  const written = requests.map(({ id, submission }) => ({
    id,
    submission,
    idempotencyKey: storedKeyOf(submission, id),
    bodyHash: bodyHashOf(submission),
  }))
  const rows = written.map(({ id, submission, idempotencyKey, bodyHash }, ordinal) => {
    const { resourceId, owner, payload, customerKeys } = submission
    return { ordinal, id, resourceId, owner, idempotencyKey, bodyHash, payload, customerKeys }
  })
  const inserted = await run<Inserted>(pool, INSERT, [lane, rows.length, JSON.stringify(rows)])
  const insertedById = new Map(inserted.map((row) => [row.id, row]))
  return written.flatMap(({ id, submission, idempotencyKey, bodyHash }) => {
    const row = insertedById.get(id)
    if (row === undefined) return []
    const { kind, resourceId, owner } = submission
    const view: RequestView = {
      id,
      state: 'queued',
      resource: { type: kind, id: resourceId },
      seq: row.seq,
      ...placeInLine(row.seq, row),
      acceptedAt: row.acceptedAt.toISOString(),
      decidedAt: null,
      booking: null,
      refusal: null,
    }
    return [{ view, lane, owner, idempotencyKey, bodyHash }]
  })
}
