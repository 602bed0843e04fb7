/**
 * Warming an API process up before it says that it is ready: for a second, and on a slow machine for up to four, it answers
 * made-up booking requests, with the code that answers real ones, so that the first buyers of an on-sale do not wait for its
 * compilation.
 *
 * Nothing of it is seen anywhere: it has an app, a line, limits and connections of its own, a database that is made up, and
 * no metrics, log or queue. Compiled code belongs to the place in the source and not to the app, so the real one has it.
 *
 * The tempting wrong way is to send requests to the process itself: they would be in its data and its counts.
 */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import type { Express } from 'express'
import { createTokenVerifier, signGuestToken, type VerifyToken } from '@boxoffice/core/access/tokens.ts'
import type { BookingLine } from '@boxoffice/core/booking-requests/booking-line.ts'
import { openBookingLine } from '@boxoffice/core/booking-requests/open-booking-line.ts'
import { MADE_UP } from '@boxoffice/core/booking-requests/warm-up/made-up-answers.ts'
import { madeUpIntakePool, warmIntakePool } from '@boxoffice/core/booking-requests/warm-up/warm-intake.ts'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { drizzle } from '@boxoffice/core/db/drizzle.ts'
import type { Outcome } from '@boxoffice/core/domain/booking-request.ts'
import { AwaitedOutcomes } from '@boxoffice/core/limits/awaited-outcomes.ts'
import { CountedHoldLimits } from '@boxoffice/core/limits/hold-limits.ts'
import { MemoryHitCounter } from '@boxoffice/core/limits/memory-hit-counter.ts'
import { MemoryHoldLedger } from '@boxoffice/core/limits/memory-hold-ledger.ts'
import { UndecidedPlaces } from '@boxoffice/core/limits/undecided-places.ts'
import type { ApiMetrics } from '@boxoffice/core/operations/metrics/api-metrics.ts'
import { type DecideJob, PAYLOAD_VERSION, type Signal } from '@boxoffice/core/queue/payloads.ts'
import { createLogger, type Logger } from '@boxoffice/core/runtime/logger.ts'
import { RawCrowd, rawPost } from '@boxoffice/core/runtime/raw-crowd.ts'
import type { Transport } from '@boxoffice/core/queue/transport.ts'
import type { Settings } from '@boxoffice/core/settings/settings.ts'
import type { Secrets } from '@boxoffice/core/settings/secrets.ts'
import { RateLimits } from '../admission/rates/rate-limits.ts'
import { createLive, type Live } from '../parts/live.ts'
import type { ApiLimits } from '../parts/limits.ts'
import { createApiServer } from '../server/server.ts'

/** One second is enough where a processor is free; two and four gained nothing. */
const WARM_UP_MS = 1_000

/** Requests after which the code is compiled: what counts is how often it was called, however long that took. */
const ENOUGH_REQUESTS = 500

/** The longest that a process may be kept from being ready. */
const MAX_WARM_UP_MS = 4_000

const LOOK_EVERY_MS = 50

const CLIENTS = 64

/** Connections that write at once. */
const WRITERS = 4

/** The time that a made-up worker takes. */
const DECIDED_AFTER_MS = 2

const TOKEN_SECONDS = 60

const UNLIMITED = 1_000_000

const NO_METRICS: ApiMetrics = {
  onRequest: () => () => undefined,
  onAccepted: () => undefined,
  onSignal: () => undefined,
  scrape: () => Promise.reject(new Error('there is nothing to measure')),
}

/** The made-up parts of an app, in place of the real ones. */
interface MadeUpParts {
  readonly logger: Logger
  readonly settings: Settings
  readonly line: BookingLine
  readonly limits: ApiLimits
  readonly live: Live
  readonly metrics: ApiMetrics
  readonly verifyToken: VerifyToken
  readonly traceRequest: null
  readonly isStopping: () => boolean
}

interface WarmUpOptions {
  /** Creates an app of these parts and, for what the made-up requests do not use, the real ones. */
  readonly createApp: (parts: MadeUpParts) => Express
  readonly intake: Database
  readonly transport: Pick<Transport, 'availability'>
  readonly settings: Settings
  readonly secrets: Secrets
}

