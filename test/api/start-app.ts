import type { Express, Router } from 'express'
import { openDatabase } from '@boxoffice/core/db/connect.ts'
import type { Logger } from '@boxoffice/core/runtime/logger.ts'
import { createApiMetrics } from '@boxoffice/core/operations/metrics/api-metrics.ts'
import { manualProvider } from '@boxoffice/core/payments/manual.ts'
import { paymentProviders } from '@boxoffice/core/payments/providers.ts'
import { parseTicketKeys } from '@boxoffice/core/settings/ticket-keys.ts'
import { renderTicketsPdf } from '@boxoffice/core/tickets/ticket-pdf.ts'
import type { Role } from '@boxoffice/core/domain/role.ts'
import { createTokenVerifier, signToken } from '@boxoffice/core/access/tokens.ts'
import { createApp } from '../../apps/api/src/app.ts'
import { listen } from '../../apps/api/src/connections/listen.ts'
import { IntakeGate } from '../../apps/api/src/overload/intake-gate.ts'
import { turnAwayBefore } from '../../apps/api/src/overload/turn-away.ts'
import { createApiServer, type Patience } from '../../apps/api/src/server/server.ts'
import { readSeating } from '../../apps/api/src/seating/read-seating.ts'
import { layoutOf } from '../../apps/api/src/seating/seating-reader.ts'
import { testLogger } from '../support/logger.ts'
import { NO_TRANSPORT } from '../support/no-transport.ts'
import { testSettings } from '../support/settings.ts'
import { shared } from '../support/shared.ts'
import { TEST_SECRETS } from '../support/tokens.ts'
import { RecordingLine } from './recording-line.ts'
import { RecoveryRequests } from '@boxoffice/core/bookings/recovery/recovery-requests.ts'
import { openApiLimits } from '../../apps/api/src/parts/limits.ts'
import { createLive } from '../../apps/api/src/parts/live.ts'

export const JWT_SECRET = 'a secret of the tests, long enough'
export const GUEST_SECRET = 'another one, for guests, long enough'
export const TOKEN_SETTINGS = { JWT_AUDIENCE: 'boxoffice', JWT_ISSUER: undefined, JWKS_URL: undefined }

export interface AppOptions {
  /** Settings, as environment variables. */
  readonly environment?: Readonly<Record<string, string>>
  /** Counts calls and holds; in Redis if the environment has a QUEUE_URL. */
  readonly limited?: boolean
  readonly logger?: Logger
  /** The longest wait for Redis; the production value by default. */
  readonly redisTimeoutMs?: number
  /** The time that a request may take to arrive; the production value by default. */
  readonly patience?: Patience
  /** The time that a client may read nothing; the production value by default. */
  readonly stalledMs?: number
  /** Lets everybody in by default, as long as it has learned nothing else. */
  readonly gate?: IntakeGate
}

/** Starts the API on a free port, without a database or a queue behind it, for tests that never reach either. */
export async function startApp({
  environment = {},
  limited = false,
  logger = testLogger,
  redisTimeoutMs,
  patience,
  stalledMs,
  gate = new IntakeGate(),
}: AppOptions = {}) {
  const settings = testSettings(environment)
  const sharedOut = { ...settings, LIMITS: limited }
  const ticketKeys = parseTicketKeys(TEST_SECRETS.TICKET_KEYS)
  if (ticketKeys === null) throw new Error('the ticket keys of the tests are malformed')
  const line = new RecordingLine()
  const database = openDatabase({
    url: 'postgres://nobody@127.0.0.1:1/nothing',
    name: 'test',
    max: 1,
    logger,
    statementTimeoutMs: 1_000,
    lockTimeoutMs: 1_000,
    idleInTransactionTimeoutMs: 1_000,
  })
  const live = createLive(sharedOut, database.pool, NO_TRANSPORT, logger, stalledMs)
  const parts = new AsyncDisposableStack()
  const limits = await openApiLimits(parts, { settings: sharedOut, pool: database.pool, logger, redisTimeoutMs })

  let stopping = false
  const app = createApp({
    recoveries: new RecoveryRequests(database, logger, null),
    logger,
    settings,
    limits,
    secrets: { guestSecret: GUEST_SECRET, ticketKeys },
    printer: { print: renderTicketsPdf },
    seating: { read: (bytes, format) => Promise.resolve(layoutOf(readSeating(bytes, format))) },
    payments: {
      lifecycle: { database, logger, providers: paymentProviders(manualProvider), announce: () => undefined },
      sandboxSender: null,
    },
    verifyToken: createTokenVerifier(TOKEN_SETTINGS, { jwtSecret: JWT_SECRET, guestSecret: GUEST_SECRET }),
    line,
    pools: { general: database, lifecycle: database, reports: database, catalogue: database, probe: database },
    transport: NO_TRANSPORT,
    live,
    metrics: createApiMetrics({ pools: {}, reads: database, ...live, gate, logger }),
    isStopping: () => stopping,
  })
  const listening = await listen(
    createApiServer(app, live.shares, {
      ...(patience !== undefined && { patience }),
      before: turnAwayBefore(app, { gate, origins: settings.CORS_ORIGINS, logger }),
    }),
    0,
    '127.0.0.1',
  )
  const { port } = listening
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    line,
    /** Returns method and path of every route. */
    routes: () => routesOf(app),
    close: async () => {
      stopping = true
      const closed = listening.close(500)
      live.streams.close()
      live.waits.close()
      await closed
      await parts.disposeAsync()
      await database.close()
    },
  }
}

/** Returns an app that the tests of a file share. */
export function sharedApp(options?: AppOptions): RunningApp {
  return shared(
    () => startApp(options),
    (app) => app.close(),
  )
}

/** Returns the routes of the app's routers, as Express knows them. */
function routesOf(app: Express): readonly { readonly method: string; readonly path: string }[] {
  return app.router.stack.flatMap(({ handle }) =>
    'stack' in handle
      ? (handle as unknown as Router).stack.flatMap(({ route }) =>
          (route?.stack ?? []).map(({ method }) => ({ method, path: route?.path ?? '' })),
        )
      : [],
  )
}

export type RunningApp = Awaited<ReturnType<typeof startApp>>

export const tokenFor = (
  subject: string,
  role: Role = 'customer',
  ttlSeconds = 60,
  organizerId: string | null = null,
) => signToken({ subject, role, organizerId, ttlSeconds }, JWT_SECRET, TOKEN_SETTINGS)

/** Returns a body that the API accepts, with some fields replaced. */
export const showtimeBody = (changes: Record<string, unknown> = {}) => ({
  resource: { type: 'showtime', id: '01890000-0000-7000-8000-000000000001' },
  seats: ['A5', 'A6'],
  customer: { name: 'Ada Lovelace', email: 'ada@example.com' },
  ...changes,
})

export const eventBody = (changes: Record<string, unknown> = {}) => ({
  resource: { type: 'event', id: '01890000-0000-7000-8000-000000000002' },
  tickets: [{ ticketTypeId: '01890000-0000-7000-8000-000000000003', quantity: 2 }],
  customer: { name: 'Ada Lovelace', email: 'ada@example.com' },
  ...changes,
})
