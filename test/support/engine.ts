import type { Database } from '@boxoffice/core/db/connect.ts'
import { openDecidingPool, openGeneralPool, openIntakePool } from '@boxoffice/core/db/pools.ts'
import { drawReference } from '@boxoffice/core/domain/booking-reference.ts'
import { createLogger } from '@boxoffice/core/runtime/logger.ts'
import type { DecideJob, Signal } from '@boxoffice/core/queue/payloads.ts'
import type { Submission } from '@boxoffice/core/booking-requests/booking-line.ts'
import { BatchSizes } from '@boxoffice/core/booking-requests/deciding/batch-sizes.ts'
import { decideNextBatch, type DecideDependencies, type LaneBatch } from '@boxoffice/core/booking-requests/deciding/decide-lane.ts'
import { randomBytes } from '@boxoffice/core/runtime/random-bytes.ts'
import { LaneSweeper } from '@boxoffice/core/booking-requests/deciding/sweep-lanes.ts'
import type { DrainDependencies } from '@boxoffice/core/booking-requests/deciding/drain-lane.ts'
import { openBookingLine, type OpenBookingLine } from '@boxoffice/core/booking-requests/open-booking-line.ts'
import type { TestDatabase } from './database.ts'

/** Intake and deciding in the test's own process, with nothing in between: the test rings and signals itself. */
export interface Engine {
  readonly line: OpenBookingLine
  readonly deciding: DecideDependencies
  readonly intake: Database
  /** The jobs that would have been rung for. */
  readonly rung: DecideJob[]
  /** Decides batches of a lane until there is nothing left; returns them. */
  drain(lane: number): Promise<LaneBatch[]>
  close(): Promise<void>
}

export const silent = createLogger('test', 'silent')

export interface EngineOptions {
  readonly laneMaxDepth?: number
  readonly intakeBuffer?: number
  readonly drawReference?: () => string
  /** What is learned of heavy batches; of its own unless given. */
  readonly sizes?: BatchSizes
  /** Passes the news of each batch to the line, as the transport would; on unless `false`. */
  readonly signals?: boolean
  /** Called with the news of each batch before the line is, also where the line gets none. */
  readonly onSignal?: (signal: Signal) => void
  /** Called with every ring. */
  readonly onRing?: (job: DecideJob) => void
  /** Puts something between the line, or the decider, and its database. */
  readonly wrapIntake?: (database: Database) => Database
  readonly wrapDeciding?: (database: Database) => Database
}

export function openEngine({ url }: TestDatabase, options: EngineOptions = {}): Engine {
  const { wrapIntake = (same) => same, wrapDeciding = (same) => same } = options
  const intake = wrapIntake(openIntakePool(url, silent))
  const reads = openGeneralPool(url, 5, silent)
  const database = wrapDeciding(openDecidingPool(url, silent))
  const rung: DecideJob[] = []
  const line = openBookingLine({
    intake,
    reads,
    transport: {
      ring: (job) => {
        rung.push(job)
        options.onRing?.(job)
        return Promise.resolve()
      },
    },
    settings: { LANE_MAX_DEPTH: options.laneMaxDepth ?? 1_000_000, INTAKE_BUFFER: options.intakeBuffer ?? 100_000 },
    logger: silent,
  })
  const deciding = {
    database,
    logger: silent,
    drawReference: options.drawReference ?? (() => drawReference(randomBytes)),
    sizes: options.sizes ?? new BatchSizes(),
  }
  return {
    line,
    deciding,
    intake,
    rung,
    drain: async (lane) => {
      const batches: LaneBatch[] = []
      for (;;) {
        const batch = await decideNextBatch(deciding, lane, 'wait')
        if (batch === null) return batches
        batches.push(batch)
        options.onSignal?.(signalOf(batch))
        if (options.signals !== false) line.onSignal(signalOf(batch))
        if (!batch.full) return batches
      }
    },
    close: async () => {
      line.close()
      await Promise.all([intake.close(), reads.close(), database.close()])
    },
  }
}

export function signalOf({ lane, watermark, outcomes, versions }: LaneBatch): Signal {
  return { v: 1, lane: { id: lane, watermark, outcomes }, versions }
}

let customers = 0

/** A request for seats of a showtime, each from another customer unless told otherwise. */
export function seatsRequest(resourceId: string, seats: string[], overrides: Partial<Submission> = {}): Submission {
  return {
    ...anyone(),
    resourceId,
    kind: 'showtime',
    ...overrides,
    payload: { ...payload(), seats, ...overrides.payload },
  }
}

/** A request for tickets of an event, each from another customer unless told otherwise. */
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

/** One sweep over all lanes, waited for. Returns the number of requests decided. */
export async function sweepOnce(dependencies: DrainDependencies): Promise<number> {
  const decided = await Promise.all(await new LaneSweeper(dependencies).sweep())
  return decided.reduce((sum, count) => sum + count, 0)
}
