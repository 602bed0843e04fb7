import { readClock } from '../../db/read-clock.ts'
import { isBadRow, isTooHeavy, violatedConstraint } from '../../db/sql-errors.ts'
import { inSavepoint, type Transaction } from '../../db/transaction.ts'
import type { BookingRequest, Decision, Outcome } from '../../domain/booking-request.ts'
import type { Snapshot } from '../../domain/snapshot.ts'
import { readSnapshot, UnreadableRowError } from '../../inventory/queries/read-snapshot.ts'
import type { Logger } from '../../runtime/logger.ts'
import { inHalves } from '../../use-case/in-halves.ts'
import type { LockedLane } from '../queries/lock-lane.ts'
import { type DecisionRows, type Versions, writeDecisions } from '../queries/write-decisions.ts'
import type { Turn } from './batch-sizes.ts'
import { decideBatch, INTERNAL_ERROR } from './decide-batch.ts'
import { decisionRows } from './decision-rows.ts'

/** Batches fail together on a reference that exists already (once in thousands); each try draws all anew. */
const MAX_REFERENCE_TRIES = 5

/**
 * A lane's time never falls behind its last decision, but by a clock that was corrected by more than this: otherwise one
 * jump forward would date bookings, and lengthen holds, until the clock had caught up.
 */
const MAX_CLOCK_CORRECTION_MS = 5_000

export interface BatchContext {
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

export interface Written {
  readonly outcomes: readonly Outcome[]
  readonly versions: Versions
}

/**
 * Decides and writes `requests`. One that is unreadable or unwritable is found by halving, and refused. Each part is decided
 * anew on what the parts before it really wrote, for the bad one may have stood in another's way.
 *
 * @param watermark the lane's, once all of them are decided
 */
export async function decideAndWrite(
  context: BatchContext,
  requests: readonly BookingRequest[],
  watermark: number,
): Promise<Written> {
  const last = requests.at(-1)
  const write = (part: readonly BookingRequest[], decide: Decide) => {
    const lastOfPart = part.at(-1)
    const upTo = lastOfPart === undefined || lastOfPart === last ? watermark : lastOfPart.seq
    return decideAndWriteOnce(context, part, upTo, decide)
  }
  const refuse = (request: BookingRequest, error: unknown) => {
    const facts = { err: error, bookingRequestId: request.id, seq: request.seq }
    context.logger.error(facts, 'request could not be decided or written, and is refused')
    return write([request], refuseUnread)
  }
  if (context.turn === 'over' && last !== undefined) return refuse(last, new Error('it failed alone too often'))
  const parts = inHalves(requests, {
    attempt: (part) => write(part, decideOnSnapshot),
    isOnesFault: (error) => isOneRequestsFault(context, error),
    setAside: refuse,
  })
  const outcomes: Outcome[] = []
  let versions: Versions = {}
  for await (const part of parts) {
    outcomes.push(...part.outcomes)
    versions = { ...versions, ...part.versions }
  }
  return { outcomes, versions }
}

/**
 * Returns whether a row of the request, or of what it asks for, cannot be read or written. Any other error would hit
 * every request.
 */
function isOneRequestsFault({ turn }: BatchContext, error: unknown): boolean {
  // That a refusal can be written right after shows that it is the request, and not the database, that is too slow.
  if (turn === 'last' && isTooHeavy(error)) return true
  return isBadRow(error) || error instanceof RangeError || error instanceof UnreadableRowError
}

interface DecidedBatch {
  readonly snapshot: Snapshot
  readonly decisions: ReadonlyMap<BookingRequest, Decision>
  /** Database clock, ms since the epoch. */
  readonly now: number
}

type Decide = (context: BatchContext, requests: readonly BookingRequest[]) => Promise<DecidedBatch>

const decideOnSnapshot: Decide = async ({ tx, lane, lockedPromoCodes, logger }, requests) => {
  const { snapshot: read, now: clock } = await readSnapshot(tx.client, requests)
  const promoCodes = new Map([...read.promoCodes].filter(([, { id }]) => lockedPromoCodes.has(id)))
  const snapshot = { ...read, promoCodes }
  const now = notBefore(lane, clock, logger)
  return { snapshot, decisions: decideBatch(snapshot, requests, now, logger), now }
}

/** Refuses without looking at the catalogue, for looking may be what fails. */
const refuseUnread: Decide = async ({ tx, lane, logger }, requests) => ({
  snapshot: { resources: new Map(), promoCodes: new Map() },
  decisions: new Map(requests.map((request) => [request, INTERNAL_ERROR])),
  now: notBefore(lane, await readClock(tx), logger),
})

/**
 * Returns the time in whole milliseconds: the clock is finer, and a decision must not seem to be older than its cause.
 */
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
  requests: readonly BookingRequest[],
  watermark: number,
  decide: Decide,
): Promise<Written> {
  const { tx, logger, lane, drawReference } = context
  for (let attempt = 1; ; attempt++) {
    try {
      return await inSavepoint(tx, async () => {
        const { snapshot, decisions, now } = await decide(context, requests)
        const decidedAt = new Date(now).toISOString()
        const rows = decisionRows(decisions, snapshot, drawReference)
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

function outcomeOf({ id, refusal, booking }: DecisionRows['outcomes'][number], decidedAt: string): Outcome {
  if (booking === null) return { id, state: 'refused', decidedAt, booking: null, refusal }
  const { bookingId: _, promoCodeId: __, ...summary } = booking
  return { id, state: 'booked', decidedAt, booking: summary, refusal: null }
}

/**
 * Returns the rate, exponentially smoothed, so that one slow batch does not scare everybody in line. For estimates
 * only.
 */
function smoothedRate({ lane, startedAt, taken }: BatchContext): number {
  const seconds = Math.max((performance.now() - startedAt) / 1_000, 0.001)
  const current = taken / seconds
  return lane.decidedPerSecond === 0 ? current : lane.decidedPerSecond * 0.8 + current * 0.2
}
