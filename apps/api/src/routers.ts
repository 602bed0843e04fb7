import type { Router } from 'express'
import type { ApiMetrics } from '@boxoffice/core/operations/metrics/api-metrics.ts'
import type { Transport } from '@boxoffice/core/queue/transport.ts'
import { sellingTerms } from '@boxoffice/core/payments/selling-terms.ts'
import type { Secrets } from '@boxoffice/core/settings/secrets.ts'
import { Seatings } from '@boxoffice/core/inventory/seatings.ts'
import { apiKeyVerifier } from '@boxoffice/core/access/api-keys.ts'
import type { BookingLine } from '@boxoffice/core/booking-requests/booking-line.ts'
import type { RecoveryRequests } from '@boxoffice/core/bookings/recovery/recovery-requests.ts'
import type { Settings } from '@boxoffice/core/settings/settings.ts'
import { TicketCodes } from '@boxoffice/core/tickets/ticket-codes.ts'
import type { VerifyToken } from '@boxoffice/core/access/tokens.ts'
import { anyDestination, publicDestinations } from '@boxoffice/core/webhooks/destination.ts'
import { AddressTurns } from './admission/turns/address-turns.ts'
import { PrintQueue } from './admission/turns/print-queue.ts'
import { Turns } from './admission/turns/turns.ts'
import { authenticator } from './callers/authenticate.ts'
import { docsRoutes } from './docs/docs-routes.ts'
import { Reports } from './lists/reports.ts'
import type { ApiLimits } from './parts/limits.ts'
import type { Live } from './parts/live.ts'
import type { Payments } from './parts/payments.ts'
import type { ApiPools } from './parts/pools.ts'
import type { Threads } from './parts/threads.ts'
import { recoveryPages } from './recovery/routes.ts'
import { apiKeyRoutes } from './routes/api-keys.ts'
import { auditRoutes } from './routes/audit.ts'
import { availabilityRoutes } from './routes/availability.ts'
import { bookingRecoveryRoutes } from './routes/booking-recoveries.ts'
import { bookingRequestRoutes } from './routes/booking-requests/booking-requests.ts'
import { bookingRoutes } from './routes/bookings.ts'
import { catalogueRoutes } from './routes/catalogue.ts'
import { checkInRoutes } from './routes/check-ins.ts'
import { feedRoutes } from './routes/feed.ts'
import { guestSessionRoutes } from './routes/guest-sessions.ts'
import { healthRoutes } from './routes/health.ts'
import { laneRoutes } from './routes/lanes.ts'
import { managementRoutes } from './routes/management.ts'
import { parkedRoutes } from './routes/parked.ts'
import { paymentWebhookRoutes } from './routes/payment-webhooks.ts'
import { quoteRoutes } from './routes/quotes.ts'
import { ticketRoutes } from './routes/tickets.ts'
import { webhookRoutes } from './routes/webhooks.ts'
import type { RouteDependencies } from './routing/routes.ts'
import { sandboxCheckoutRoutes } from './sandbox-checkout/routes.ts'

export interface RouterDependencies {
  readonly settings: Settings
  readonly secrets: Pick<Secrets, 'guestSecret' | 'ticketKeys'>
  readonly pools: Omit<ApiPools, 'intake'>
  readonly transport: Transport
  readonly line: BookingLine
  readonly limits: Omit<ApiLimits, 'onSignal'>
  readonly live: Live
  readonly payments: Payments
  readonly printer: Pick<Threads['printer'], 'print'>
  readonly seating: Pick<Threads['seating'], 'read'>
  readonly recoveries: RecoveryRequests
  readonly verifyToken: VerifyToken
  readonly metrics: ApiMetrics
  readonly isStopping: () => boolean
}

const CHANGES = {
  atOnce: 2,
  maxWaiting: 100,
  detail: 'Too many changes of this organizer are in progress. Send the next one after a response.',
}

/** Creates every router. Booking requests come first and pass through as little as possible: they are the crowd. */
export function createRouters(deps: RouterDependencies): readonly Router[] {
  const {
    settings,
    secrets,
    pools,
    transport,
    line,
    limits,
    live,
    payments,
    printer,
    metrics,
    recoveries,
    isStopping,
  } = deps
  const { admission } = limits
  const { lifecycle, sandboxSender } = payments
  const { general, catalogue } = pools
  const { pool } = general
  const { ticketKeys } = secrets
  const { streams, waits, shares, availability, hub, seatMaps } = live

  const plain: RouteDependencies = {
    authenticate: authenticator(apiKeyVerifier(pool, deps.verifyToken)),
    admission,
  }
  const changing: RouteDependencies = { ...plain, turns: new Turns(CHANGES) }
  const reading: RouteDependencies = settings.LIMITS ? { ...plain, addressTurns: new AddressTurns() } : plain
  const reports = new Reports(pools.reports)
  const ticketLimits = {
    perBooking: settings.MAX_TICKETS_PER_BOOKING,
    perSellerBooking: settings.MAX_TICKETS_PER_SELLER_BOOKING,
  }
  const terms = sellingTerms(settings)
  const seatings = new Seatings({ keepsReadings: true })
  const printing = new PrintQueue(settings.LIMITS)
  const codes = new TicketCodes()
  const destinations = settings.WEBHOOKS_TO_PRIVATE_ADDRESSES ? anyDestination() : publicDestinations()

  return [
    bookingRequestRoutes(plain, { line, limits, streams, waits, ticketLimits, lifecycle }),
    availabilityRoutes(reading, { availability, hub, streams, watchers: shares.watchers }),
    catalogueRoutes(reading, { pool, seatMaps, showtimeSellsForMs: settings.SHOWTIME_SALES_END_MS }),
    quoteRoutes(reading, { pool, ticketLimits, snapshots: { seatings: seatings.read.bind(seatings), terms } }),
    bookingRoutes(reading, { lifecycle, pool, reports }),
    ticketRoutes(plain, { database: general, ticketKeys, printer, printing, codes }),
    checkInRoutes(plain, { database: lifecycle.database, reports, ticketKeys }),
    ...managementRoutes(changing, {
      database: catalogue,
      announce: lifecycle.announce,
      reports,
      seatMaps,
      seating: deps.seating,
      layoutVersions: settings.LAYOUT_VERSIONS,
      lanes: settings.LANES,
      showtimeSellsForMs: settings.SHOWTIME_SALES_END_MS,
    }),
    auditRoutes(plain, reports),
    webhookRoutes(changing, { database: catalogue, reports, destinations }),
    feedRoutes(plain, reports),
    paymentWebhookRoutes(plain, { lifecycle }),
    guestSessionRoutes(plain, secrets),
    bookingRecoveryRoutes(plain, { recoveries, pool, secrets }),
    recoveryPages({ admission, recoveries, database: general, secrets, printer, printing, codes }),
    apiKeyRoutes(changing, { database: catalogue, reports }),
    laneRoutes(plain, { reads: general, lifecycle: lifecycle.database, lanes: settings.LANES }),
    parkedRoutes(plain, { reads: general, lifecycle: lifecycle.database }),
    healthRoutes(plain, { database: pools.probe, transport, metrics, settings, isStopping }),
    docsRoutes({ admission, publicUrl: settings.PUBLIC_URL }),
    ...(sandboxSender === null
      ? []
      : [sandboxCheckoutRoutes({ admission, database: lifecycle.database, sandboxSender })]),
  ]
}
