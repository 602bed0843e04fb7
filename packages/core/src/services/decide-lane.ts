/**
 * Deciding a lane: the next waiting requests, in `seq` order, in one transaction.
 *
 * Keeps: I1 (no seat or ticket sold twice), I2 and I3 (each request exactly one outcome, with everything it means in the
 * same commit), I7 (audit and outgoing event in it too), I8 (order).
 * Locks, in this order: lane → resources' state (by id) → promo codes (by id).
 *
 * The tempting wrong way is to decide the job's requests. Jobs get lost, repeated and reordered; rows do not. A job only
 * says that there is something to do.
 */
import type { Database } from '../db/connect.ts'
import { lockInventory } from '../db/queries/lock-inventory.ts'
import { lockLane, lockLaneIfFree, type LockedLane } from '../db/queries/lock-lane.ts'
import { readSnapshot } from '../db/queries/read-snapshot.ts'
import { readUndecided, type UndecidedRequest } from '../db/queries/read-undecided.ts'
import { type OutcomeRow, type Versions, writeDecisions, writeWatermark } from '../db/queries/write-decisions.ts'
import { isBadRow, violatedConstraint } from '../db/sql-errors.ts'
import { inSavepoint, inTransaction, type Transaction } from '../db/transaction.ts'
import type { Logger } from '../logger.ts'
import type { DecidedRequest } from '../queue/payloads.ts'
import { decideBatch, INTERNAL_ERROR } from './decide-batch.ts'
import { decisionRows } from './decision-rows.ts'
import { LaneMissingError } from './errors.ts'

/** Requests decided in one transaction at the most. */
export const MAX_BATCH = 500

/** Batches fail together on a reference that exists already (once in thousands); each try draws all anew. */
const MAX_REFERENCE_TRIES = 5

export interface DecideDependencies {
  readonly database: Database
  readonly logger: Logger
  readonly drawReference: () => string
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
  { database, logger, drawReference }: DecideDependencies,
  laneId: number,
  mode: 'wait' | 'ifFree',
): Promise<LaneBatch | null> {
  return inTransaction(database, async (tx) => {
    const lane = mode === 'wait' ? await lockLane(tx, laneId) : await lockLaneIfFree(tx, laneId)
    if (lane === null) {
      if (mode === 'wait') throw new LaneMissingError(laneId)
      return null
    }
    if (lane.paused) return null

    const startedAt = performance.now()
    const { next, requests } = await readUndecided(tx, laneId, lane.watermark, MAX_BATCH)
    const full = requests.length === MAX_BATCH
    const last = requests.at(-1)
    const watermark = full && last !== undefined ? last.seq : next - 1
    if (requests.length === 0) {
      if (watermark > lane.watermark) await writeWatermark(tx, laneId, watermark)
      return { lane: laneId, watermark, outcomes: [], versions: {}, full }
    }

    await lockInventory(tx, requests)
    const written = await decideAndWrite({ tx, logger, drawReference, lane, startedAt }, requests, watermark)
    return { lane: laneId, watermark, full, ...written }
  })
}

interface BatchContext {
  readonly tx: Transaction
  readonly logger: Logger
  readonly drawReference: () => string
  readonly lane: LockedLane
  readonly startedAt: number
}

interface Written {
  readonly outcomes: readonly DecidedRequest[]
  readonly versions: Versions
}

/**
 * Decides and writes `requests`; should one of them be unwritable, finds it by halving. Each part is decided anew on
 * what the parts before it really wrote, for the bad one may have stood in another's way.
 */
async function decideAndWrite(
  context: BatchContext,
  requests: readonly UndecidedRequest[],
  watermark: number,
): Promise<Written> {
  try {
    return await decideAndWriteOnce(context, requests, watermark, decideBatch)
  } catch (error) {
    if (!isBadRow(error)) throw error
    const [only] = requests
    if (only !== undefined && requests.length === 1) {
      context.logger.error({ err: error, requestId: only.id, seq: only.seq }, 'request could not be written')
      return decideAndWriteOnce(context, requests, watermark, refuseAll)
    }
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

const refuseAll: typeof decideBatch = (_snapshot, requests) =>
  requests.map((request) => ({ request, decision: INTERNAL_ERROR }))

async function decideAndWriteOnce(
  context: BatchContext,
  requests: readonly UndecidedRequest[],
  watermark: number,
  decideAll: typeof decideBatch,
): Promise<Written> {
  const { tx, logger, lane, drawReference } = context
  const { snapshot, now: clock } = await readSnapshot(tx.client, requests)
  const now = Math.max(Math.ceil(clock), Math.ceil(lane.decidedAt))
  const batch = decideAll(snapshot, requests, now, logger)
  const decidedAt = new Date(now).toISOString()

  for (let attempt = 1; ; attempt++) {
    const rows = decisionRows(batch, snapshot, drawReference)
    try {
      const { decided, versions } = await inSavepoint(tx, () =>
        writeDecisions(
          tx,
          { lane: lane.id, watermark, now: decidedAt, decidedPerSecond: smoothedRate(context, requests.length) },
          rows,
        ),
      )
      if (decided !== requests.length) {
        throw new Error(`lane ${lane.id}: ${requests.length} requests taken, but ${decided} were undecided`)
      }
      return { versions, outcomes: rows.outcomes.map((row) => outcomeOf(row, decidedAt)) }
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
function smoothedRate({ lane, startedAt }: BatchContext, decided: number): number {
  const seconds = Math.max((performance.now() - startedAt) / 1_000, 0.001)
  const current = decided / seconds
  return lane.decidedPerSecond === 0 ? current : lane.decidedPerSecond * 0.8 + current * 0.2
}
