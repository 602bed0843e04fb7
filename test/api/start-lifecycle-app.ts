import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import {
  openCataloguePool,
  openGeneralPool,
  openLifecyclePool,
  openProbePool,
  openReportsPool,
} from '@boxoffice/core/db/pools.ts'
import { createApiMetrics } from '@boxoffice/core/operations/metrics/api-metrics.ts'
import { manualProvider } from '@boxoffice/core/payments/manual.ts'
import { paymentProviders } from '@boxoffice/core/payments/providers.ts'
import { sellingTerms } from '@boxoffice/core/payments/selling-terms.ts'
import { createSandboxProvider } from '@boxoffice/core/payments/sandbox/sandbox-provider.ts'
import { SIGNATURE_HEADER, signWebhook } from '@boxoffice/core/payments/sandbox/signature.ts'
import type { LifecycleDependencies } from '@boxoffice/core/bookings/lifecycle.ts'
import { parseTicketKeys, type TicketKeys } from '@boxoffice/core/settings/ticket-keys.ts'
import { renderTicketsPdf } from '@boxoffice/core/tickets/ticket-pdf.ts'
import type { Role } from '@boxoffice/core/domain/role.ts'
import { createTokenVerifier } from '@boxoffice/core/access/tokens.ts'
import { createApp } from '../../apps/api/src/app.ts'
import { listen } from '../../apps/api/src/connections/listen.ts'
import { IntakeGate } from '../../apps/api/src/overload/intake-gate.ts'
import { createApiServer } from '../../apps/api/src/server/server.ts'
import { readSeating } from '../../apps/api/src/seating/read-seating.ts'
import { layoutOf } from '../../apps/api/src/seating/seating-reader.ts'
import { requireConformance } from '../support/conformance.ts'
import type { GivenShowtime } from '../support/catalogue.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import type { Signal } from '@boxoffice/core/queue/payloads.ts'
import { laneFor } from '@boxoffice/core/domain/lane.ts'
import { openEngine, type Engine } from '../support/engine.ts'
import { eventually } from '../support/eventually.ts'
import { TEST_LANES } from '../support/lanes.ts'
import { testLogger } from '../support/logger.ts'
import { NO_TRANSPORT } from '../support/no-transport.ts'
import { testSettings } from '../support/settings.ts'
import { shared } from '../support/shared.ts'
import { signTestToken, TEST_SECRETS } from '../support/tokens.ts'
import { openSandboxSender } from '@boxoffice/core/payments/sandbox/sandbox-sender.ts'
import { RecoveryRequests } from '@boxoffice/core/bookings/recovery/recovery-requests.ts'
import { type ApiLimits, openApiLimits } from '../../apps/api/src/parts/limits.ts'
import { createLive } from '../../apps/api/src/parts/live.ts'

const TOKEN_SETTINGS = { JWT_AUDIENCE: 'boxoffice', JWT_ISSUER: undefined, JWKS_URL: undefined }
/** The longest wait for reports, which take their time if the machine runs other suites too. */
export const BUSY = { withinMs: 20_000 }

const WEBHOOK_SECRET = 'the secret that the sandbox of the tests signs with'

export const customer = { name: 'Ada Lovelace-Byron', email: 'ada.lovelace@example.org', phone: '+351 912 345 678' }

export const problemSchema = z.looseObject({
  type: z.string().startsWith('urn:boxoffice:problem:'),
  title: z.string().min(1),
  status: z.int(),
  code: z.string(),
  detail: z.string().min(1),
  errors: z.array(z.strictObject({ pointer: z.string(), detail: z.string().min(1) })),
  requestId: z.string().min(1),
})

/** The tables that a call could write to. */
const TABLES = [
  'booking_requests',
  'bookings',
  'booking_items',
  'seat_allocations',
  'tickets',
  'check_ins',
  'payments',
  'refunds',
  'idempotency_keys',
  'provider_inbox',
  'audit',
  'outbox',
  'sandbox_checkouts',
  'sandbox_deliveries',
  'sandbox_refunds',
]

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The parsed body, if it is JSON. */
  readonly body: unknown
}

