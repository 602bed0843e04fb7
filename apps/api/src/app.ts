import express, { type Express } from 'express'
import helmet from 'helmet'
import type { Database } from '@boxoffice/core/db/connect.ts'
import type { Logger } from '@boxoffice/core/logger.ts'
import type { Transport } from '@boxoffice/core/queue/transport.ts'
import type { Secrets } from '@boxoffice/core/secrets.ts'
import type { AvailabilityHub } from '@boxoffice/core/services/availability-hub.ts'
import type { AvailabilityService } from '@boxoffice/core/services/availability.ts'
import type { BookingLine } from '@boxoffice/core/services/booking-line.ts'
import type { SandboxCourier } from '@boxoffice/core/payments/sandbox/courier.ts'
import type { LifecycleDependencies } from '@boxoffice/core/services/bookings/lifecycle.ts'
import { apiKeyVerifier } from '@boxoffice/core/services/access/api-keys.ts'
import type { SeatMaps } from '@boxoffice/core/services/seat-maps.ts'
import type { Settings } from '@boxoffice/core/settings.ts'
import type { VerifyToken } from '@boxoffice/core/tokens.ts'
import { BULL_BOARD_PATH, bullBoard } from './bull-board.ts'
import type { Admission } from './http/admission.ts'
import { authenticator } from './http/authenticate.ts'
import { errorHandler } from './http/error-handler.ts'
import { jsonBody } from './http/json-body.ts'
import type { OpenWaits } from './http/open-waits.ts'
import { assignRequestId } from './http/request-id.ts'
import type { RouteDependencies } from './http/routes.ts'
import { requestLog } from './http/request-log.ts'
import type { EventStreams } from './http/sse.ts'
import { unknownRoute } from './http/unknown-route.ts'
import { apiKeyRoutes } from './routes/api-keys.ts'
import { auditRoutes } from './routes/audit.ts'
import { availabilityRoutes } from './routes/availability.ts'
import { bookingRequestRoutes } from './routes/booking-requests.ts'
import { bookingRoutes } from './routes/bookings.ts'
import { catalogueRoutes } from './routes/catalogue.ts'
import { checkInRoutes } from './routes/check-ins.ts'
import { guestSessionRoutes } from './routes/guest-sessions.ts'
import { healthRoutes } from './routes/health.ts'
import { paymentWebhookRoutes } from './routes/payment-webhooks.ts'
import { quoteRoutes } from './routes/quotes.ts'
import { sandboxCheckoutRoutes } from './routes/sandbox-checkout.ts'
import { ticketRoutes } from './routes/tickets.ts'

export interface AppDependencies {
  readonly logger: Logger
  readonly settings: Settings
  /** How often calls are let in. */
  readonly admission: Admission
  readonly secrets: Pick<Secrets, 'guestSecret' | 'ticketKeys'>
  readonly verifyToken: VerifyToken
  readonly line: BookingLine
  /** For reads; intake has its own. */
  readonly database: Database
  readonly transport: Transport
  readonly streams: EventStreams
  readonly waits: OpenWaits
  readonly availability: AvailabilityService
  readonly hub: AvailabilityHub
  readonly seatMaps: SeatMaps
  readonly lifecycle: LifecycleDependencies
  /** Brings out the sandbox's webhooks, where the sandbox is what takes the money. */
  readonly courier: SandboxCourier | null
  readonly isStopping: () => boolean
}

/** The API. Booking requests come first and pass through as little as possible: they are the crowd. */
export function createApp(deps: AppDependencies): Express {
  const { logger, database, transport, verifyToken, lifecycle, courier } = deps
  const { ticketKeys } = deps.secrets
  const authenticate = authenticator(apiKeyVerifier(database.pool, verifyToken))
  const routeDeps: RouteDependencies = { authenticate, admission: deps.admission }
  // They read bodies themselves.
  const rawRouters = [
    paymentWebhookRoutes({ lifecycle }),
    guestSessionRoutes(routeDeps, deps.secrets),
    apiKeyRoutes(routeDeps, lifecycle.database),
    ...(courier === null ? [] : [sandboxCheckoutRoutes({ database: lifecycle.database, courier })]),
  ]
  const routers = [
    bookingRequestRoutes({ line: deps.line, authenticate, streams: deps.streams, waits: deps.waits }),
    availabilityRoutes(deps),
    catalogueRoutes({ pool: database.pool, seatMaps: deps.seatMaps }),
    quoteRoutes({ pool: database.pool, authenticate }),
    bookingRoutes({ lifecycle, pool: database.pool, authenticate }),
    ticketRoutes({ database, authenticate, ticketKeys }),
    checkInRoutes({ database: lifecycle.database, pool: database.pool, authenticate, ticketKeys }),
    auditRoutes({ pool: database.pool, authenticate }),
    healthRoutes(deps),
  ]

  const app = express()
  app.disable('x-powered-by')
  // Where an answer has an ETag it is its version, not a hash of its bytes.
  app.disable('etag')
  app.use(assignRequestId, requestLog(logger), securityHeaders())
  for (const router of rawRouters) app.use(router)
  app.use(jsonBody)
  for (const router of routers) app.use(router)
  app.use(BULL_BOARD_PATH, bullBoard({ database, transport, verifyToken }))
  app.use(unknownRoute([...rawRouters, ...routers]))
  app.use(errorHandler(logger))
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
