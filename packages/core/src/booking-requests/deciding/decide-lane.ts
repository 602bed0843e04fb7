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
import { setStatementTimeout } from '../../db/set-statement-timeout.ts'
import { isTooHeavy } from '../../db/sql-errors.ts'
import { inTransaction, type Transaction } from '../../db/transaction.ts'
import { lockInventoryFor } from '../../inventory/queries/lock-inventory.ts'
import type { BookingRequest, Outcome } from '../../domain/booking-request.ts'
import type { Logger } from '../../runtime/logger.ts'
import { LaneMissingError } from '../lanes/lane-missing-error.ts'
import { lockLane, lockLaneIfFree } from '../queries/lock-lane.ts'
import { type Versions, writeWatermark } from '../queries/write-decisions.ts'
import type { BatchSizes } from './batch-sizes.ts'
import { decideAndWrite } from './decide-and-write.ts'
import { type DecidingObserver, UNOBSERVED } from './deciding-observer.ts'
import { takeBatch } from './take-batch.ts'

export interface DecideDependencies {
  readonly database: Database
  readonly logger: Logger
  readonly drawReference: () => string
  /** Shared by everybody who decides in this process. */
  readonly sizes: BatchSizes
  readonly observer?: DecidingObserver
}

/** Result of one committed batch. */
export interface LaneBatch {
  readonly lane: number
  readonly watermark: number
  readonly outcomes: readonly Outcome[]
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
  let inHand: readonly BookingRequest[] = []
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

    const turn = sizes.turnOf(laneId, requests)
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