export interface Call {
  /** `null` for a caller without a token. */
  readonly token: string | null
  readonly headers?: Readonly<Record<string, string>>
  /** The body, sent as JSON unless it is text or bytes already. */
  readonly body?: unknown
}

/** A booking of `LifecycleApp`, with what is needed to act on it as its owner. */
export interface Booked {
  readonly reference: string
  readonly token: string
}

/**
 * The API on a free port, on a real database, with the sandbox and its sender: everything except the worker's upkeep.
 */
export interface LifecycleApp {
  readonly url: string
  readonly db: TestDatabase
  readonly lifecycle: LifecycleDependencies
  readonly ticketKeys: TicketKeys
  send(method: string, path: string, call: Call): Promise<Answer>
  /** Books through the line, as a customer does; by default as a new one. */
  book(selection: Readonly<Record<string, unknown>>, options?: { readonly token?: string }): Promise<Booked>
  /** Opens a page to pay on and returns its address, with the payment's id. */
  startPayment(booked: Booked): Promise<{ readonly paymentId: string; readonly checkoutUrl: string }>
  play(checkoutUrl: string, play: Readonly<Record<string, unknown>>): Promise<Answer>
  /** Pays on the sandbox's page and waits until its reports have arrived. */
  pay(booked: Booked): Promise<void>
  /** Sends a report of the sandbox, by default signed for these bytes. */
  webhook(body: string | Buffer, headers?: Readonly<Record<string, string>>): Promise<Answer>
  signatureOf(body: string | Buffer, at?: number): string
  /**
   * Counts the rows by table, once the sandbox has no more reports to send. A refused call must not change these
   * counts.
   */
  countRows(): Promise<Readonly<Record<string, number>>>
  close(): Promise<void>
}

export interface LifecycleAppOptions {
  /** Settings, as environment variables. */
  readonly environment?: Readonly<Record<string, string>>
  /** Counts calls and holds; in Redis if the environment has a QUEUE_URL. */
  readonly limited?: boolean
  /** Signals of outcomes for the limits; without them, the limits have to look. */
  readonly signals?: boolean
  /** Makes reports and probes share the pool of reads, and changes of the catalogue that of bookings, for controls. */
  readonly sharedPools?: boolean
}

/**
 * A long timeout, because counts must be right however slow the machine is. Other tests hold that nobody waits for
 * Redis.
 */
const PATIENCE_MS = 10_000

