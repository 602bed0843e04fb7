/**
 * Deciding a lane: the next waiting requests, in `seq` order, in one transaction.
 *
 * Keeps: I1 (no seat or ticket sold twice), I2 and I3 (each request exactly one outcome, with everything it means in the
 * same commit), I7 (audit and outgoing event in it too), I8 (order), I10 (a batch is bounded by requests and by places;
 * one that is too heavy becomes smaller, and a request that is too heavy alone is refused).
 * Locks, in this order: lane → resources' state (by id) → promo codes (by id).
 *
 * The tempting wrong way is to decide the job's requests. Jobs get lost, repeated and reordered; rows do not. A job only
 * says that there is something to do.
 */
import type { Database } from '../../db/connect.ts'
import { lockInventoryFor } from '../../inventory/queries/lock-inventory.ts'
import { lockLane, lockLaneIfFree, type LockedLane } from '../queries/lock-lane.ts'
import { readClock } from '../../db/read-clock.ts'
import { readSnapshot, UnreadableRowError } from '../../inventory/queries/read-snapshot.ts'
import { readUndecided, type UndecidedRequest } from '../queries/read-undecided.ts'
import { type OutcomeRow, type Versions, writeDecisions, writeWatermark } from '../queries/write-decisions.ts'
import { setStatementTimeout } from '../../db/set-statement-timeout.ts'
import { isBadRow, isTooHeavy, violatedConstraint } from '../../db/sql-errors.ts'
import { inSavepoint, inTransaction, type Transaction } from '../../db/transaction.ts'
import { countWithin, placesOf } from '../../domain/places.ts'
import type { Snapshot } from '../../domain/snapshot.ts'
import type { Logger } from '../../runtime/logger.ts'
import type { DecidedRequest } from '../../queue/payloads.ts'
import type { BatchSizes, Turn } from './batch-sizes.ts'
import { type Decided, decideBatch, INTERNAL_ERROR } from './decide-batch.ts'
import { type DecidingObserver, UNOBSERVED } from './deciding-observer.ts'
import { decisionRows } from './decision-rows.ts'
import { LaneMissingError } from '../lanes/lane-missing-error.ts'

/** Batches fail together on a reference that exists already (once in thousands); each try draws all anew. */
const MAX_REFERENCE_TRIES = 5

/**
 * A lane's time never falls behind its last decision, but by a clock that was corrected by more than this: otherwise one
 * jump forward would date bookings, and lengthen holds, until the clock had caught up.
 */
const MAX_CLOCK_CORRECTION_MS = 5_000

export interface DecideDependencies {
  readonly database: Database
  readonly logger: Logger
  readonly drawReference: () => string
  /** Shared by everybody who decides in this process. */
  readonly sizes: BatchSizes
  readonly observer?: DecidingObserver
}

/** What one committed batch did. */
export interface LaneBatch {
  readonly lane: number
  readonly watermark: number
  readonly outcomes: readonly DecidedRequest[]
  readonly versions: Versions
  /** There may be more to decide right away. */
  readonly full: boolean
}

/**
 * Decides the next batch of a lane. `null` when the lane is paused or, with `ifFree`, when somebody else is deciding it.
 * Throws `LaneMissingError`; PostgreSQL's transient errors are thrown for the caller to try again: nothing was decided.
 */
