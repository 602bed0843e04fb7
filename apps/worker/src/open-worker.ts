import { hostOf } from '@boxoffice/core/settings/host-of.ts'
import { createLogger } from '@boxoffice/core/runtime/logger.ts'
import { createWorkerMetrics } from '@boxoffice/core/operations/metrics/worker-metrics.ts'
import { announcer } from '@boxoffice/core/queue/announcer.ts'
import { sellingTerms } from '@boxoffice/core/payments/selling-terms.ts'
import { openTransport } from '@boxoffice/core/queue/open-transport.ts'
import type { Running } from '@boxoffice/core/settings/run-main.ts'
import { openParts } from '@boxoffice/core/runtime/open-parts.ts'
import { loadSecrets } from '@boxoffice/core/settings/secrets.ts'
import { maintenanceTasks } from '@boxoffice/core/maintenance/tasks.ts'
import { type Settings, settingsWarnings } from '@boxoffice/core/settings/settings.ts'
import { StartupError } from '@boxoffice/core/runtime/startup-error.ts'
import { startTelemetry } from '@boxoffice/core/operations/tracing/telemetry.ts'
import { Deciding } from './parts/deciding.ts'
import { openMail } from './parts/mail.ts'
import { openMaintenance } from './parts/maintenance.ts'
import { openPools } from './parts/pools.ts'
import { openWorkerProbes } from './parts/probes.ts'
import { startPublishing } from './parts/publishing.ts'
import { takeJobs } from './parts/queue.ts'
import { openWebhooks } from './parts/webhooks.ts'
import { PeriodicWork } from './loops/periodic-work.ts'
import { WorkerQueue } from './queue/worker-queue.ts'

const TASKS_EVERY_MS = 1_000
const PARTITIONS_EVERY_MS = 6 * 60 * 60 * 1_000

/** Mails and webhooks under way get this long when the worker stops. */
const SENDERS_GRACE_MS = 2_000

/** Opens a worker. Throws `StartupError` with one sentence if a part cannot be opened, with the others closed again. */
export async function openWorker(settings: Settings): Promise<Running> {
  const url = settings.DATABASE_URL
  if (url === undefined) {
    throw new StartupError('DATABASE_URL is not set: "npm run worker" needs a PostgreSQL, "npm start" brings its own.')
  }
  const logger = createLogger('worker', settings.LOG_LEVEL)
  return await openParts(async (parts) => {
    const telemetry = await startTelemetry(settings, 'boxoffice-worker')
    parts.defer(() => telemetry.stop())
    const pools = await openPools(parts, url, settings, logger)
    const secrets = await loadSecrets(settings)
    for (const warning of settingsWarnings(settings)) logger.warn(warning)

    const aborting = new AbortController()
    const stopping = aborting.signal
    const database = pools.lifecycle
    const queue = new WorkerQueue()
    const announce = announcer(queue, logger)
    const publicUrl = () => settings.PUBLIC_URL ?? `http://${hostOf(settings.HOST)}:${settings.PORT}`
    const metrics = createWorkerMetrics({
      pools: { deciding: pools.deciding, lifecycle: database },
      reads: database,
      logger,
    })
    const deciding = new Deciding({
      database: pools.deciding,
      logger,
      announce,
      metrics,
      stopping,
      terms: sellingTerms(settings),
    })
    if (settings.WARM_UP) await deciding.warmUp()
    await openWorkerProbes(parts, { settings, probe: pools.probe, queue, deciding, metrics, stopping })

    // Opened last: a worker that is restarted while Redis is away decides all the same. Closed after what announces.
    const queuePlace = parts.use(new AsyncDisposableStack())
    const common = { settings, secrets, database, logger, metrics, publicUrl }
    const maintain = await openMaintenance({ ...common, announce, stopping })
    const mail = openMail(parts, common)
    parts.defer(() => deciding.deciders.settle())
    const webhooks = openWebhooks(parts, settings, database, logger)
    const periodic = new PeriodicWork(logger)
    parts.defer(async () => {
      aborting.abort()
      await Promise.all([webhooks.stop(SENDERS_GRACE_MS), mail.stop(SENDERS_GRACE_MS), periodic.stop()])
    })

    periodic.start(
      'sweep',
      () => deciding.sweeper.patienceMs,
      () => deciding.sweep(),
    )
    for (const task of maintenanceTasks) periodic.start(task, TASKS_EVERY_MS, () => maintain(task, 'sweep'))
    startPublishing(periodic, database, { logger, metrics, stopping })
    periodic.start('make partitions', PARTITIONS_EVERY_MS, () =>
      pools.deciding.pool.query('select ensure_month_partitions(3)'),
    )
    mail.start()
    webhooks.start()

    const transport = await queue.open(() =>
      openTransport({ ...settings, DATABASE_URL: url }, logger, telemetry.queues),
    )
    queuePlace.defer(() => transport.close())
    takeJobs(queuePlace, transport, { lanes: settings.LANES, deciding, maintain, periodic })
    logger.info({ transport: transport.kind }, 'worker is deciding')
    return {}
  })
}
