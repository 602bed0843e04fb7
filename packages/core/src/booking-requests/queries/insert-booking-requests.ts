import type pg from 'pg'
import { run } from '../../db/transaction.ts'
import type { Submission } from '../../domain/booking-request.ts'
import { bodyHashOf } from '../intake/body-hash.ts'
import { storedKeyOf } from '../intake/stored-key.ts'
import { type LinePace, placeInLine, type RequestView, type StoredRequest } from '../request-view.ts'

/** Inserted row, with the line's progress as the statement saw it. */
interface Inserted extends LinePace {
  readonly id: string
  readonly seq: number
  readonly acceptedAt: Date
}

/*
 * Advancing `lines.next` locks the line's row until the commit, so seq order is commit order over all processes: whoever
 * sees `next = n` sees every row below n that will ever be. The ids are sorted, and joined from this side, so that rows
 * are locked in one order everywhere; all of them are locked before the first request is inserted, which may wait for
 * somebody's key. A key that is known leaves a gap, which the decider passes. Into a line that is being drained nothing is
 * inserted: asked here, it costs no query of its own, and every process knows of it at once. It is the locked row that says
 * so, for that is looked at again after waiting for it; another table would be seen as it was before.
 */
const INSERT = {
  name: 'insert-booking-requests',
  text: `
    with advance as (
      update lines l set next = l.next + w.count
      from unnest($1::uuid[], $2::int[]) as w(id, count)
      where l.resource_id = any (array[w.id]) and not l.draining
      returning l.resource_id as id, l.next - w.count as base, clock_timestamp() as at
    ), incoming as (
      select * from json_to_recordset($3::json) as i(
        ordinal int, id uuid, "resourceId" uuid, owner text, "idempotencyKey" text, "bodyHash" text,
        payload jsonb, "customerKeys" text[])
    ), inserted as (
      insert into booking_requests
        (id, seq, resource_id, owner, idempotency_key, body_hash, payload, customer_keys, accepted_at)
      select i.id, a.base + i.ordinal, i."resourceId", i.owner, i."idempotencyKey", decode(i."bodyHash", 'hex'),
        i.payload, i."customerKeys", a.at
      from incoming i join advance a on a.id = i."resourceId"
      order by i.owner, i."idempotencyKey", i.ordinal
      on conflict (owner, idempotency_key) do nothing
      returning id, resource_id, seq, accepted_at
    )
    select inserted.id, seq, accepted_at as "acceptedAt", s.watermark, s.decided_per_second as "decidedPerSecond"
    from inserted
    cross join lateral (
      select watermark, decided_per_second from resource_state where resource_id = inserted.resource_id offset 0
    ) s`,
}

/**
 * Puts submissions into the lines of their resources, within each in the order given and each under its id, in one
 * autocommit statement, and returns those that were inserted. The others have a known (owner, key), or their line is being
 * drained. Resources must exist.
 * Locks: the lines (by id).
 */
export async function insertBookingRequests(
  pool: pg.Pool,
  requests: readonly { readonly id: string; readonly submission: Submission }[],
): Promise<StoredRequest[]> {
  const written = requests.map(({ id, submission }) => ({
    id,
    submission,
    idempotencyKey: storedKeyOf(submission, id),
    bodyHash: bodyHashOf(submission),
  }))
  const counts = new Map<string, number>()
  const rows = written.map(({ id, submission, idempotencyKey, bodyHash }) => {
    const { resourceId, owner, payload, customerKeys } = submission
    const ordinal = counts.get(resourceId) ?? 0
    counts.set(resourceId, ordinal + 1)
    return { ordinal, id, resourceId, owner, idempotencyKey, bodyHash, payload, customerKeys }
  })
  const ids = [...counts.keys()].sort()
  const inserted = await run<Inserted>(pool, INSERT, [ids, ids.map((id) => counts.get(id)), JSON.stringify(rows)])
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
    return [{ view, owner, idempotencyKey, bodyHash }]
  })
}
