/** Baseline (b), the deciding half: a BullMQ worker with concurrency 1, one transaction per job. */
import { Worker } from 'bullmq'
import { createLogger } from '@boxoffice/core/runtime/logger.ts'
import { runMain } from '@boxoffice/core/settings/run-main.ts'
import { parseSettings } from '@boxoffice/core/settings/settings.ts'
import { bookOne } from './book-one.ts'
import { type BookingJob, CHANNEL, type JobOutcome, openRedis, QUEUE } from './job-queue.ts'
import { openBaselinePool } from './open-pool.ts'

await runMain(async () => {
  const settings = parseSettings(process.env)
  const logger = createLogger('job-per-booking-worker', settings.LOG_LEVEL)
  const database = openBaselinePool(settings, 1, logger)
  const commands = openRedis(settings, 'bench-commands', logger)
  const blocking = openRedis(settings, 'bench-worker', logger)
  // Not waited for: the next job need not wait until this one is told.
  const tell = (message: JobOutcome) => {
    commands.publish(CHANNEL, JSON.stringify(message)).catch((error: unknown) => {
      logger.error({ err: error }, 'outcome not told')
    })
  }
  const worker = new Worker<BookingJob>(
    QUEUE,
    async ({ data: { request } }) => {
      try {
        tell({ id: request.id, outcome: await bookOne(database, logger, request) })
      } catch (error) {
        logger.error({ err: error }, 'job failed')
        tell({ id: request.id, outcome: null })
      }
    },
    { connection: blocking, concurrency: 1 },
  )
  worker.on('error', (error) => logger.warn({ err: error }, 'worker error'))
  await worker.waitUntilReady()
  process.send?.({ ready: true })
  return {
    stop: async () => {
      await worker.close()
      commands.disconnect()
      blocking.disconnect()
      await database.close()
    },
  }
})