export async function startLifecycleApp({
  environment = {},
  limited = false,
  signals = true,
  sharedPools = false,
}: LifecycleAppOptions = {}): Promise<LifecycleApp> {
  const settings = testSettings(environment)
  const sharedOut = { ...settings, LIMITS: limited }
  const ticketKeys = parseTicketKeys(TEST_SECRETS.TICKET_KEYS)
  if (ticketKeys === null) throw new Error('the ticket keys of the tests are malformed')
  const db = await createTestDatabase()
  const deciding = new Set<Promise<unknown>>()
  let limits: ApiLimits | null = null
  const engine: Engine = openEngine(db, {
    terms: sellingTerms(settings),
    onNotify: ({ lines }) => {
      for (const lane of new Set(lines.map(({ id }) => laneFor(id, TEST_LANES)))) {
        const decided = engine.decideWaiting(lane).finally(() => deciding.delete(decided))
        deciding.add(decided)
      }
    },
    ...(signals && { onSignal: (signal: Signal) => limits?.onSignal(signal) }),
  })
  const reads = openGeneralPool(db.url, 5, testLogger)
  const lifecycleDatabase = openLifecyclePool(db.url, 10, testLogger)
  const reports = sharedPools ? reads : openReportsPool(db.url, testLogger)
  const catalogue = sharedPools ? lifecycleDatabase : openCataloguePool(db.url, testLogger)
  const probe = sharedPools ? reads : openProbePool(db.url, testLogger)
  let url = ''
  const sandbox = createSandboxProvider({
    database: lifecycleDatabase,
    publicUrl: () => url,
    webhookSecret: WEBHOOK_SECRET,
  })
  const lifecycle: LifecycleDependencies = {
    database: lifecycleDatabase,
    logger: testLogger,
    providers: paymentProviders(sandbox, manualProvider),
    announce: (signal) => {
      if (!signals) return
      engine.line.onSignal(signal)
      limits?.onSignal(signal)
    },
  }
  const sandboxSender = openSandboxSender({
    database: lifecycleDatabase,
    webhookUrl: () => `${url}/v1/payment-webhooks/sandbox`,
    webhookSecret: WEBHOOK_SECRET,
    logger: testLogger,
  })
  const live = createLive(sharedOut, reads.pool, NO_TRANSPORT, testLogger)
  const parts = new AsyncDisposableStack()
  limits = await openApiLimits(parts, {
    settings: sharedOut,
    pool: reads.pool,
    logger: testLogger,
    redisTimeoutMs: PATIENCE_MS,
  })
  let stopping = false
  const app = createApp({
    recoveries: new RecoveryRequests(
      lifecycle.database,
      testLogger,
      limited ? settings.RECOVERIES_PER_RECIPIENT : null,
    ),
    logger: testLogger,
    settings,
    limits,
    secrets: { guestSecret: TEST_SECRETS.GUEST_SECRET, ticketKeys },
    printer: { print: renderTicketsPdf },
    seating: { read: (bytes, format) => Promise.resolve(layoutOf(readSeating(bytes, format))) },
    verifyToken: createTokenVerifier(TOKEN_SETTINGS, {
      jwtSecret: TEST_SECRETS.JWT_SECRET,
      guestSecret: TEST_SECRETS.GUEST_SECRET,
    }),
    line: engine.line,
    pools: { general: reads, lifecycle: lifecycleDatabase, reports, catalogue, probe },
    // Deciding is done in this process, and nothing here subscribes.
    transport: NO_TRANSPORT,
    live,
    payments: { lifecycle, sandboxSender },
    metrics: createApiMetrics({
      pools: { general: reads },
      reads,
      ...live,
      gate: new IntakeGate(),
      logger: testLogger,
    }),
    isStopping: () => stopping,
  })
  const listening = await listen(createApiServer(app, live.shares), 0, '127.0.0.1')
  url = `http://127.0.0.1:${listening.port}`
  sandboxSender.start()

  // Every answer that a test gets is held against the contract.
  const send = async (method: string, path: string, call: Call) => {
    const answer = await request(`${url}${path}`, method, call)
    requireConformance(method, path, answer)
    return answer
  }

  const startPayment = async ({ reference, token }: Booked) => {
    const { body } = await send('POST', `/v1/bookings/${reference}/payments`, { token, body: {} })
    return z.object({ paymentId: z.string(), checkoutUrl: z.string() }).parse(body)
  }
  const play = (checkoutUrl: string, body: Readonly<Record<string, unknown>>) =>
    request(checkoutUrl, 'POST', { token: null, headers: { Accept: 'application/json' }, body })
  const signatureOf = (body: string | Buffer, at = Date.now()) => signWebhook(body, WEBHOOK_SECRET, at)

  return {
    url,
    db,
    lifecycle,
    ticketKeys,
    send,
    book: async (selection, { token } = {}) => {
      const owner = token ?? (await signTestToken('customer'))
      const answer = await send('POST', '/v1/booking-requests', {
        token: owner,
        headers: { Prefer: 'wait=20' },
        body: { ...selection, customer },
      })
      const outcome = z.object({ booking: z.object({ reference: z.string() }) }).safeParse(answer.body)
      if (!outcome.success) throw new Error(`it was not booked: ${answer.text}`)
      return { reference: outcome.data.booking.reference, token: owner }
    },
    startPayment,
    play,
    pay: async (booked) => {
      const { checkoutUrl } = await startPayment(booked)
      await play(checkoutUrl, { action: 'approve' })
      await eventually(async () => {
        const { body } = await send('GET', `/v1/bookings/${booked.reference}`, { token: booked.token })
        if (z.object({ status: z.string() }).parse(body).status !== 'confirmed') throw new Error('not confirmed yet')
      }, BUSY)
    },
    webhook: (body, headers = { [SIGNATURE_HEADER]: signatureOf(body) }) =>
      send('POST', '/v1/payment-webhooks/sandbox', {
        token: null,
        headers: { 'Content-Type': 'application/json', ...headers },
        body,
      }),
    signatureOf,
    countRows: async () => {
      await eventually(() => refuseUndelivered(db), BUSY)
      const counts = TABLES.map((table) => `select '${table}' as name, count(*)::int as rows from ${table}`)
      // A booking's changes are numbered, so a change of a row that adds none is noticed there.
      counts.push(`select 'changes of bookings', coalesce(sum(event_seq), 0)::int from bookings`)
      const { rows } = await db.database.pool.query<{ name: string; rows: number }>(counts.join(' union all '))
      return Object.fromEntries(rows.map(({ name, rows: count }) => [name, count]))
    },
    close: async () => {
      stopping = true
      const closed = listening.close(500)
      live.streams.close()
      live.waits.close()
      await closed
      await sandboxSender.stop(10_000)
      await Promise.all(deciding)
      await engine.close()
      await parts.disposeAsync()
      const pools = new Set([reads, lifecycleDatabase, reports, catalogue, probe])
      await Promise.all([...pools].map((pool) => pool.close()))
      await db.drop()
    },
  }
}