export async function decideNextBatch(
  { database, logger, drawReference, sizes, observer = UNOBSERVED }: DecideDependencies,
  laneId: number,
  mode: 'wait' | 'ifFree',
): Promise<LaneBatch | null> {
  const facts = { from: 0, lockedAt: 0, writtenAt: 0 }
  let inHand: readonly UndecidedRequest[] = []
  const decide = async (tx: Transaction): Promise<LaneBatch | null> => {
    const lane = mode === 'wait' ? await lockLane(tx, laneId) : await lockLaneIfFree(tx, laneId)
    if (lane === null) {
      if (mode === 'wait') throw new LaneMissingError(laneId)
      return null
    }
    if (lane.paused) return null

    const startedAt = performance.now()
    const { requests, watermark, full } = await takeBatch(tx, lane, sizes)
    inHand = requests
    if (requests.length === 0) {
      if (watermark > lane.watermark) await writeWatermark(tx, laneId, watermark)
      return { lane: laneId, watermark, outcomes: [], versions: {}, full }
    }

    const turn = turnOf(sizes, laneId, requests)
    if (turn === 'last') await setStatementTimeout(tx, sizes.lastTryTimeoutMs)
    const lockedPromoCodes = await lockInventoryFor(tx, requests)
    const context = { tx, logger, drawReference, lane, lockedPromoCodes, startedAt, taken: requests.length, turn }
    const written = await decideAndWrite(context, requests, watermark)
    Object.assign(facts, { from: requests[0]?.seq, lockedAt: startedAt, writtenAt: performance.now() })
    return { lane: laneId, watermark, full, ...written }
  }

  const batch = await inTransaction(database, decide).catch((error: unknown) => {
    if (inHand.length > 0 && isTooHeavy(error)) {
      const requestIds = inHand.map(({ id }) => id)
      sizes.onTooHeavy(laneId, requestIds)
      observer.onTooHeavy()
      logger.warn({ lane: laneId, requests: inHand.length, next: sizes.of(laneId) }, 'a batch was too heavy')
    }
    throw error
  })
  if (inHand.length > 0) sizes.onDone(laneId, inHand.length)
  if (batch !== null && batch.outcomes.length > 0) {
    const { from, lockedAt, writtenAt } = facts
    const { watermark, outcomes } = batch
    observer.onBatch({ decideMs: writtenAt - lockedAt, commitMs: performance.now() - writtenAt, outcomes })
    logger.debug({ lane: laneId, from, to: watermark, decided: outcomes.length }, 'batch decided')
  }
  return batch
}

interface TakenBatch {
  readonly requests: readonly UndecidedRequest[]
  /** The lane's watermark once they are decided. */
  readonly watermark: number
  /** There may be more. */
  readonly full: boolean
}

/** Takes what waits above the watermark, as far as the batch has room for its requests and their places. */
async function takeBatch(tx: Transaction, { id, watermark }: LockedLane, sizes: BatchSizes): Promise<TakenBatch> {
  const { next, requests, full, last } = await readUndecided(tx, id, watermark, sizes.of(id))
  const places = requests.map(({ selection }) => placesOf(selection))
  const taken = requests.slice(0, countWithin(places, sizes.maxPlaces))
  const lastTaken = taken.at(-1)
  if (lastTaken !== undefined && taken.length < requests.length) {
    return { requests: taken, watermark: lastTaken.seq, full: true }
  }
  return { requests, watermark: full && last !== null ? last : next - 1, full }
}

function turnOf(sizes: BatchSizes, lane: number, requests: readonly UndecidedRequest[]): Turn {
  const [first] = requests
  return first === undefined || requests.length > 1 ? 'usual' : sizes.turnOf(lane, first.id)
}

interface BatchContext {
  readonly tx: Transaction
  readonly logger: Logger
  readonly drawReference: () => string
  readonly lane: LockedLane
  readonly lockedPromoCodes: ReadonlySet<string>
  readonly startedAt: number
  /** Requests of the whole batch, also where it had to be halved. */
  readonly taken: number
  readonly turn: Turn
}

interface Written {
  readonly outcomes: readonly DecidedRequest[]
  readonly versions: Versions
}

/**
 * Decides and writes `requests`; should one of them be unreadable or unwritable, finds it by halving. Each part is
 * decided anew on what the parts before it really wrote, for the bad one may have stood in another's way.
 */
async function decideAndWrite(
  context: BatchContext,
  requests: readonly UndecidedRequest[],
  watermark: number,
): Promise<Written> {
  const [only] = requests
  const setAside = (error: unknown) => {
    const facts = { err: error, bookingRequestId: only?.id, seq: only?.seq }
    context.logger.error(facts, 'request could not be decided or written, and is refused')
    return decideAndWriteOnce(context, requests, watermark, refuseUnread)
  }
  if (context.turn === 'over') return setAside(new Error('it failed alone too often'))
  try {
    return await decideAndWriteOnce(context, requests, watermark, decideOnSnapshot)
  } catch (error) {
    // That a refusal can be written right after shows that it is the request, and not the database, that is too slow.
    if (context.turn === 'last' && isTooHeavy(error)) return setAside(error)
    if (!isOneRequestsFault(error)) throw error
    if (requests.length === 1) return setAside(error)
    const middle = Math.ceil(requests.length / 2)
    const first = requests.slice(0, middle)
    const before = await decideAndWrite(context, first, first.at(-1)?.seq ?? watermark)
    const after = await decideAndWrite(context, requests.slice(middle), watermark)
    return {
      outcomes: [...before.outcomes, ...after.outcomes],
      versions: { ...before.versions, ...after.versions },
    }
  }
}

