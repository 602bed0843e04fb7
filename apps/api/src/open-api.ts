import { createLogger } from '@boxoffice/core/runtime/logger.ts'
import { openTransport } from '@boxoffice/core/queue/open-transport.ts'
import type { Running } from '@boxoffice/core/settings/run-main.ts'
import { openParts } from '@boxoffice/core/runtime/open-parts.ts'
import { loadSecrets } from '@boxoffice/core/settings/secrets.ts'
import { type Settings, settingsWarnings } from '@boxoffice/core/settings/settings.ts'
import { openBookingLine } from '@boxoffice/core/booking-requests/open-booking-line.ts'
import { createApiMetrics } from '@boxoffice/core/operations/metrics/api-metrics.ts'
import { StartupError } from '@boxoffice/core/runtime/startup-error.ts'
import { startTelemetry } from '@boxoffice/core/operations/tracing/telemetry.ts'
import { createTokenVerifier } from '@boxoffice/core/access/tokens.ts'
import { createApp } from './app.ts'
import { Addresses } from './parts/addresses.ts'
import { openApiLimits } from './parts/limits.ts'
import { createLive } from './parts/live.ts'
import { openPayments } from './parts/payments.ts'
import { openPools } from './parts/pools.ts'
import { openApiProbes } from './parts/probes.ts'
import { openRecoveryRequests } from './parts/recovery-requests.ts'
import { serve } from './parts/serve.ts'
import { listenToSignals } from './parts/signals.ts'
import { openThreads } from './parts/threads.ts'
import { IntakeGate } from './overload/intake-gate.ts'
import { turnAwayBefore } from './overload/turn-away.ts'
import { warmUp } from './warm-up/warm-up.ts'

/** An API process that runs. */
export interface RunningApi extends Running {
  readonly port: number
}

/** Opens the API. Throws `StartupError` with one sentence if a part cannot be opened, with the others closed again. */
export async function openApi(settings: Settings): Promise<RunningApi> {
  const url = settings.DATABASE_URL
  if (url === undefined) {
    throw new StartupError('DATABASE_URL is not set: "npm run api" needs a PostgreSQL, "npm start" brings its own.')
  }
  const logger = createLogger('api', settings.LOG_LEVEL)
  return await openParts(async (parts) => {
    const telemetry = await startTelemetry(settings, 'boxoffice-api')
    parts.defer(() => telemetry.stop())
    const secrets = await loadSecrets(settings)
    for (const warning of settingsWarnings(settings)) logger.warn(warning)
    const pools = await openPools(parts, url, settings, logger)
    // Opened late, when the process can take requests, and closed late: they say how stopping goes on.
    const probesPlace = parts.use(new AsyncDisposableStack())
    const transport = await openTransport({ ...settings, DATABASE_URL: url }, logger, telemetry.queues)
    parts.defer(() => transport.close())
    const threads = openThreads(parts, logger)
    const recoveries = openRecoveryRequests(parts, pools.lifecycle, settings, logger)
    const addresses = new Addresses(settings)
    const payments = await openPayments(parts, {
      settings,
      secrets,
      database: pools.lifecycle,
      transport,
      addresses,
      logger,
    })
    const limits = await openApiLimits(parts, { settings, pool: pools.general.pool, logger })

    const live = createLive(settings, pools.general.pool, transport, logger)
    const { probe, ...counted } = pools
    const gate = new IntakeGate()
    const metrics = createApiMetrics({ pools: counted, reads: pools.general, ...live, gate, logger })
    const { onAccepted } = metrics
    const line = openBookingLine({
      intake: pools.intake,
      reads: pools.general,
      transport,
      settings,
      logger,
      onAccepted,
    })
    parts.defer(() => line.close())
    await listenToSignals(transport, { limits, line, availability: live.availability, metrics })

    let stopping = false
    const isStopping = () => stopping
    const common = {
      logger,
      settings,
      secrets,
      pools,
      transport,
      payments,
      recoveries,
      isStopping,
      ...threads,
      verifyToken: createTokenVerifier(settings, secrets, logger),
      traceRequest: telemetry.traceRequest,
    }
    const app = createApp({ ...common, line, limits, live, metrics })
    if (settings.WARM_UP) {
      const requests = await warmUp({
        createApp: (madeUp) => createApp({ ...common, ...madeUp }),
        intake: pools.intake,
        transport,
        settings,
        secrets,
      })
      logger.debug({ requests }, 'warmed up')
    }
    await openApiProbes(probesPlace, { settings, probe, transport, metrics, isStopping })
    const port = await serve(
      parts,
      app,
      live,
      turnAwayBefore(app, { gate, origins: settings.CORS_ORIGINS, logger }),
      settings,
    )
    addresses.onListening(port)
    payments.sandboxSender?.start()
    logger.info({ port, host: settings.HOST, transport: transport.kind }, 'listening')

    const noticeMs = settings.SHUTDOWN_DELAY_MS
    const begin = () => {
      stopping = true
      logger.info({ afterMs: noticeMs }, 'stopping')
    }
    return { port, notice: { ms: noticeMs, begin } }
  })
}
