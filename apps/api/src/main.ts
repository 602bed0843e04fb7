import { cannotListen } from '@boxoffice/core/settings/cannot-listen.ts'
import { checkConnections } from '@boxoffice/core/operations/check-connections.ts'
import { checkDatabase } from '@boxoffice/core/db/check-database.ts'
import {
  openCataloguePool,
  openGeneralPool,
  openIntakePool,
  openLifecyclePool,
  openProbePool,
  openReportsPool,
} from '@boxoffice/core/db/pools.ts'
import { serveProbes } from '@boxoffice/core/operations/probe-server.ts'
import { readinessProbe } from '@boxoffice/core/operations/readiness.ts'
import { createLogger } from '@boxoffice/core/runtime/logger.ts'
import { NO_OUTCOMES } from '@boxoffice/core/limits/awaited-outcomes.ts'
import { NO_HOLD_LIMITS } from '@boxoffice/core/limits/hold-limits.ts'
import { UndecidedPlaces } from '@boxoffice/core/limits/undecided-places.ts'
import { openLimits } from '@boxoffice/core/limits/open-limits.ts'
import { createApiMetrics } from '@boxoffice/core/operations/api-metrics.ts'
import { openProviders, sandboxSecret } from '@boxoffice/core/payments/open-providers.ts'
import { openSandboxSender } from '@boxoffice/core/payments/sandbox/sandbox-sender.ts'
import { announcer } from '@boxoffice/core/queue/announcer.ts'
import { openTransport } from '@boxoffice/core/queue/open-transport.ts'
import { within } from '@boxoffice/core/runtime/within.ts'
import { runMain } from '@boxoffice/core/settings/run-main.ts'
import { hostOf } from '@boxoffice/core/settings/host-of.ts'
import { loadSecrets } from '@boxoffice/core/settings/secrets.ts'
import { AvailabilityHub } from '@boxoffice/core/availability/availability-hub.ts'
import { AvailabilityService } from '@boxoffice/core/availability/availability.ts'
import { openBookingLine } from '@boxoffice/core/booking-requests/open-booking-line.ts'
import { RecoveryRequests } from '@boxoffice/core/bookings/recovery/recovery-requests.ts'
import { SeatMaps } from '@boxoffice/core/availability/seat-maps.ts'
import { parseSettings, settingsWarnings } from '@boxoffice/core/settings/settings.ts'
import { StartupError } from '@boxoffice/core/runtime/startup-error.ts'
import { startTelemetry } from '@boxoffice/core/operations/telemetry.ts'
import { openTicketPrinter } from '@boxoffice/core/tickets/ticket-printer.ts'
import { createTokenVerifier } from '@boxoffice/core/access/tokens.ts'
import { createApp } from './app.ts'
import { NO_LIMITS } from './http/admission.ts'
import { clientShares } from './http/client-shares.ts'
import { OpenWaits } from './http/open-waits.ts'
import { RateLimits } from './http/rate-limits.ts'
import { listen } from './http/listen.ts'
import { createApiServer } from './http/server.ts'
import { EventStreams } from './http/sse.ts'
import { openSeatingReader } from './seating/seating-reader.ts'

/** Answers under way get this long when the process is asked to stop. */
const GRACE_MS = 2_000
/** And those who were promised a link by mail this long after it. */
const LINKS_GRACE_MS = 1_000
/** And what the sandbox is sending this long. */
const SENDER_GRACE_MS = 1_000