/** A row of the request, or of what it asks for, that cannot be read or written. Anything else would hit every request. */
function isOneRequestsFault(error: unknown): boolean {
  return isBadRow(error) || error instanceof RangeError || error instanceof UnreadableRowError
}

interface DecidedBatch {
  readonly snapshot: Snapshot
  readonly batch: readonly Decided[]
  /** Database clock, ms since the epoch. */
  readonly now: number
}

type Decide = (context: BatchContext, requests: readonly UndecidedRequest[]) => Promise<DecidedBatch>

const decideOnSnapshot: Decide = async ({ tx, lane, lockedPromoCodes, logger }, requests) => {
  const { snapshot: read, now: clock } = await readSnapshot(tx.client, requests)
  const promoCodes = new Map([...read.promoCodes].filter(([, { id }]) => lockedPromoCodes.has(id)))
  const snapshot = { ...read, promoCodes }
  const now = notBefore(lane, clock, logger)
  return { snapshot, batch: decideBatch(snapshot, requests, now, logger), now }
}

/** Refuses without looking at the catalogue, for looking may be what fails. */
const refuseUnread: Decide = async ({ tx, lane, logger }, requests) => ({
  snapshot: { resources: new Map(), promoCodes: new Map() },
  batch: requests.map((request) => ({ request, decision: INTERNAL_ERROR })),
  now: notBefore(lane, await readClock(tx), logger),
})

/** Whole milliseconds: the clock is finer, and a decision must not seem to be older than what it is about. */
function notBefore(lane: LockedLane, clock: number, logger: Logger): number {
  const aheadMs = lane.decidedAt - clock
  if (aheadMs <= MAX_CLOCK_CORRECTION_MS) return Math.ceil(Math.max(clock, lane.decidedAt))
  logger.warn(
    { lane: lane.id, aheadMs: Math.round(aheadMs) },
    "the database's clock went back, and the lane's time with it",
  )
  return Math.ceil(clock)
}

async function decideAndWriteOnce(
  context: BatchContext,
  requests: readonly UndecidedRequest[],
  watermark: number,
  decide: Decide,
): Promise<Written> {
  const { tx, logger, lane, drawReference } = context
  for (let attempt = 1; ; attempt++) {
    try {
      return await inSavepoint(tx, async () => {
        const { snapshot, batch, now } = await decide(context, requests)
        const decidedAt = new Date(now).toISOString()
        const rows = decisionRows(batch, snapshot, drawReference)
        const decidedPerSecond = smoothedRate(context)
        const update = { lane: lane.id, watermark, now: decidedAt, decidedPerSecond }
        const { decided, versions } = await writeDecisions(tx, update, rows)
        if (decided !== requests.length) {
          throw new Error(`lane ${lane.id}: ${requests.length} requests taken, but ${decided} were undecided`)
        }
        return { versions, outcomes: rows.outcomes.map((row) => outcomeOf(row, decidedAt)) }
      })
    } catch (error) {
      if (violatedConstraint(error) !== 'bookings_reference' || attempt >= MAX_REFERENCE_TRIES) throw error
      logger.info({ attempt, size: requests.length }, 'a booking reference exists already, drawing anew')
    }
  }
}

function outcomeOf({ id, refusal, booking }: OutcomeRow, decidedAt: string): DecidedRequest {
  if (booking === null) return { id, state: 'refused', decidedAt, booking: null, refusal }
  const { bookingId: _, promoCodeId: __, ...summary } = booking
  return { id, state: 'booked', decidedAt, booking: summary, refusal: null }
}

/** Exponentially smoothed, so that one slow batch does not scare everybody in line. For estimates only. */
function smoothedRate({ lane, startedAt, taken }: BatchContext): number {
  const seconds = Math.max((performance.now() - startedAt) / 1_000, 0.001)
  const current = taken / seconds
  return lane.decidedPerSecond === 0 ? current : lane.decidedPerSecond * 0.8 + current * 0.2
}
