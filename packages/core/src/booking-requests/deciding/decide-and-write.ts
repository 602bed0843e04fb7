import { readClock } from '../../db/read-clock.ts'
import { isBadRow, isTooHeavy, violatedConstraint } from '../../db/sql-errors.ts'
import { inSavepoint, type Transaction } from '../../db/transaction.ts'
import type { BookingRequest, Decision, Outcome } from '../../domain/booking-request.ts'
import type { SellingTerms } from '../../domain/selling-terms.ts'
import type { Seating, Snapshot } from '../../domain/snapshot.ts'
import { readSnapshot, UnreadableRowError, type WantedSeating } from '../../inventory/queries/read-snapshot.ts'
import type { Seatings } from '../../inventory/seatings.ts'
import type { Logger } from '../../runtime/logger.ts'
import { inHalves } from '../../use-case/in-halves.ts'
import { type DecisionRows, type LineUpdate, type Versions, writeDecisions } from '../queries/write-decisions.ts'
import type { Turn } from './batch-sizes.ts'
import { decideBatch, INTERNAL_ERROR } from './decide-batch.ts'
import { decisionRows } from './decision-rows.ts'
import type { TakenLine } from './take-batch.ts'

/** Batches fail together on a reference that exists already (once in thousands); each try draws all anew. */
const MAX_REFERENCE_TRIES = 5

/**
 * A line's time never falls behind its last decision, but by a clock that was corrected by more than this: otherwise one
 * jump forward would date bookings, and lengthen holds, until the clock had caught up.
 */
const MAX_CLOCK_CORRECTION_MS = 5_000

export interface BatchContext {
  readonly tx: Transaction
  readonly logger: Logger
  readonly drawReference: () => string
  readonly seatings: Pick<Seatings, 'read' | 'forget'>
  readonly terms: SellingTerms
  readonly lines: readonly TakenLine[]
  readonly lockedPromoCodes: ReadonlySet<string>
  readonly startedAt: number
  readonly turn: Turn
}

export interface Written {
  readonly outcomes: readonly Outcome[]
  readonly versions: Versions
  /** Occupancy of the houses that were looked at, once this is committed. */
  readonly seatings: readonly SeatingAfter[]
}

export interface SeatingAfter {
  readonly of: WantedSeating
  readonly seating: Seating
}

/**
 * Decides and writes what was taken of the lines. A request that is unreadable or unwritable is found by halving, and
 * refused. Each part is decided anew on what the parts before it really wrote, for the bad one may have stood in another's
 * way.
 */
export async function decideAndWrite(context: BatchContext): Promise<Written> {
  const requests = context.lines.flatMap((line) => line.requests)
  const last = requests.at(-1)
  const write = (part: readonly BookingRequest[], decide: Decide) => decideAndWriteOnce(context, part, decide)
  const refuse = (request: BookingRequest, error: unknown) => {
    const facts = { err: error, bookingRequestId: request.id, seq: request.seq }
    context.logger.error(facts, 'request could not be decided or written, and is refused')
    return write([request], refuseUnread)
  }
  if (context.turn === 'over' && last !== undefined) return refuse(last, new Error('it failed alone too often'))
  const parts = inHalves(requests, {
    attempt: (part) => write(part, decideOnSnapshot),
    isOnesFault: (error) => {
      for (const { id } of context.lines) context.seatings.forget(id)
      return isOneRequestsFault(context, error)
    },
    setAside: refuse,
  })
  const outcomes: Outcome[] = []
  let versions: Versions = {}
  const seatings = new Map<string, SeatingAfter>()
  for await (const part of parts) {
    outcomes.push(...part.outcomes)
    versions = { ...versions, ...part.versions }
    for (const after of part.seatings) seatings.set(after.of.resourceId, after)
  }
  // A later part may have changed what an earlier one looked at.
  const latest = [...seatings.values()].filter(({ of }) => (versions[of.resourceId] ?? of.version) === of.version)
  return { outcomes, versions, seatings: latest }
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
  readonly seatings: readonly WantedSeating[]
}

type Decide = (context: BatchContext, requests: readonly BookingRequest[]) => Promise<DecidedBatch>

const decideOnSnapshot: Decide = async ({ tx, lines, lockedPromoCodes, logger, seatings: kept, terms }, requests) => {
  const options = { seatings: kept.read.bind(kept), terms }
  const { snapshot: read, now: clock, seatings } = await readSnapshot(tx.client, requests, options)
  const promoCodes = new Map([...read.promoCodes].filter(([, { id }]) => lockedPromoCodes.has(id)))
  const snapshot = { ...read, promoCodes }
  const now = notBefore(lines, clock, logger)
  return { snapshot, decisions: decideBatch(snapshot, requests, now, logger), now, seatings }
}

