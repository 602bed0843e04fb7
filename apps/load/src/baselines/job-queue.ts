import { connectRedis, parseRedisUrl } from '@boxoffice/core/settings/redis-url.ts'
import type { Logger } from '@boxoffice/core/runtime/logger.ts'
import type { Settings } from '@boxoffice/core/settings/settings.ts'
import type { Outcome } from './book-one.ts'
import type { BaselineRequest } from './booking-body.ts'

export const QUEUE = 'bookings'
export const CHANNEL = 'bench:outcomes'

/** Data of a job: one booking. */
export interface BookingJob {
  readonly request: BaselineRequest
}

/** The message of the worker to the server on `CHANNEL`, sent once the transaction is committed. */
export interface JobOutcome {
  readonly id: string
  readonly outcome: Outcome | null
}

/** Opens a connection to the Redis of QUEUE_URL. Commands wait while it is being made. */
export function openRedis(settings: Settings, name: string, logger: Logger): ReturnType<typeof connectRedis> {
  const target = parseRedisUrl(settings.QUEUE_URL ?? '')
  if (target === null) throw new Error('QUEUE_URL is not set')
  const connection = connectRedis(target, {
    connectionName: name,
    connectTimeout: 3_000,
    maxRetriesPerRequest: null,
    enableOfflineQueue: true,
  })
  connection.on('error', (error: Error) => logger.warn({ err: error }, 'redis connection error'))
  return connection
}