await runMain(async () => {
  const settings = parseSettings(process.env)
  const url = settings.DATABASE_URL
  if (url === undefined) {
    throw new StartupError('DATABASE_URL is not set: "npm run api" needs a PostgreSQL, "npm start" brings its own.')
  }
  const logger = createLogger('api', settings.LOG_LEVEL)
  const telemetry = await startTelemetry(settings, 'boxoffice-api')
  const secrets = await loadSecrets(settings)
  for (const warning of settingsWarnings(settings)) logger.warn(warning)
  const intake = openIntakePool(url, logger)
  const database = openGeneralPool(url, settings.DATABASE_POOL, logger)
  const lifecycleDatabase = openLifecyclePool(url, settings.DATABASE_POOL, logger)
  const reports = openReportsPool(url, logger)
  const catalogue = openCataloguePool(url, logger)
  const probe = openProbePool(url, logger)
  await checkDatabase(database)
  await checkConnections('api', database, settings, logger)

  const transport = await openTransport({ ...settings, DATABASE_URL: url }, logger, telemetry.queues)
  const streams = new EventStreams()
  const waits = new OpenWaits()
  const shares = clientShares(settings)
  const metrics = createApiMetrics({
    pools: { intake, general: database, lifecycle: lifecycleDatabase, reports, catalogue },
    reads: database,
    streams,
    waits,
    shares,
    logger,
  })
  const { onAccepted } = metrics
  const line = openBookingLine({ intake, reads: database, transport, settings, logger, onAccepted })
  const availability = new AvailabilityService({
    pool: database.pool,
    shared: transport.availability,
    logger,
    now: Date.now,
  })
  const undecidedPlaces = settings.LIMITS ? new UndecidedPlaces() : null
  const hub = new AvailabilityHub(availability, logger)
  const limits = settings.LIMITS ? await openLimits({ settings, pool: database.pool, logger }) : null
  await transport.subscribe({
    onSignal: (signal) => {
      // First, so that who is told of an outcome finds the places free that were reserved for it.
      limits?.outcomes.onSignal(signal)
      line.onSignal(signal)
      availability.onSignal(signal)
      metrics.onSignal(signal)
    },
    onGap: () => {
      line.onGap()
      availability.onGap()
    },
  })

  // Which port it is, only listening tells.
  let ownUrl = ''
  const publicUrl = () => settings.PUBLIC_URL ?? ownUrl
  const lifecycle = {
    database: lifecycleDatabase,
    logger,
    providers: await openProviders({ settings, secrets, database: lifecycleDatabase, publicUrl, logger }),
    announce: announcer(transport, logger),
  }
  const sandboxSender =
    settings.PAYMENT_PROVIDER === 'sandbox'
      ? openSandboxSender({
          database: lifecycleDatabase,
          webhookUrl: () => `${ownUrl}/v1/payment-webhooks/sandbox`,
          webhookSecret: sandboxSecret(secrets),
          logger,
        })
      : null

  const printer = openTicketPrinter(logger)
  const seating = openSeatingReader(logger)
  const recoveries = new RecoveryRequests(
    lifecycleDatabase,
    logger,
    settings.LIMITS ? settings.RECOVERIES_PER_RECIPIENT : null,
  )
  let stopping = false
  const app = createApp({
    logger,
    settings,
    admission: limits === null ? NO_LIMITS : new RateLimits(settings, limits.counter),
    holdLimits: limits?.holds ?? NO_HOLD_LIMITS,
    outcomes: limits?.outcomes ?? NO_OUTCOMES,
    secrets,
    printer,
    seating,
    verifyToken: createTokenVerifier(settings, secrets, logger),
    line,
    undecidedPlaces,
    availability,
    hub,
    seatMaps: new SeatMaps(database.pool),
    database,
    reports,
    catalogue,
    probe,
    transport,
    streams,
    waits,
    shares,
    lifecycle,
    recoveries,
    sandboxSender,
    metrics,
    traceRequest: telemetry.traceRequest,
    isStopping: () => stopping,
  })
  const probes =
    settings.METRICS_PORT === undefined
      ? null
      : await serveProbes({
          host: settings.HOST,
          port: settings.METRICS_PORT,
          setting: 'METRICS_PORT',
          metricsToken: settings.METRICS_TOKEN,
          readiness: readinessProbe({ database: probe, queue: () => transport, isStopping: () => stopping }),
          scrape: metrics.scrape,
        })
  const listening = await listen(createApiServer(app, shares), settings.PORT, settings.HOST).catch((error: unknown) => {
    throw new StartupError(cannotListen(error, settings), { cause: error })
  })
  const { port } = listening
  ownUrl = `http://${hostOf(settings.HOST)}:${port}`
  sandboxSender?.start()
  if (settings.NODE_ENV === 'production' && sandboxSender !== null) {
    logger.warn('PAYMENT_PROVIDER is sandbox: everybody can confirm bookings without paying')
  }
  logger.info({ port, host: settings.HOST, transport: transport.kind }, 'listening')
  process.send?.({ port })

  return {
    notice: {
      ms: settings.SHUTDOWN_DELAY_MS,
      begin: () => {
        stopping = true
        logger.info({ afterMs: settings.SHUTDOWN_DELAY_MS }, 'stopping')
      },
    },
    stop: async () => {
      const closed = listening.close(GRACE_MS)
      hub.close()
      streams.close()
      waits.close()
      await closed
      line.close()
      limits?.close()
      await sandboxSender?.stop(SENDER_GRACE_MS)
      await within(LINKS_GRACE_MS, 'mailing links', recoveries.settle()).catch((error: unknown) => {
        logger.warn({ err: error }, 'some who asked for a link to a booking get none')
      })
      await Promise.all([printer.close(), seating.close()])
      await transport.close()
      await probes?.close()
      await Promise.all([intake, database, lifecycleDatabase, reports, catalogue, probe].map((pool) => pool.close()))
      await telemetry.stop()
    },
  }
})
