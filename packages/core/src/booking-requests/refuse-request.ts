/**
 * Refusing one waiting request by its id, out of its turn: by those who run the service, or by whoever made it and wants
 * to leave the line.
 *
 * Keeps: I2 and I3 (the one outcome of the request, in one commit), I7 (the refusal's audit row and outgoing event; an
 * operator's reason in an audit row besides), I8 (nobody else's place changes: the decider passes over it).
 * Locks: the line → the idempotency key. It waits for the batch in hand, so that the request is decided only once.
 *
 * The tempting wrong way is to update the row alone: the batch that has read it would then find one row too few, and fail.
 */
import type { Database } from '../db/connect.ts'
import { findPlaceInLine, type PlaceInLine } from './queries/find-place-in-line.ts'
import { type LockedLine, lockLines } from './queries/lock-lines.ts'
import { readClock } from '../db/read-clock.ts'
import type { Refusal } from '../domain/refusals/refusal.ts'
import { insertOperatorRecord } from '../records/queries/insert-operator-record.ts'
import { type DecisionRows, writeDecisions } from './queries/write-decisions.ts'
import { inTransaction, type Transaction } from '../db/transaction.ts'
import { PAYLOAD_VERSION, type Signal } from '../queue/payloads.ts'
import { REFUSED_BY_OPERATOR, WITHDRAWN } from './deciding/decide-batch.ts'
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
    const line = await lockLineOf(tx, bookingRequestId)
    return makeOnce(tx, keyed, async () => {
      const place = await findPlaceInLine(tx, bookingRequestId)
      if (place?.state !== 'queued') throw alreadyDecided()
      signal = await refuseWaiting(tx, line, bookingRequestId, REFUSED_BY_OPERATOR.refusal)
      await insertOperatorRecord(tx, {
        id: newId(),
        actor,
        action: 'booking_request.refused_by_operator',
        entity: 'booking_request',
        entityId: bookingRequestId,
        after: { reason },
        requestId,
      })
      return bookingRequestId
    })
  })
  if (signal !== null) announce(signal)
  return made
}

/**
 * Withdraws a waiting request: it is refused with `withdrawn`. Does nothing where it was withdrawn before. Waits for its
 * line's lock, so a crowd that leaves is to come one by one (`resource-turns.ts`).
 *
 * @throws Problem `not_found`, and `already_decided` for one that was decided otherwise
 */
export async function withdrawRequest(
  { database, announce }: RefuseRequestDependencies,
  bookingRequestId: string,
): Promise<void> {
  const signal = await inTransaction(database, async (tx) => {
    // Looked at before the lock, too: what is decided stays so, and need not wait for the line.
    if (isWithdrawn(await findPlaceInLine(tx, bookingRequestId))) return null
    const line = await lockLineOf(tx, bookingRequestId)
    if (isWithdrawn(await findPlaceInLine(tx, bookingRequestId))) return null
    return refuseWaiting(tx, line, bookingRequestId, WITHDRAWN.refusal)
  })
  if (signal !== null) announce(signal)
}

/** Returns whether a request was withdrawn; `false` while it waits. Throws Problem `already_decided` for any other outcome. */
function isWithdrawn(place: PlaceInLine | null): boolean {
  if (place === null || place.state === 'queued') return false
  if (place.refusalCode !== 'withdrawn') throw alreadyDecided()
  return true
}

const alreadyDecided = () =>
  new Problem('already_decided', { detail: 'The request is decided, and its outcome never changes.' })

/** Locks the line in which a request is; its state has to be read after this. Throws Problem `not_found`. */
async function lockLineOf(tx: Transaction, bookingRequestId: string): Promise<LockedLine> {
  const known = await findPlaceInLine(tx, bookingRequestId)
  const [line] = known === null ? [] : await lockLines(tx, [known.resourceId], 'wait')
  if (line === undefined) throw notFound('booking request')
  return line
}

/** Refuses a request that waits in a locked line. Returns the signal to be sent after the commit. */
async function refuseWaiting(tx: Transaction, line: LockedLine, id: string, refusal: Refusal): Promise<Signal> {
  const decidedAt = new Date(Math.ceil(Math.max(await readClock(tx), line.decidedAt))).toISOString()
  const { decided } = await writeDecisions(tx, [line], decidedAt, refusalRows(id, refusal))
  if (decided !== 1) throw new Error(`request ${id} was decided by somebody who did not hold its line`)
  return {
    v: PAYLOAD_VERSION,
    lines: [{ id: line.id, watermark: line.watermark }],
    outcomes: [{ id, state: 'refused', decidedAt, booking: null, refusal }],
    early: [id],
    versions: {},
  }
}

function refusalRows(id: string, refusal: Refusal): DecisionRows {
  return {
    outcomes: [{ id, recordId: newId(), confirmedRecordId: null, refusal, wish: null, booking: null }],
    items: [],
    sold: [],
    soldInAreas: [],
    redeemed: [],
    soldToCustomers: [],
    redeemedByCustomers: [],
    changedResources: [],
  }
}
