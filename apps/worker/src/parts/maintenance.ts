import type { Database } from '@boxoffice/core/db/connect.ts'
import type { Logger } from '@boxoffice/core/runtime/logger.ts'
import type { WorkerMetrics } from '@boxoffice/core/operations/metrics/worker-metrics.ts'
import { openProviders } from '@boxoffice/core/payments/open-providers.ts'
import type { Signal } from '@boxoffice/core/queue/payloads.ts'
import type { Secrets } from '@boxoffice/core/settings/secrets.ts'
import { Cleaner } from '@boxoffice/core/maintenance/clean-up.ts'
import { type MaintenanceTask, runTask, type Trigger } from '@boxoffice/core/maintenance/tasks.ts'
import type { Settings } from '@boxoffice/core/settings/settings.ts'

/** Runs a task of periodic maintenance as `runTask` does, and counts how it ended. */
export type Maintain = (task: MaintenanceTask, trigger: Trigger) => ReturnType<typeof runTask>

interface MaintenanceOptions {
  readonly settings: Settings
  readonly secrets: Secrets
  readonly database: Database
  readonly logger: Logger
  readonly announce: (signal: Signal) => void
  readonly metrics: WorkerMetrics
  readonly publicUrl: () => string
  readonly stopping: AbortSignal
}

export async function openMaintenance({
  settings,
  secrets,
  database,
  logger,
  announce,
  metrics,
  publicUrl,
  stopping,
}: MaintenanceOptions): Promise<Maintain> {
  const maintenance = {
    database,
    logger,
    announce,
    providers: await openProviders({ settings, secrets, database, publicUrl, logger }),
    closeAfterMs: settings.CLOSE_AFTER_MS,
    cleaner: new Cleaner({
      database,
      logger,
      observer: metrics,
      refusedRequestsKeepMs: settings.REFUSED_REQUESTS_KEEP_MS,
    }),
    stopping,
  }
  return async (task, trigger) => {
    try {
      const result = await runTask(maintenance, task, trigger)
      metrics.onMaintenance(task, result === null ? 'not_due' : 'done')
      return result
    } catch (error) {
      metrics.onMaintenance(task, 'failed')
      throw error
    }
  }
}
