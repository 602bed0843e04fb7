/**
 * Baseline (a): one transaction with a row lock per HTTP request, what a good engineer would write in a week. Requests
 * that find no free connection wait in the pool's queue; transactions wait for each other on the hot row.
 */
import { createLogger } from '@boxoffice/core/runtime/logger.ts'
import { runMain } from '@boxoffice/core/settings/run-main.ts'
import { parseSettings } from '@boxoffice/core/settings/settings.ts'
import { bookOne } from './book-one.ts'
import { openBaselinePool } from './open-pool.ts'
import { serveBookings } from './serve.ts'

const CONNECTIONS = 20

await runMain(async () => {
  const settings = parseSettings(process.env)
  const logger = createLogger('row-lock', settings.LOG_LEVEL)
  const database = openBaselinePool(settings, CONNECTIONS, logger)
  const server = await serveBookings(settings, logger, (request) => bookOne(database, logger, request))
  process.send?.({ port: server.port })
  return {
    stop: async () => {
      await server.close()
      await database.close()
    },
  }
})
