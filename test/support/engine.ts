import { Seatings } from '@boxoffice/core/inventory/seatings.ts'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { openDecidingPool, openGeneralPool, openIntakePool } from '@boxoffice/core/db/pools.ts'
import { drawReference } from '@boxoffice/core/domain/booking-reference.ts'
import type { DecideJob, Signal } from '@boxoffice/core/queue/payloads.ts'
import type { SellingTerms } from '@boxoffice/core/domain/selling-terms.ts'
import type { Submission } from '@boxoffice/core/domain/booking-request.ts'
import { BatchSizes } from '@boxoffice/core/booking-requests/deciding/batch-sizes.ts'
import {
  decideNextBatch,
  type DecideDependencies,
  type DecidedBatch,
} from '@boxoffice/core/booking-requests/deciding/decide-lines.ts'
import { randomBytes } from '@boxoffice/core/runtime/random-bytes.ts'
import { Deciders } from '@boxoffice/core/booking-requests/deciding/deciders.ts'
import { type DecideWaitingDependencies, signalOf } from '@boxoffice/core/booking-requests/deciding/line-decider.ts'
import { LineSweeper } from '@boxoffice/core/booking-requests/deciding/sweep-lines.ts'
import { laneFor } from '@boxoffice/core/domain/lane.ts'
import { openBookingLine, type OpenBookingLine } from '@boxoffice/core/booking-requests/open-booking-line.ts'
import type { TestDatabase } from './database.ts'
import { testLogger } from './logger.ts'
import { shared } from './shared.ts'
import { TEST_LANES } from './lanes.ts'

/** Intake and deciding in the test's own process, with nothing in between: the test itself notifies and signals. */
export interface Engine {
  readonly line: OpenBookingLine
  readonly deciding: DecideDependencies
  readonly intake: Database
  /** The jobs of notifications that workers would have received. */
  readonly notified: DecideJob[]
  /** Decides batches of what waits in a lane's lines, paused ones too, until there is nothing left; returns them. */
  decideWaiting(lane: number): Promise<DecidedBatch[]>
  close(): Promise<void>
}

export interface EngineOptions {
  /** Houses in memory; by default its own. */
  readonly seatings?: Pick<Seatings, 'read' | 'keep' | 'forget'>
  readonly lineMaxDepth?: number
  readonly linesMaxDepth?: number
  readonly intakeBuffer?: number
  readonly drawReference?: () => string
  readonly terms?: SellingTerms
  /** The sizes learned of heavy batches; the engine's own by default. */
  readonly sizes?: BatchSizes
  /** Passes each batch's signal to the line, as the transport would; `true` by default. */
  readonly signals?: boolean
  /** Called with each batch's signal before the line is, even if the line gets none. */
  readonly onSignal?: (signal: Signal) => void
  /** Called with every notification. */
  readonly onNotify?: (job: DecideJob, lane: number) => void
  /** The setting `LANES` of the process; `TEST_LANES` by default. */
  readonly lanes?: number
  /** Puts something between the line, or the decider, and its database. */
  readonly wrapIntake?: (database: Database) => Database
  readonly wrapDeciding?: (database: Database) => Database
}

export function openEngine({ url }: TestDatabase, options: EngineOptions = {}): Engine {
  const { wrapIntake = (same) => same, wrapDeciding = (same) => same } = options
  const intake = wrapIntake(openIntakePool(url, testLogger))
  const reads = openGeneralPool(url, 5, testLogger)
  const database = wrapDeciding(openDecidingPool(url, testLogger))
  const notified: DecideJob[] = []
  const line = openBookingLine({
    intake,
    reads,
    transport: {
      notify: (lane, job) => {
        notified.push(job)
        options.onNotify?.(job, lane)
        return Promise.resolve()
      },
    },
    settings: {
      LANES: options.lanes ?? TEST_LANES,
      LINE_MAX_DEPTH: options.lineMaxDepth ?? 1_000_000,
      LINES_MAX_DEPTH: options.linesMaxDepth ?? 10_000_000,
      INTAKE_BUFFER: options.intakeBuffer ?? 100_000,
    },
    logger: testLogger,
  })
  const deciding = {
    database,
    logger: testLogger,
    drawReference: options.drawReference ?? (() => drawReference(randomBytes)),
    sizes: options.sizes ?? new BatchSizes(),
    seatings: options.seatings ?? new Seatings(),
    terms: options.terms ?? {},
  }
  return {
    line,
    deciding,
    intake,
    notified,
    decideWaiting: async (lane) => {
      const batches: DecidedBatch[] = []
      for (;;) {
        const lines = (await findUndecidedLines(database)).filter((line) => laneFor(line, TEST_LANES) === lane)
        if (lines.length === 0) return batches
        const batch = await decideNextBatch(deciding, lines, 'wait')
        if (batch.lines.length === 0) return batches
        batches.push(batch)
        options.onSignal?.(signalOf(batch))
        if (options.signals !== false) line.onSignal(signalOf(batch))
      }
    },
    close: async () => {
      line.close()
      await Promise.all([intake.close(), reads.close(), database.close()])
    },
  }
}

/** Returns an engine that the tests of a file share. */
export function sharedEngine(db: TestDatabase, options?: EngineOptions): Engine {
  return shared(
    () => openEngine(db, options),
    (engine) => engine.close(),
  )
}

/** Returns the lines that are not decided to their end. */
export async function findUndecidedLines({ pool }: Database): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `select i.resource_id as id from lines i join resource_state s on s.resource_id = i.resource_id
     where i.next - 1 > s.watermark order by id`,
  )
  return rows.map(({ id }) => id)
}

let customers = 0

/** Returns a request for seats of a showtime, by default from another customer each time. */
export function seatsRequest(resourceId: string, seats: string[], overrides: Partial<Submission> = {}): Submission {
  return {
    ...anyone(),
    resourceId,
    kind: 'showtime',
    ...overrides,
    payload: { ...payload(), seats, ...overrides.payload },
  }
}

/** Returns a request for tickets of an event, by default from another customer each time. */
export function ticketsRequest(
  resourceId: string,
  tickets: { ticketTypeId: string; quantity: number }[],
  overrides: Partial<Submission> = {},
): Submission {
  return {
    ...anyone(),
    resourceId,
    kind: 'event',
    ...overrides,
    payload: { ...payload(), tickets, ...overrides.payload },
  }
}

function anyone() {
  const owner = `customer-${++customers}`
  return { owner, idempotencyKey: null, customerKeys: [`o:${owner}`] }
}

function payload() {
  return { customer: { name: 'Ada Lovelace', email: 'ada@example.org' } }
}

/** Sweeps all lines once and waits for it. Returns the number of requests decided. */
export async function sweepOnce(dependencies: DecideWaitingDependencies): Promise<number> {
  const deciders = new Deciders(dependencies)
  let decided = 0
  deciders.listen({
    onDecided: (_line, requests) => {
      decided += requests
    },
    onDropped: () => undefined,
  })
  await new LineSweeper(dependencies, deciders).sweep()
  await deciders.settle()
  return decided
}
