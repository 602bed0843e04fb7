import { Seatings } from '@boxoffice/core/inventory/seatings.ts'
import { BatchSizes } from '@boxoffice/core/booking-requests/deciding/batch-sizes.ts'
import { Deciders } from '@boxoffice/core/booking-requests/deciding/deciders.ts'
import { randomBytes } from 'node:crypto'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { openDecidingPool } from '@boxoffice/core/db/pools.ts'
import { drawReference } from '@boxoffice/core/domain/booking-reference.ts'
import type { DecideJob, ReceivedDecideJob, Signal } from '@boxoffice/core/queue/payloads.ts'
import type { LaneConsumer, Transport } from '@boxoffice/core/queue/transport.ts'
import { LaneWorkers } from '../../apps/worker/src/queue/lane-workers.ts'
import type { TestDatabase } from './database.ts'
import { testLogger } from './logger.ts'

/**
 * Several workers in the test's own process that answer every notification at once, so that they compete for the lines.
 */
export interface CompetingWorkers {
  notify(job: DecideJob): void
  /** Resolves once all workers have handled every notification so far; throws an error that one of them threw. */
  settled(): Promise<void>
  close(): Promise<void>
}

export interface CompetingWorkersOptions {
  readonly count?: number
  readonly onSignal?: (signal: Signal) => void
  /** Puts something between the worker of this number and its database. */
  readonly wrap?: (database: Database, worker: number) => Database
}

export function openCompetingWorkers(
  { url }: TestDatabase,
  { count = 2, onSignal = () => {}, wrap = (same) => same }: CompetingWorkersOptions = {},
): CompetingWorkers {
  const workers = Array.from({ length: count }, (_, number) => {
    const database = wrap(openDecidingPool(url, testLogger), number)
    const handlers = new Map<number, (job: ReceivedDecideJob) => Promise<unknown>>()
    const dependencies = {
      database,
      logger: testLogger,
      announce: onSignal,
      drawReference: () => drawReference(randomBytes),
      sizes: new BatchSizes(),
      seatings: new Seatings(),
    }
    const deciders = new Deciders(dependencies)
    const consumers = new LaneWorkers(localTransport(handlers), { database, deciders, onJob: () => undefined })
    consumers.consume([0])
    return { database, deciders, handlers, underWay: new Set<Promise<unknown>>() }
  })
  const failures: unknown[] = []
  return {
    notify: (job) => {
      for (const { handlers, underWay } of workers) {
        const answered = Promise.resolve(handlers.get(0)?.(job))
          .catch((error: unknown) => failures.push(error))
          .finally(() => underWay.delete(answered))
        underWay.add(answered)
      }
    },
    settled: async () => {
      await allDone()
      if (failures.length > 0) throw new AggregateError(failures, 'a worker failed')
    },
    close: async () => {
      await allDone()
      await Promise.all(workers.map(({ database }) => database.close()))
    },
  }

  async function allDone(): Promise<void> {
    await Promise.all(workers.flatMap(({ underWay }) => [...underWay]))
    await Promise.all(workers.map(({ deciders }) => deciders.settle()))
  }
}

/** Returns as much of a transport as a worker's lanes need. */
function localTransport(handlers: Map<number, (job: ReceivedDecideJob) => Promise<unknown>>): Pick<Transport, 'work'> {
  const consumer: LaneConsumer = { close: () => Promise.resolve() }
  return {
    work: (lane, handle) => {
      handlers.set(lane, handle)
      return consumer
    },
  }
}
