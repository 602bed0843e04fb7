import express, { type Express } from 'express'
import helmet from 'helmet'
import type { Database } from '@boxoffice/core/db/connect.ts'
import type { OutcomesToCome } from '@boxoffice/core/limits/awaited-outcomes.ts'
import type { HoldLimits } from '@boxoffice/core/limits/hold-limits.ts'
import type { UndecidedPlaces } from '@boxoffice/core/limits/undecided-places.ts'
import type { Logger } from '@boxoffice/core/runtime/logger.ts'
import type { ApiMetrics } from '@boxoffice/core/operations/api-metrics.ts'
import type { Transport } from '@boxoffice/core/queue/transport.ts'
import type { Secrets } from '@boxoffice/core/settings/secrets.ts'
import type { AvailabilityHub } from '@boxoffice/core/availability/availability-hub.ts'
import type { AvailabilityService } from '@boxoffice/core/availability/availability.ts'
import type { BookingLine } from '@boxoffice/core/booking-requests/booking-line.ts'
import type { SandboxSender } from '@boxoffice/core/payments/sandbox/sandbox-sender.ts'
import type { LifecycleDependencies } from '@boxoffice/core/bookings/lifecycle.ts'
import { apiKeyVerifier } from '@boxoffice/core/access/api-keys.ts'
import type { RecoveryRequests } from '@boxoffice/core/bookings/recovery/recovery-requests.ts'
import type { SeatMaps } from '@boxoffice/core/availability/seat-maps.ts'
import type { Settings } from '@boxoffice/core/settings/settings.ts'
import type { TraceRequest } from '@boxoffice/core/operations/telemetry.ts'
import { TicketCodes } from '@boxoffice/core/tickets/ticket-codes.ts'
import type { TicketPrinter } from '@boxoffice/core/tickets/ticket-printer.ts'
import type { VerifyToken } from '@boxoffice/core/access/tokens.ts'
import { anyDestination, publicDestinations } from '@boxoffice/core/webhooks/destination.ts'
import { bullBoard } from './bull-board.ts'
import { BULL_BOARD_PATH } from './bull-board-path.ts'
import { docsRoutes } from './docs/docs-routes.ts'
import { AddressTurns } from './http/address-turns.ts'
import type { Admission } from './http/admission.ts'
import { authenticator } from './http/authenticate.ts'
import type { ClientShares } from './http/client-shares.ts'
import { closeWhenStopping } from './http/close-when-stopping.ts'
import { crossOrigin } from './http/cross-origin.ts'
import { errorHandler } from './http/error-handler.ts'
import { observeRequests } from './http/observe-requests.ts'
import type { OpenWaits } from './http/open-waits.ts'
import { assignRequestId } from './http/request-id.ts'
import { PrintQueue } from './http/print-queue.ts'
import type { RouteDependencies } from './http/routes.ts'
import { Reports } from './http/reports.ts'
import { requestLog } from './http/request-log.ts'
import type { EventStreams } from './http/sse.ts'
import { traceRequests } from './http/trace-requests.ts'
import { Turns } from './http/turns.ts'
import { warnOfUnknownProxy } from './http/unknown-proxy.ts'
import { unknownRoute } from './http/unknown-route.ts'
import { apiKeyRoutes } from './routes/api-keys.ts'
import { auditRoutes } from './routes/audit.ts'
import { availabilityRoutes } from './routes/availability.ts'
import { bookingRecoveryRoutes } from './routes/booking-recoveries.ts'
import { bookingRequestRoutes } from './routes/booking-requests.ts'
import { bookingRoutes } from './routes/bookings.ts'
import { catalogueRoutes } from './routes/catalogue.ts'
import { checkInRoutes } from './routes/check-ins.ts'
import { feedRoutes } from './routes/feed.ts'
import { guestSessionRoutes } from './routes/guest-sessions.ts'
import { healthRoutes } from './routes/health.ts'
import { laneRoutes } from './routes/lanes.ts'
import { managementRoutes } from './routes/management/management.ts'
import { parkedRoutes } from './routes/parked.ts'
import { paymentWebhookRoutes } from './routes/payment-webhooks.ts'
import { quoteRoutes } from './routes/quotes.ts'
import { recoveryPages } from './routes/recovery-pages.ts'
import { sandboxCheckoutRoutes } from './routes/sandbox-checkout.ts'
import { ticketRoutes } from './routes/tickets.ts'
import { webhookRoutes } from './routes/webhooks.ts'
import type { SeatingReader } from './seating/seating-reader.ts'

export interface AppDependencies {
  readonly logger: Logger
  readonly settings: Settings
  /** How often calls are let in. */
  readonly admission: Admission
  /** How much may be held without being paid for. */
  readonly holdLimits: HoldLimits
  /** Reports to the limits how booking requests end. */
  readonly outcomes: OutcomesToCome
  readonly secrets: Pick<Secrets, 'guestSecret' | 'ticketKeys'>
  readonly printer: Pick<TicketPrinter, 'print'>
  readonly seating: Pick<SeatingReader, 'read'>
  readonly verifyToken: VerifyToken
  readonly line: BookingLine
  /** How many places one seller may have waiting; `null` where nothing is limited. */
  readonly undecidedPlaces: UndecidedPlaces | null
  /** For reads that customers and gates wait for; intake has its own. */
  readonly database: Database
  /** For the lists that organizers read. */
  readonly reports: Database
  /** For changes of the catalogue and of what else organizers set up. */
  readonly catalogue: Database
  /** For probes alone. */
  readonly probe: Database
  readonly transport: Transport
  readonly streams: EventStreams
  readonly waits: OpenWaits
  readonly shares: ClientShares
  readonly availability: AvailabilityService
  readonly hub: AvailabilityHub
  readonly seatMaps: SeatMaps
  readonly lifecycle: LifecycleDependencies
  readonly recoveries: RecoveryRequests
  /** Brings out the sandbox's webhooks, where the sandbox is what takes the money. */
  readonly sandboxSender: SandboxSender | null
  readonly metrics: ApiMetrics
  /** Where traces are taken. */
  readonly traceRequest?: TraceRequest | null
  readonly isStopping: () => boolean
}

