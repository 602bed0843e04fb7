/**
 * Refusing one waiting request by its id, by those who run the service.
 *
 * Keeps: I2 and I3 (the one outcome of the request, in one commit), I7 (the refusal's audit row and outgoing event, and an
 * audit row that says who did it and why), I8 (nobody else's place changes: the decider passes over it).
 * Locks: the line → the idempotency key. It waits for the batch in hand, so that the request is decided only once.
 *
 * The tempting wrong way is to update the row alone: the batch that has read it would then find one row too few, and fail.
 */
import type { Database } from '../db/connect.ts'
import { findPlaceInLine } from './queries/find-place-in-line.ts'
import { lockLines } from './queries/lock-lines.ts'
import { readClock } from '../db/read-clock.ts'
import { insertOperatorRecord } from '../records/queries/insert-operator-record.ts'
import { type DecisionRows, writeDecisions } from './queries/write-decisions.ts'
import { inTransaction } from '../db/transaction.ts'
import { PAYLOAD_VERSION, type Signal } from '../queue/payloads.ts'
import { REFUSED_BY_OPERATOR } from './deciding/decide-batch.ts'
import { type KeyedRequest, makeOnce } from '../use-case/idempotency.ts'
import { newId } from '../runtime/new-id.ts'
import { notFound, Problem } from '../use-case/problem.ts'

export interface RefuseRequest {
  readonly bookingRequestId: string
  readonly reason: string
  readonly actor: string
  readonly requestId: string
  readonly keyed: KeyedRequest | null
}

export interface RefuseRequestDependencies {
  readonly database: Database
  /** Notifies the API processes. Must not throw; called after the commit and not waited for. */
  readonly announce: (signal: Signal) => void
}

/** Refuses a waiting request with `internal_error`. Throws Problem `not_found`, and `already_decided` where it is. */
export async function refuseRequest(
  { database, announce }: RefuseRequestDependencies,
  { bookingRequestId, reason, actor, requestId, keyed }: RefuseRequest,
): Promise<{ readonly replayed: boolean }> {
  let signal: Signal | null = null
  const made = await inTransaction(database, async (tx) => {
    const known = await findPlaceInLine(tx, bookingRequestId)
    const [line] = known === null ? [] : await lockLines(tx, [known.resourceId], 'wait')
    if (line === undefined) throw notFound('booking request')
    return makeOnce(tx, keyed, async () => {
      // Read again: it may have been decided while this waited for the line.
      const place = await findPlaceInLine(tx, bookingRequestId)
      if (place?.state !== 'queued') {
        throw new Problem('already_decided', { detail: 'The request is decided, and its outcome never changes.' })
      }
      const decidedAt = new Date(Math.ceil(Math.max(await readClock(tx), line.decidedAt))).toISOString()
      await writeDecisions(tx, [line], decidedAt, refusalRows(bookingRequestId))
      await insertOperatorRecord(tx, {
        id: newId(),
        actor,
        action: 'booking_request.refused_by_operator',
        entity: 'booking_request',
        entityId: bookingRequestId,
        after: { reason },
        requestId,
      })
      const { refusal } = REFUSED_BY_OPERATOR
      const outcome = { id: bookingRequestId, state: 'refused', decidedAt, booking: null, refusal } as const
      signal = {
        v: PAYLOAD_VERSION,
        lines: [{ id: line.id, watermark: line.watermark }],
        outcomes: [outcome],
        versions: {},
      }
      return bookingRequestId
    })
  })
  if (signal !== null) announce(signal)
  return made
}

function refusalRows(id: string): DecisionRows {
  const { refusal } = REFUSED_BY_OPERATOR
  return {
    outcomes: [{ id, recordId: newId(), confirmedRecordId: null, refusal, booking: null }],
    items: [],
    sold: [],
    redeemed: [],
    soldToCustomers: [],
    redeemedByCustomers: [],
    changedResources: [],
  }
}
