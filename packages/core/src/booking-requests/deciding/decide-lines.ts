/**
 * Deciding lines: the next waiting requests of some, of each in `seq` order, in one transaction.
 *
 * Keeps: I1 (no seat or ticket sold twice), I2 and I3 (each request exactly one outcome, with everything it means in the
 * same commit), I7 (audit and outgoing event in it too), I8 (order within each line), I10 (a batch is bounded by requests
 * and by places; one that is too heavy becomes smaller, and a request that is too heavy alone is refused), I11 (a line that
 * somebody holds is passed over).
 * Locks, in this order: resources' state (by id), which is also the line's lock → promo codes (by id).
 *
 * The tempting wrong way is to decide the job's requests. Jobs get lost, repeated and reordered; rows do not. A job only
 * says that there is something to do.
 */
import type { Database } from '../../db/connect.ts'
import { setStatementTimeout } from '../../db/set-statement-timeout.ts'
import { isTooHeavy } from '../../db/sql-errors.ts'
import { inTransaction, type Transaction } from '../../db/transaction.ts'
import type { Outcome } from '../../domain/booking-request.ts'
import type { SellingTerms } from '../../domain/selling-terms.ts'
import type { Seatings } from '../../inventory/seatings.ts'
import { lockPromoCodesOf } from '../../inventory/queries/lock-inventory.ts'
import type { Logger } from '../../runtime/logger.ts'
import { lockLines } from '../queries/lock-lines.ts'
import { type Versions, writeWatermarks } from '../queries/write-decisions.ts'
import type { BatchSizes } from './batch-sizes.ts'
import { decideAndWrite, type SeatingAfter } from './decide-and-write.ts'
import { type DecidingObserver, UNOBSERVED } from './deciding-observer.ts'
import { takeBatch, type TakenLine } from './take-batch.ts'

export interface DecideDependencies {
  readonly database: Database
  readonly logger: Logger
  readonly drawReference: () => string
  /** Shared by everybody who decides in this process. */
  readonly sizes: BatchSizes
  /** Houses in memory; shared likewise. */
  readonly seatings: Pick<Seatings, 'read' | 'keep' | 'forget'>
  readonly terms?: SellingTerms
  readonly observer?: DecidingObserver
}

/** A line's part in a committed batch. */
export interface DecidedLine {
  readonly id: string
  readonly watermark: number
  readonly decided: number
  /** Requests and gaps that were left in it, as far as the batch saw. */
  readonly left: number
}

/** Result of one committed batch. */
export interface DecidedBatch {
  readonly lines: readonly DecidedLine[]
  readonly paused: readonly string[]
  /** Somebody else held them, or they do not exist. */
  readonly passedOver: readonly string[]
  readonly outcomes: readonly Outcome[]
  readonly versions: Versions
}

/** Bounds of a batch, below what it may have anyway. */
export interface BatchBounds {
  readonly requests: number
  readonly places: number
}

/** A batch that failed after requests were taken of these lines. */
export class BatchFailedError extends Error {
  override readonly name = 'BatchFailedError'
  readonly lines: readonly string[]

  constructor(lines: readonly string[], cause: unknown) {
    super('A batch of booking requests failed.', { cause })
    this.lines = lines
  }
}

/**
 * Decides the next batch of these lines, in this order. `wait` waits for whoever holds one of them; `ifFree` passes it over.
 *
 * @throws BatchFailedError where something was in hand: nothing was decided
 */
export async function decideNextBatch(
  { database, logger, drawReference, sizes, seatings, terms = {}, observer = UNOBSERVED }: DecideDependencies,
  ids: readonly string[],
  mode: 'wait' | 'ifFree',
  bounds: Partial<BatchBounds> = {},
): Promise<DecidedBatch> {
  const facts = { lockedAt: 0, writtenAt: 0 }
  let inHand: readonly TakenLine[] = []
  let seatingsAfter: readonly SeatingAfter[] = []
  const decide = async (tx: Transaction): Promise<DecidedBatch> => {
    const locked = new Map((await lockLines(tx, ids, mode)).map((line) => [line.id, line]))
    facts.lockedAt = performance.now()
    const own = ids.flatMap((id) => locked.get(id) ?? [])
    const open = own.filter((line) => !line.paused)
    const result = {
      paused: own.flatMap((line) => (line.paused ? [line.id] : [])),
      passedOver: ids.filter((id) => !locked.has(id)),
    }
    if (open.length === 0) return { ...result, lines: [], outcomes: [], versions: {} }

    const taken = await takeBatch(tx, open, {
      maxRequests: Math.min(sizes.of(open.map(({ id }) => id)), bounds.requests ?? Number.POSITIVE_INFINITY),
      maxPlaces: Math.min(sizes.maxPlaces, bounds.places ?? Number.POSITIVE_INFINITY),
    })
    const lines = taken.map(({ id, reached: watermark, requests, left }) => ({
      id,
      watermark,
      decided: requests.length,
      left,
    }))
    const gaps = taken.filter(({ requests, reached, watermark }) => requests.length === 0 && reached > watermark)
    if (gaps.length > 0)
      await writeWatermarks(
        tx,
        gaps.map(({ id, reached }) => ({ id, watermark: reached })),
      )
    inHand = taken.filter(({ requests }) => requests.length > 0)
    if (inHand.length === 0) return { ...result, lines, outcomes: [], versions: {} }

    const requests = inHand.flatMap((line) => line.requests)
    const turn = sizes.turnOf(requests)
    if (turn === 'last') await setStatementTimeout(tx, sizes.lastTryTimeoutMs)
    const lockedPromoCodes = await lockPromoCodesOf(tx, requests)
    const context = {
      tx,
      logger,
      drawReference,
      seatings,
      terms,
      lines: inHand,
      lockedPromoCodes,
      startedAt: facts.lockedAt,
      turn,
    }
    const { seatings: after, ...written } = await decideAndWrite(context)
    seatingsAfter = after
    facts.writtenAt = performance.now()
    return { ...result, lines, ...written }
  }

  const linesInHand = () => inHand.map(({ id }) => id)
  const batch = await inTransaction(database, decide).catch((error: unknown) => {
    if (inHand.length === 0) throw error
    if (isTooHeavy(error)) {
      const requestIds = inHand.flatMap(({ requests }) => requests.map(({ id }) => id))
      sizes.onTooHeavy(linesInHand(), requestIds)
      observer.onTooHeavy()
      logger.warn({ lines: inHand.length, requests: requestIds.length }, 'a batch was too heavy')
    }
    throw new BatchFailedError(linesInHand(), error)
  })
  for (const { of, seating } of seatingsAfter) seatings.keep(of, seating)
  if (batch.outcomes.length === 0) return batch
  sizes.onDone(linesInHand(), batch.outcomes.length)
  const { lockedAt, writtenAt } = facts
  observer.onBatch({
    decideMs: writtenAt - lockedAt,
    commitMs: performance.now() - writtenAt,
    outcomes: batch.outcomes,
  })
  logger.debug({ lines: inHand.length, decided: batch.outcomes.length }, 'batch decided')
  return batch
}