/** Warms the process up. Returns how many made-up requests were booked. */
export async function warmUp({ createApp, intake, transport, secrets, ...real }: WarmUpOptions): Promise<number> {
  await warmIntakePool(intake.pool, WRITERS)
  const logger = createLogger('warm-up', 'silent')
  const settings = unlimited(real.settings)
  const database = madeUpDatabase()
  const live = createLive(settings, database.pool, transport, logger)
  const limits = madeUpLimits(settings, database, logger)
  const notify = (_lane: number, job: DecideJob): Promise<void> => {
    setTimeout(() => {
      const signal = decided(job)
      limits.onSignal(signal)
      line.onSignal(signal)
    }, DECIDED_AFTER_MS)
    return Promise.resolve()
  }
  const line = openBookingLine({ intake: database, reads: database, transport: { notify }, settings, logger })
  const app = createApp({
    logger,
    settings,
    line,
    limits,
    live,
    metrics: NO_METRICS,
    traceRequest: null,
    isStopping: () => false,
    verifyToken: createTokenVerifier(settings, secrets, logger),
  })
  const server = createApiServer(app, live.shares)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const requests = Array.from({ length: CLIENTS }, () => bookingRequest(secrets.guestSecret))
  let served = 0
  const crowd = new RawCrowd(port, await Promise.all(requests), {
    onAnswer: (status) => {
      if (status === 200) served += 1
    },
    // A server that is closed ends them, and there is nobody to tell.
    onLost: () => undefined,
  })
  try {
    const startedAt = performance.now()
    await pause(WARM_UP_MS)
    while (served < ENOUGH_REQUESTS && performance.now() - startedAt < MAX_WARM_UP_MS) await pause(LOOK_EVERY_MS)
    return served
  } finally {
    crowd.close()
    line.close()
    limits.close()
    live.hub.close()
    live.streams.close()
    live.waits.close()
    server.closeAllConnections()
    server.close()
  }
}

async function bookingRequest(guestSecret: string): Promise<string> {
  const token = await signGuestToken(randomUUID(), TOKEN_SECONDS, guestSecret)
  return rawPost(
    '/v1/booking-requests',
    { Authorization: `Bearer ${token}`, Prefer: 'wait=5' },
    {
      resource: { type: 'event', id: MADE_UP.eventId },
      tickets: [{ ticketTypeId: MADE_UP.ticketTypeId, quantity: 2 }],
      customer: MADE_UP.customer,
    },
  )
}

function decided({ lines, requestIds }: DecideJob): Signal {
  const outcomes = requestIds.map((id): Outcome => {
    const booking = {
      reference: 'AAAAAAAA',
      status: 'pending',
      paymentStatus: 'pending',
      currency: 'EUR',
      subtotal: 9_800,
      discount: 0,
      fee: 294,
      total: 10_094,
      expiresAt: new Date().toISOString(),
    } as const
    return { id, state: 'booked', decidedAt: new Date().toISOString(), booking, refusal: null }
  })
  return { v: PAYLOAD_VERSION, lines: lines.map(({ id, to }) => ({ id, watermark: to })), outcomes, versions: {} }
}

function madeUpDatabase(): Database {
  const pool = madeUpIntakePool()
  return { pool, orm: drizzle(pool), close: () => Promise.resolve() }
}

function madeUpLimits(settings: Settings, { pool }: Database, logger: Logger): ApiLimits & { close(): void } {
  const outcomes = new AwaitedOutcomes({ pool, logger })
  return {
    admission: new RateLimits(settings, new MemoryHitCounter()),
    holds: new CountedHoldLimits({
      ledger: new MemoryHoldLedger(),
      pool,
      perCustomer: UNLIMITED,
      perAddress: UNLIMITED,
      logger,
    }),
    outcomes,
    undecidedPlaces: new UndecidedPlaces(),
    onSignal: (signal) => outcomes.onSignal(signal),
    close: () => outcomes.close(),
  }
}

/** Returns the settings of a process that turns nobody away. */
function unlimited(settings: Settings): Settings {
  return {
    ...settings,
    RATE_LIMIT_CALLER: UNLIMITED,
    RATE_LIMIT_ADDRESS: UNLIMITED,
    BOOKING_REQUESTS_PER_CALLER: UNLIMITED,
    BOOKING_REQUESTS_PER_ADDRESS: UNLIMITED,
    REFUSALS_PER_CALLER: UNLIMITED,
    REFUSALS_PER_ADDRESS: UNLIMITED,
  }
}
