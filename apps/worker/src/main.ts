import { checkDatabase } from '@boxoffice/core/db/check-database.ts'
import { openDecidingPool } from '@boxoffice/core/db/pools.ts'
import { readLaneDepths } from '@boxoffice/core/db/queries/read-lane-depths.ts'
import { drawReference } from '@boxoffice/core/domain/booking-reference.ts'
import { createLogger } from '@boxoffice/core/logger.ts'
import { openTransport } from '@boxoffice/core/queue/open-transport.ts'
import type { Signal } from '@boxoffice/core/queue/payloads.ts'
import { runMain } from '@boxoffice/core/run-main.ts'
import { randomBytes } from '@boxoffice/core/services/random-bytes.ts'
import { sweepLanes } from '@boxoffice/core/services/sweep-lanes.ts'
import { parseSettings } from '@boxoffice/core/settings.ts'
import { StartupError } from '@boxoffice/core/startup-error.ts'
import { every } from './every.ts'
import { LaneWorkers } from './lane-workers.ts'

const SWEEP_EVERY_MS = 1_000
const LOOK_FOR_LANES_EVERY_MS = 60_000
const MAINTAIN_EVERY_MS = 6 * 60 * 60 * 1_000

await runMain(async () => {
  const settings = parseSettings(process.env)
  const url = settings.DATABASE_URL
  if (url === undefined) {
    throw new StartupError('DATABASE_URL is not set: "npm run worker" needs a PostgreSQL, "npm start" brings its own.')
  }
  const logger = createLogger('worker', settings.LOG_LEVEL)
  const database = openDecidingPool(url, logger)
  await checkDatabase(database)
  const transport = await openTransport({ ...settings, DATABASE_URL: url }, logger)

  const announce = (signal: Signal) => {
    transport.publish(signal).catch((error: unknown) => {
      logger.warn({ err: error, lane: signal.lane?.id }, 'signal not sent, clients will look for themselves')
    })
  }
  const dependencies = { database, logger, announce, drawReference: () => drawReference(randomBytes) }
  const workers = new LaneWorkers(transport, dependencies)

  const stops = [
    every(SWEEP_EVERY_MS, 'sweep', logger, () => sweepLanes(dependencies)),
    every(LOOK_FOR_LANES_EVERY_MS, 'look for new lanes', logger, async () => {
      workers.consume((await readLaneDepths(database.pool)).map(({ lane }) => lane))
    }),
    every(MAINTAIN_EVERY_MS, 'make partitions', logger, () => database.pool.query('select ensure_month_partitions(3)')),
  ]
  logger.info({ transport: transport.kind }, 'worker is deciding')
  process.send?.({ ready: true })

  return {
    stop: async () => {
      await Promise.all(stops.map((stop) => stop()))
      await workers.close(3_000)
      await transport.close()
      await database.close()
    },
  }
})