const CHANGES = {
  atOnce: 2,
  maxWaiting: 100,
  detail: 'Too much is being changed for this organizer at this moment. Send the next change once one is answered.',
}

/** The API. Booking requests come first and pass through as little as possible: they are the crowd. */
export function createApp(deps: AppDependencies): Express {
  const { logger, database, transport, verifyToken, lifecycle, sandboxSender, printer, recoveries } = deps
  const { ticketKeys } = deps.secrets
  const authenticate = authenticator(apiKeyVerifier(database.pool, verifyToken))
  const routeDeps: RouteDependencies = { authenticate, admission: deps.admission }
  const { pool } = database
  const reports = new Reports(deps.reports)
  const { catalogue } = deps
  const changing: RouteDependencies = { ...routeDeps, turns: new Turns(CHANGES) }
  const reading: RouteDependencies = deps.settings.LIMITS
    ? { ...routeDeps, addressTurns: new AddressTurns() }
    : routeDeps
  const destinations = deps.settings.WEBHOOKS_TO_PRIVATE_ADDRESSES ? anyDestination() : publicDestinations()
  const ticketLimits = {
    perBooking: deps.settings.MAX_TICKETS_PER_BOOKING,
    perSellerBooking: deps.settings.MAX_TICKETS_PER_SELLER_BOOKING,
  }
  const printing = new PrintQueue(deps.settings.LIMITS)
  const codes = new TicketCodes()
  const routers = [
    bookingRequestRoutes(routeDeps, { ...deps, ticketLimits }),
    availabilityRoutes(reading, { ...deps, watchers: deps.shares.watchers }),
    catalogueRoutes(reading, { pool, seatMaps: deps.seatMaps }),
    quoteRoutes(reading, { pool, ticketLimits }),
    bookingRoutes(reading, { lifecycle, pool, reports }),
    ticketRoutes(routeDeps, { database, ticketKeys, printer, printing, codes }),
    checkInRoutes(routeDeps, { database: lifecycle.database, reports, ticketKeys }),
    ...managementRoutes(changing, {
      database: catalogue,
      announce: lifecycle.announce,
      reports,
      seatMaps: deps.seatMaps,
      seating: deps.seating,
      layoutVersions: deps.settings.LAYOUT_VERSIONS,
      lanes: deps.settings.LANES,
    }),
    auditRoutes(routeDeps, reports),
    webhookRoutes(changing, { database: catalogue, reports, destinations }),
    feedRoutes(routeDeps, reports),
    paymentWebhookRoutes(routeDeps, { lifecycle }),
    guestSessionRoutes(routeDeps, deps.secrets),
    bookingRecoveryRoutes(routeDeps, { recoveries, pool, secrets: deps.secrets }),
    recoveryPages({ admission: deps.admission, recoveries, database, secrets: deps.secrets, printer, printing, codes }),
    apiKeyRoutes(changing, { database: catalogue, reports }),
    laneRoutes(routeDeps, { reads: database, lifecycle: lifecycle.database }),
    parkedRoutes(routeDeps, { reads: database, lifecycle: lifecycle.database }),
    healthRoutes(routeDeps, { ...deps, database: deps.probe }),
    docsRoutes({ admission: deps.admission, publicUrl: deps.settings.PUBLIC_URL }),
    ...(sandboxSender === null
      ? []
      : [sandboxCheckoutRoutes({ admission: deps.admission, database: lifecycle.database, sandboxSender })]),
  ]

  const app = express()
  app.disable('x-powered-by')
  // Where an answer has an ETag it is its version, not a hash of its bytes.
  app.disable('etag')
  // X-Forwarded-For counts only if it comes from these proxies; otherwise the address of the connection does.
  app.set('trust proxy', deps.settings.TRUSTED_PROXIES)
  app.use(assignRequestId, requestLog(logger), observeRequests(deps.metrics), securityHeaders())
  app.use(closeWhenStopping(deps.isStopping))
  if (deps.traceRequest != null) app.use(traceRequests(deps.traceRequest))
  if (deps.settings.LIMITS) app.use(warnOfUnknownProxy(logger), deps.shares.unread.refuseFull())
  if (deps.settings.CORS_ORIGINS.length > 0) app.use(crossOrigin(deps.settings.CORS_ORIGINS))
  const answerErrors = errorHandler(logger)
  // Each router has its own: an error would go through all routers that come after it.
  for (const router of routers) app.use(router.use(answerErrors))
  app.use(BULL_BOARD_PATH, bullBoard({ admission: deps.admission, database, transport, verifyToken }))
  app.use(unknownRoute(deps.admission, routers))
  app.use(answerErrors)
  return app
}

/** What helmet offers, as far as it means something for answers that no browser renders. */
function securityHeaders() {
  return helmet({
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    // For this host alone: what its neighbours serve is not ours to say.
    strictTransportSecurity: { includeSubDomains: false },
    xContentTypeOptions: true,
    referrerPolicy: true,
    crossOriginEmbedderPolicy: false,
    crossOriginOpenerPolicy: false,
    // Shops on other origins show our seat maps and tickets.
    crossOriginResourcePolicy: false,
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xFrameOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
  })
}
