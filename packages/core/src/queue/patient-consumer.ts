import { setTimeout as delay } from 'node:timers/promises'
import type { Worker } from 'bullmq'
import type { Logger } from '../runtime/logger.ts'
import { laneConsumer } from './consumer.ts'
import type { LaneConsumer } from './transport.ts'
import { within } from '../runtime/within.ts'

const READY_WITHIN_MS = 10_000
const CLOSE_WITHIN_MS = 1_000

/**
 * Runs a worker once its backend is ready, and makes a new one for as long as it takes. `make` must not start it
 * (`autorun: false`): BullMQ's PostgreSQL backend remembers a first connection that failed, and a worker that runs on
 * such a backend asks for jobs in a circle without a pause, in which nothing else of the process gets its turn.
 */
export function patientConsumer(make: () => Worker, logger: Logger): LaneConsumer {
  const closing = new AbortController()
  let worker = make()
  let consumer = laneConsumer(worker, logger)

  const start = async () => {
    for (let attempt = 0; !closing.signal.aborted; attempt++) {
      try {
        await within(READY_WITHIN_MS, 'connecting a worker', worker.waitUntilReady())
        if (!closing.signal.aborted) await worker.run()
        return
      } catch (error) {
        if (closing.signal.aborted) return
        logger.warn({ err: error, queue: worker.name }, 'queue worker not started, trying again')
        await consumer.close(CLOSE_WITHIN_MS)
        await delay(Math.random() * Math.min(50 * 2 ** attempt, 1_000), undefined, { signal: closing.signal }).catch(
          () => {},
        )
        if (closing.signal.aborted) return
        worker = make()
        consumer = laneConsumer(worker, logger)
      }
    }
  }
  void start()

  return {
    close: async (timeoutMs) => {
      closing.abort()
      await consumer.close(timeoutMs)
    },
  }
}
