/**
 * Baseline (b), the HTTP half: adds one BullMQ job per booking to one queue and answers when its worker has told how it
 * ended. Outcomes come by pub/sub, which is quicker than QueueEvents: one small message, no stream to read.
 */
import { Queue } from 'bullmq'
import { createLogger } from '@boxoffice/core/runtime/logger.ts'
import { runMain } from '@boxoffice/core/settings/run-main.ts'
import { parseSettings } from '@boxoffice/core/settings/settings.ts'
import type { Outcome } from './book-one.ts'
import { type BookingJob, CHANNEL, type JobOutcome, openRedis, QUEUE } from './job-queue.ts'
import { serveBookings } from './serve.ts'

await runMain(async () => {
  const settings = parseSettings(process.env)
  const logger = createLogger('job-per-booking', settings.LOG_LEVEL)
  const commands = openRedis(settings, 'bench-commands', logger)
  const subscriber = openRedis(settings, 'bench-outcomes', logger)
  const queue = new Queue<BookingJob>(QUEUE, {
    connection: commands,
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
  })
  queue.on('error', (error) => logger.warn({ err: error }, 'queue error'))

  const waiting = new Map<string, PromiseWithResolvers<Outcome>>()
  subscriber.on('message', (_channel: string, message: string) => {
    const { id, outcome } = JSON.parse(message) as JobOutcome
    const waiter = waiting.get(id)
    waiting.delete(id)
    if (outcome === null) waiter?.reject(new Error('the job failed'))
    else waiter?.resolve(outcome)
  })
  await subscriber.subscribe(CHANNEL)

  const server = await serveBookings(settings, logger, async (request) => {
    const waiter = Promise.withResolvers<Outcome>()
    waiting.set(request.id, waiter)
    await queue.add('book', { request })
    return waiter.promise
  })
  process.send?.({ port: server.port })
  return {
    stop: async () => {
      await server.close()
      await queue.close()
      commands.disconnect()
      subscriber.disconnect()
    },
  }
})
