import { setTimeout as delay } from 'node:timers/promises'
import { checkConnections } from '@boxoffice/core/operations/check-connections.ts'
import { checkDatabase } from '@boxoffice/core/db/check-database.ts'
import { openDecidingPool, openLifecyclePool, openProbePool } from '@boxoffice/core/db/pools.ts'
import { readLaneDepths } from '@boxoffice/core/booking-requests/queries/read-lane-depths.ts'
import { drawReference } from '@boxoffice/core/domain/booking-reference.ts'
import { serveProbes } from '@boxoffice/core/operations/probe-server.ts'
import { type Check, readinessProbe } from '@boxoffice/core/operations/readiness.ts'
import { hostOf } from '@boxoffice/core/settings/host-of.ts'
import { createLogger } from '@boxoffice/core/runtime/logger.ts'
import { createWorkerMetrics, type WorkerMetrics } from '@boxoffice/core/operations/worker-metrics.ts'
import { openMailTransport } from '@boxoffice/core/mail/transport.ts'
import { openProviders } from '@boxoffice/core/payments/open-providers.ts'
import { announcer } from '@boxoffice/core/queue/announcer.ts'
import { openTransport } from '@boxoffice/core/queue/open-transport.ts'
import type { Signal } from '@boxoffice/core/queue/payloads.ts'
import type { Transport } from '@boxoffice/core/queue/transport.ts'
import { runMain } from '@boxoffice/core/settings/run-main.ts'
import { loadSecrets } from '@boxoffice/core/settings/secrets.ts'
import { MailSender } from '@boxoffice/core/mail/mail-sender.ts'
import { Cleaner } from '@boxoffice/core/maintenance/clean-up.ts'
import {
  isMaintenanceTask,
  MAINTENANCE_TASKS,
  type MaintenanceTask,
  maintenanceTasks,
  runTask,
  type Trigger,
} from '@boxoffice/core/maintenance/tasks.ts'
import { publishOutgoingEvents, restMs } from '@boxoffice/core/outbox/publish-outgoing-events.ts'
import { randomBytes } from '@boxoffice/core/runtime/random-bytes.ts'
import { BatchSizes } from '@boxoffice/core/booking-requests/deciding/batch-sizes.ts'
import { LaneSweeper } from '@boxoffice/core/booking-requests/deciding/sweep-lanes.ts'
import { WebhookCourier } from '@boxoffice/core/webhooks/courier.ts'
import { parseSettings, settingsWarnings } from '@boxoffice/core/settings/settings.ts'
import { StartupError } from '@boxoffice/core/runtime/startup-error.ts'
import { anyDestination, publicDestinations } from '@boxoffice/core/webhooks/destination.ts'
import { WebhookPoster } from '@boxoffice/core/webhooks/poster.ts'
import { openTicketPrinter } from '@boxoffice/core/tickets/ticket-printer.ts'
import { startTelemetry } from '@boxoffice/core/operations/telemetry.ts'
import { every } from './every.ts'
import { LaneWorkers } from './lane-workers.ts'

const TASKS_EVERY_MS = 1_000
const MAIL_EVERY_MS = 1_000
const LOOK_FOR_LANES_EVERY_MS = 60_000
const SCHEDULE_EVERY_MS = 60_000
const MAINTAIN_EVERY_MS = 6 * 60 * 60 * 1_000
const QUEUE_WITHIN_MS = 12_000
const SWEPT_WITHIN_MS = 15_000

