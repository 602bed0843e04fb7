import { setTimeout as delay } from 'node:timers/promises'
import { checkDatabase } from '@boxoffice/core/db/check-database.ts'
import { openDecidingPool, openLifecyclePool } from '@boxoffice/core/db/pools.ts'
import { readLaneDepths } from '@boxoffice/core/db/queries/read-lane-depths.ts'
import { drawReference } from '@boxoffice/core/domain/booking-reference.ts'
import { hostOf } from '@boxoffice/core/host-of.ts'
import { createLogger } from '@boxoffice/core/logger.ts'
import { openProviders } from '@boxoffice/core/payments/open-providers.ts'
import { announcer } from '@boxoffice/core/queue/announcer.ts'
import { openTransport } from '@boxoffice/core/queue/open-transport.ts'
import type { Signal } from '@boxoffice/core/queue/payloads.ts'
import type { Transport } from '@boxoffice/core/queue/transport.ts'
import { runMain } from '@boxoffice/core/run-main.ts'
import { loadSecrets } from '@boxoffice/core/secrets.ts'
import {
  isMaintenanceTask,
  MAINTENANCE_TASKS,
  maintenanceTasks,
  runTask,
} from '@boxoffice/core/services/maintenance/tasks.ts'
import { publishEvents } from '@boxoffice/core/services/outbox/publish-events.ts'
import { randomBytes } from '@boxoffice/core/services/random-bytes.ts'
import { LaneSweeper } from '@boxoffice/core/services/sweep-lanes.ts'
import { parseSettings } from '@boxoffice/core/settings.ts'
import { StartupError } from '@boxoffice/core/startup-error.ts'
import { every } from './every.ts'
import { LaneWorkers } from './lane-workers.ts'

const SWEEP_EVERY_MS = 1_000
const PUBLISH_EVERY_MS = 250
const LOOK_FOR_LANES_EVERY_MS = 60_000
const SCHEDULE_EVERY_MS = 60_000
const MAINTAIN_EVERY_MS = 6 * 60 * 60 * 1_000
const QUEUE_WITHIN_MS = 12_000

await runMain(async () => {
  const settings = parseSettings(process.env)
  const url = settings.DATABASE_URL
  if (url === undefined) {
    throw new StartupError('DATABASE_URL is not set: "npm run worker" needs a PostgreSQL, "npm start" brings its own.')
  }
  const logger = createLogger('worker', settings.LOG_LEVEL)
  const database = openDecidingPool(url, logger)
  await checkDatabase(database)

  const secrets = await loadSecrets(settings)
  const lifecycleDatabase = openLifecyclePool(url, settings.DATABASE_POOL, logger)

  // Until there is a queue, clients look for themselves.
  let publish = (_signal: Signal) => Promise.resolve()
  const announce = announcer({ publish: (signal) => publish(signal) }, logger)
  const stopping = new AbortController()
  const dependencies = {
    database,
    logger,
    announce,
    drawReference: () => drawReference(randomBytes),
    stopping: stopping.signal,
  }
  const maintenance = {
    database: lifecycleDatabase,
    logger,
    announce,
    providers: await openProviders({
      settings,
      secrets,
      database: lifecycleDatabase,
      publicUrl: () => settings.PUBLIC_URL ?? `http://${hostOf(settings.HOST)}:${settings.PORT}`,
      logger,
    }),
    closeAfterMs: settings.CLOSE_AFTER_MS,
    stopping: stopping.signal,
  }
  // Before the queue: a worker that is restarted while Redis is away decides all the same.
  const sweeper = new LaneSweeper(dependencies)
  const stops = [
    every(SWEEP_EVERY_MS, 'sweep', logger, () => sweeper.sweep()),
    ...maintenanceTasks.map((task) => every(SWEEP_EVERY_MS, task, logger, () => runTask(maintenance, task, 'sweep'))),
    every(PUBLISH_EVERY_MS, 'publish events', logger, () => publishEvents(lifecycleDatabase, stopping.signal)),
    every(MAINTAIN_EVERY_MS, 'make partitions', logger, () => database.pool.query('select ensure_month_partitions(3)')),
  ]
  const transport = await openPatiently(() => openTransport({ ...settings, DATABASE_URL: url }, logger))
  publish = (signal) => transport.publish(signal)
  const workers = new LaneWorkers(transport, dependencies)
  const maintainer = transport.maintain(maintenanceTasks.length, async (name) => {
    if (!isMaintenanceTask(name)) throw new Error(`this worker knows no periodic work ${name}`)
    return runTask(maintenance, name, 'job')
  })
  stops.push(
    // Again and again: a Redis that was flushed has forgotten them.
    every(SCHEDULE_EVERY_MS, 'schedule periodic work', logger, () =>
      transport.schedule(maintenanceTasks.map((name) => ({ name, ...MAINTENANCE_TASKS[name] }))),
    ),
    every(LOOK_FOR_LANES_EVERY_MS, 'look for new lanes', logger, async () => {
      workers.consume((await readLaneDepths(database.pool)).map(({ lane }) => lane))
    }),
  )
  logger.info({ transport: transport.kind }, 'worker is deciding')
  process.send?.({ ready: true })

  return {
    stop: async () => {
      stopping.abort()
      await Promise.all(stops.map((stop) => stop()))
      await sweeper.settle()
      await Promise.all([workers.close(3_000), maintainer.close(3_000)])
      await transport.close()
      await Promise.all([database.close(), lifecycleDatabase.close()])
    },
  }
})

/** Tries for a while: whoever restarts this process would only wait longer and longer, with nothing decided meanwhile. */
async function openPatiently(open: () => Promise<Transport>): Promise<Transport> {
  const deadline = Date.now() + QUEUE_WITHIN_MS
  for (;;) {
    try {
      return await open()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await delay(500)
    }
  }
}
