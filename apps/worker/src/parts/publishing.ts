import type { Database } from '@boxoffice/core/db/connect.ts'
import type { Logger } from '@boxoffice/core/runtime/logger.ts'
import type { WorkerMetrics } from '@boxoffice/core/operations/metrics/worker-metrics.ts'
import { publishOutgoingEvents, restMs } from '@boxoffice/core/outbox/publish-outgoing-events.ts'
import type { PeriodicWork } from '../loops/periodic-work.ts'

/** Publishes outgoing events, at once again while there are many. */
export function startPublishing(
  periodic: PeriodicWork,
  database: Database,
  {
    logger,
    metrics,
    stopping,
  }: { readonly logger: Logger; readonly metrics: WorkerMetrics; readonly stopping: AbortSignal },
): void {
  let published = 0
  periodic.start(
    'publish events',
    () => restMs(published),
    async () => {
      published = 0
      published = await publishOutgoingEvents(database, { stopping, logger })
      metrics.onPublished(published)
    },
  )
}