/** Refuses without looking at the catalogue, for looking may be what fails. */
const refuseUnread: Decide = async ({ tx, lines, logger }, requests) => ({
  snapshot: { resources: new Map(), promoCodes: new Map() },
  decisions: new Map(requests.map((request) => [request, INTERNAL_ERROR])),
  seatings: [],
  now: notBefore(lines, await readClock(tx), logger),
})

/**
 * Returns the time in whole milliseconds: the clock is finer, and a decision must not seem to be older than its cause.
 */
function notBefore(lines: readonly TakenLine[], clock: number, logger: Logger): number {
  let latest = clock
  for (const { id, decidedAt } of lines) {
    const aheadMs = decidedAt - clock
    if (aheadMs <= MAX_CLOCK_CORRECTION_MS) latest = Math.max(latest, decidedAt)
    else
      logger.warn(
        { line: id, aheadMs: Math.round(aheadMs) },
        "the database's clock went back, and the line's time with it",
      )
  }
  return Math.ceil(latest)
}

async function decideAndWriteOnce(
  context: BatchContext,
  requests: readonly BookingRequest[],
  decide: Decide,
): Promise<Written> {
  const { tx, logger, drawReference } = context
  for (let attempt = 1; ; attempt++) {
    try {
      return await inSavepoint(tx, async () => {
        const { snapshot, decisions, now, seatings } = await decide(context, requests)
        const decidedAt = new Date(now).toISOString()
        const rows = decisionRows(decisions, snapshot, drawReference, now)
        const { decided, versions } = await writeDecisions(tx, updatesOf(context, requests), decidedAt, rows)
        if (decided !== requests.length) {
          throw new Error(`${requests.length} requests taken, but ${decided} were undecided`)
        }
        return {
          versions,
          outcomes: rows.outcomes.map((row) => outcomeOf(row, decidedAt)),
          seatings: seatings.flatMap((wanted) => seatingAfter(wanted, snapshot, versions)),
        }
      })
    } catch (error) {
      if (violatedConstraint(error) !== 'bookings_reference' || attempt >= MAX_REFERENCE_TRIES) throw error
      logger.info({ attempt, size: requests.length }, 'a booking reference exists already, drawing anew')
    }
  }
}

function seatingAfter(of: WantedSeating, snapshot: Snapshot, versions: Versions): SeatingAfter[] {
  const seating = snapshot.resources.get(of.resourceId)?.seating ?? null
  return seating === null ? [] : [{ of: { ...of, version: versions[of.resourceId] ?? of.version }, seating }]
}

function outcomeOf({ id, refusal, wish, booking }: DecisionRows['outcomes'][number], decidedAt: string): Outcome {
  if (booking === null) return { id, state: 'refused', decidedAt, booking: null, refusal }
  const { bookingId: _, promoCodeId: __, promoTickets: ___, remindAt: ____, ...summary } = booking
  return { id, state: 'booked', decidedAt, booking: summary, ...(wish !== null && { wish }), refusal: null }
}

/** Returns how far the lines are once this part of the batch is written. */
function updatesOf(context: BatchContext, part: readonly BookingRequest[]): LineUpdate[] {
  const lastOf = new Map(part.map((request) => [request.resourceId, request]))
  return context.lines.flatMap((line) => {
    const last = lastOf.get(line.id)
    if (last === undefined) return []
    const watermark = last === line.requests.at(-1) ? line.reached : last.seq
    return [{ id: line.id, watermark, decidedPerSecond: smoothedRate(line, context.startedAt) }]
  })
}

/**
 * Returns the line's rate, exponentially smoothed, so that one slow batch does not scare everybody in line. For estimates
 * only. A line that waited for its turn was decided no faster than its turns come.
 */
function smoothedRate({ requests, decidedAt, decidedPerSecond }: TakenLine, startedAt: number): number {
  const batchMs = performance.now() - startedAt
  const [first] = requests
  const turnMs = first !== undefined && first.acceptedAt < decidedAt ? Date.now() - decidedAt : 0
  const current = requests.length / (Math.max(batchMs, turnMs, 1) / 1_000)
  return decidedPerSecond === 0 ? current : decidedPerSecond * 0.8 + current * 0.2
}