/** Returns an app that the tests of a file share. */
export function sharedLifecycleApp(options?: LifecycleAppOptions): LifecycleApp {
  return shared(
    () => startLifecycleApp(options),
    (app) => app.close(),
  )
}

async function refuseUndelivered({ database }: TestDatabase): Promise<void> {
  const { rows } = await database.pool.query('select event_id from sandbox_deliveries where delivered_at is null')
  if (rows.length > 0) throw new Error(`${rows.length} webhooks are not delivered yet`)
}

async function request(address: string, method: string, { token, headers = {}, body }: Call): Promise<Answer> {
  const raw = typeof body === 'string' || body instanceof Uint8Array
  const response = await fetch(address, {
    method,
    headers: {
      ...(token !== null && { Authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: raw ? new Uint8Array(Buffer.from(body)) : JSON.stringify(body) }),
    redirect: 'manual',
  })
  const text = await response.text()
  const json = response.headers.get('content-type')?.includes('json') === true && text !== ''
  return { status: response.status, headers: response.headers, text, body: json ? JSON.parse(text) : undefined }
}

/** Returns the body of a call that has to succeed, parsed by `schema`. */
export function expectBody<Schema extends z.ZodType>(schema: Schema, { status, text, body }: Answer): z.output<Schema> {
  if (status >= 300) throw new Error(`answered ${status}: ${text}`)
  return schema.parse(body)
}

/** Signs a token for one caller of each role, for an organizer and for another one. */
export async function openCallers(organizerId: string, otherId: string) {
  const token = (role: Role, organizer: string | null) => signTestToken(role, { organizerId: organizer })
  return {
    nobody: null,
    'another customer': await token('customer', null),
    'a customer whose token names the organizer': await token('customer', organizerId),
    'the owner': await signTestToken('customer', { subject: `customer:${randomUUID()}` }),
    'staff of the organizer': await token('staff', organizerId),
    'staff of another organizer': await token('staff', otherId),
    'staff without an organizer': await token('staff', null),
    'the organizer': await token('organizer', organizerId),
    'another organizer': await token('organizer', otherId),
    'an organizer without an id': await token('organizer', null),
    'an admin': await token('admin', null),
  } as const satisfies Record<string, string | null>
}

export type Callers = Awaited<ReturnType<typeof openCallers>>
export type CallerName = keyof Callers
export const CALLER_NAMES = [
  'nobody',
  'another customer',
  'a customer whose token names the organizer',
  'the owner',
  'staff of the organizer',
  'staff of another organizer',
  'staff without an organizer',
  'the organizer',
  'another organizer',
  'an organizer without an id',
  'an admin',
] as const satisfies readonly CallerName[]

/** Hands out seats that nobody has requested yet. */
export function seatDispenser(house: Pick<GivenShowtime, 'showtimeId' | 'seats'>) {
  let taken = 0
  return (count = 1) => {
    const own = house.seats.slice(taken, (taken += count))
    if (own.length < count) throw new Error('the house of the tests is too small')
    return { resource: { type: 'showtime', id: house.showtimeId }, seats: own }
  }
}
