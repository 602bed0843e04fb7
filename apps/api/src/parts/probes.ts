import type { Database } from '@boxoffice/core/db/connect.ts'
import { serveProbes } from '@boxoffice/core/operations/probe-server.ts'
import { readinessProbe } from '@boxoffice/core/operations/readiness.ts'
import type { ApiMetrics } from '@boxoffice/core/operations/metrics/api-metrics.ts'
import type { Transport } from '@boxoffice/core/queue/transport.ts'
import type { Settings } from '@boxoffice/core/settings/settings.ts'

interface ProbesOptions {
  readonly settings: Settings
  readonly probe: Database
  readonly transport: Transport
  readonly metrics: ApiMetrics
  isStopping(): boolean
}

/** Serves probes and metrics on `METRICS_PORT`, if that is set. */
export async function openApiProbes(
  parts: AsyncDisposableStack,
  { settings, probe, transport, metrics, isStopping }: ProbesOptions,
): Promise<void> {
  if (settings.METRICS_PORT === undefined) return
  const probes = await serveProbes({
    host: settings.HOST,
    port: settings.METRICS_PORT,
    setting: 'METRICS_PORT',
    metricsToken: settings.METRICS_TOKEN,
    readiness: readinessProbe({ database: probe, queue: () => transport, isStopping }),
    scrape: metrics.scrape,
  })
  parts.defer(() => probes.close())
}
