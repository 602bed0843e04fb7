import type { Database } from '@boxoffice/core/db/connect.ts'
import { serveProbes } from '@boxoffice/core/operations/probe-server.ts'
import { readinessProbe } from '@boxoffice/core/operations/readiness.ts'
import type { WorkerMetrics } from '@boxoffice/core/operations/metrics/worker-metrics.ts'
import type { Settings } from '@boxoffice/core/settings/settings.ts'
import type { WorkerQueue } from '../queue/worker-queue.ts'
import type { Deciding } from './deciding.ts'

interface ProbesOptions {
  readonly settings: Settings
  readonly probe: Database
  readonly queue: Pick<WorkerQueue, 'transport'>
  readonly deciding: Pick<Deciding, 'swept'>
  readonly metrics: WorkerMetrics
  readonly stopping: AbortSignal
}

/** Serves probes and metrics on `WORKER_PORT`, if that is set. */
export async function openWorkerProbes(
  parts: AsyncDisposableStack,
  { settings, probe, queue, deciding, metrics, stopping }: ProbesOptions,
): Promise<void> {
  if (settings.WORKER_PORT === undefined) return
  const probes = await serveProbes({
    host: settings.HOST,
    port: settings.WORKER_PORT,
    setting: 'WORKER_PORT',
    metricsToken: settings.METRICS_TOKEN,
    readiness: readinessProbe({
      database: probe,
      queue: () => queue.transport,
      isStopping: () => stopping.aborted,
      more: { sweep: () => deciding.swept },
    }),
    scrape: () => metrics.scrape(),
  })
  parts.defer(() => probes.close())
}