await runMain(async () => {
  const settings = parseSettings(process.env)
  const url = settings.DATABASE_URL
  if (url === undefined) {
    throw new StartupError('DATABASE_URL is not set: "npm run worker" needs a PostgreSQL, "npm start" brings its own.')
  }
  const logger = createLogger('worker', settings.LOG_LEVEL)
  const telemetry = await startTelemetry(settings, 'boxoffice-worker')
  const database = openDecidingPool(url, logger)
  await checkDatabase(database)
  await checkConnections('worker', database, settings, logger)

  const secrets = await loadSecrets(settings)
  for (const warning of settingsWarnings(settings)) logger.warn(warning)
  const lifecycleDatabase = openLifecyclePool(url, settings.DATABASE_POOL, logger)
  const probe = openProbePool(url, logger)

  // Until there is a queue, clients look for themselves.
  let publish = (_signal: Signal) => Promise.resolve()
  const announce = announcer({ publish: (signal) => publish(signal) }, logger)
  const stopping = new AbortController()
  const metrics = createWorkerMetrics({
    pools: { deciding: database, lifecycle: lifecycleDatabase },
    reads: lifecycleDatabase,
    logger,
  })
  const dependencies = {
    database,
    logger,
    announce,
    observer: metrics,
    drawReference: () => drawReference(randomBytes),
    sizes: new BatchSizes(),
    stopping: stopping.signal,
  }
  const publicUrl = () => settings.PUBLIC_URL ?? `http://${hostOf(settings.HOST)}:${settings.PORT}`
  const maintenance = {
    database: lifecycleDatabase,
    logger,
    announce,
    providers: await openProviders({
      settings,
      secrets,
      database: lifecycleDatabase,
      publicUrl,
      logger,
    }),
    closeAfterMs: settings.CLOSE_AFTER_MS,
    cleaner: new Cleaner({
      database: lifecycleDatabase,
      logger,
      observer: metrics,
      refusedRequestsKeepMs: settings.REFUSED_REQUESTS_KEEP_MS,
    }),
    stopping: stopping.signal,
  }
  const mailTransport = openMailTransport(settings)
  const printer = openTicketPrinter(logger)
  const mail = new MailSender({
    database: lifecycleDatabase,
    logger,
    transport: mailTransport,
    budgets: settings.LIMITS
      ? { perRecipientAnHour: settings.MAILS_PER_RECIPIENT, perLineAMinute: settings.MAILS_PER_RESOURCE }
      : null,
    onMail: metrics.onMail,
    ticketKeys: secrets.ticketKeys,
    printer,
    guestSecret: secrets.guestSecret,
    recoveryPage: () => settings.RECOVERY_URL ?? `${publicUrl()}/recover`,
  })
  // Before the queue: a worker that is restarted while Redis is away decides all the same.
  const sweeper = new LaneSweeper(dependencies)
  let sweptAt = performance.now()
  let published = 0
  const maintain = (task: MaintenanceTask, trigger: Trigger) =>
    observed(metrics, task, () => runTask(maintenance, task, trigger))
  const stops = [
    every(
      () => sweeper.patienceMs,
      'sweep',
      logger,
      async () => {
        void (await sweeper.sweep())
        sweptAt = performance.now()
      },
    ),
    ...maintenanceTasks.map((task) => every(TASKS_EVERY_MS, task, logger, () => maintain(task, 'sweep'))),
    every(
      () => restMs(published),
      'publish events',
      logger,
      async () => {
        published = 0
        published = await publishOutgoingEvents(lifecycleDatabase, { stopping: stopping.signal, logger })
        metrics.onPublished(published)
      },
    ),
    every(MAIL_EVERY_MS, 'send mail', logger, () => mail.look()),
    every(MAINTAIN_EVERY_MS, 'make partitions', logger, () => database.pool.query('select ensure_month_partitions(3)')),
  ]
  const poster = new WebhookPoster({
    destinations: settings.WEBHOOKS_TO_PRIVATE_ADDRESSES ? anyDestination() : publicDestinations(),
  })
  const webhooks = new WebhookCourier({ database: lifecycleDatabase, poster, logger })
  webhooks.start()
  let transport: Transport | null = null
  const probes =
    settings.WORKER_PORT === undefined
      ? null
      : await serveProbes({
          host: settings.HOST,
          port: settings.WORKER_PORT,
          setting: 'WORKER_PORT',
          metricsToken: settings.METRICS_TOKEN,
          readiness: readinessProbe({
            database: probe,
            queue: () => transport,
            isStopping: () => stopping.signal.aborted,
            // Progress, not liveness: a worker can stop consuming and still seem to run.
            more: { sweep: () => sweepCheck(performance.now() - sweptAt) },
          }),
          scrape: () => metrics.scrape(),
        })
  const opened = await openPatiently(() => openTransport({ ...settings, DATABASE_URL: url }, logger, telemetry.queues))
  transport = opened
  publish = (signal) => opened.publish(signal)
  const workers = new LaneWorkers(opened, dependencies, () => sweeper.onRung())
  const maintainer = opened.maintain(maintenanceTasks.length, async (name) => {
    if (!isMaintenanceTask(name)) throw new Error(`this worker knows no periodic work ${name}`)
    return maintain(name, 'job')
  })
  stops.push(
    // Again and again: a Redis that was flushed has forgotten them.
    every(SCHEDULE_EVERY_MS, 'schedule periodic work', logger, () =>
      opened.schedule(maintenanceTasks.map((name) => ({ name, ...MAINTENANCE_TASKS[name] }))),
    ),
    every(LOOK_FOR_LANES_EVERY_MS, 'look for new lanes', logger, async () => {
      workers.consume((await readLaneDepths(database.pool)).map(({ lane }) => lane))
    }),
  )
  logger.info({ transport: opened.kind }, 'worker is deciding')
  process.send?.({ ready: true })

  return {
    stop: async () => {
      stopping.abort()
      await Promise.all([webhooks.stop(), ...stops.map((stop) => stop())])
      await poster.close()
      await Promise.all([sweeper.settle(), mail.stop(2_000)])
      mailTransport.close()
      await printer.close()
      await Promise.all([workers.close(3_000), maintainer.close(3_000)])
      await opened.close()
      await probes?.close()
      await Promise.all([database.close(), lifecycleDatabase.close(), probe.close()])
      await telemetry.stop()
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

/** Told to the metrics: what came of a piece of periodic work. */
async function observed<Result>(
  metrics: WorkerMetrics,
  task: MaintenanceTask,
  run: () => Promise<Result | null>,
): Promise<Result | null> {
  try {
    const result = await run()
    metrics.onMaintenance(task, result === null ? 'not_due' : 'done')
    return result
  } catch (error) {
    metrics.onMaintenance(task, 'failed')
    throw error
  }
}

function sweepCheck(sinceMs: number): Check {
  if (sinceMs < SWEPT_WITHIN_MS) return { ok: true }
  return { ok: false, why: `The last sweep that ended well was ${Math.round(sinceMs / 1_000)} seconds ago.` }
}
