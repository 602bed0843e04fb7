import type pg from 'pg'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { openLifecyclePool } from '@boxoffice/core/db/pools.ts'
import type { BookingStatus, PaymentStatus } from '@boxoffice/core/domain/booking-status.ts'
import type { CancelReason } from '@boxoffice/core/domain/cancellation.ts'
import { manualProvider } from '@boxoffice/core/payments/manual.ts'
import type { ProviderEvent } from '@boxoffice/core/payments/provider.ts'
import { paymentProviders } from '@boxoffice/core/payments/providers.ts'
import type { Signal } from '@boxoffice/core/queue/payloads.ts'
import type { LifecycleDependencies } from '@boxoffice/core/bookings/lifecycle.ts'
import type { Submission } from '@boxoffice/core/domain/booking-request.ts'
import { keyedRequest } from '@boxoffice/core/use-case/idempotency.ts'
import { receiveWebhook, type Received } from '@boxoffice/core/bookings/payments/receive-webhook.ts'
import { startPayment, type StartedPayment } from '@boxoffice/core/bookings/payments/start-payment.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'
import type { ProblemCode } from '@boxoffice/core/domain/problems.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'
import { openEngine } from './engine.ts'
import { type Intercepted, interceptTransactions } from './intercepted-database.ts'
import { type FakeProvider, openFakeProvider, signedWebhook } from './lifecycle-provider.ts'
import { laneOf } from './lanes.ts'
import { createTestLogger } from './logger.ts'
import { shared } from './shared.ts'

/** The codes that refuse a change of a booking whose moment has passed. */
export const REFUSALS = [
  'invalid_transition',
  'hold_expired',
  'not_on_sale',
  'not_cancellable',
  'nothing_to_refund',
  'refund_exceeds_captured',
] as const satisfies readonly ProblemCode[]

/** One process as far as the life of a booking goes: a pool of its own, and its log. */
export interface Lifecycle extends LifecycleDependencies {
  readonly provider: FakeProvider
  /** The availability that was announced, oldest first. */
  readonly signals: Signal[]
  /** Everything that was logged at error level, oldest first: the error if there was one, else the logged facts. */
  readonly errors: unknown[]
  /** Hands over a report as the provider's webhook would. */
  receive(event: ProviderEvent): Promise<Received>
}

export interface LifecycleOptions {
  /** A provider that several processes share; by default one of its own. */
  readonly provider?: FakeProvider
  /** Puts something between the services and their transactions. */
  readonly wrap?: (database: Database) => Database
  /** The number of connections; 20 by default. */
  readonly max?: number
}

const opened: Database[] = []

/** Opens the services on a database; `closeLifecycles` closes them. */
export function openLifecycle({ url }: TestDatabase, options: LifecycleOptions = {}): Lifecycle {
  const { provider = openFakeProvider(), wrap = (same) => same, max = 20 } = options
  const logger = createTestLogger()
  const errors: unknown[] = []
  logger.error = (said: unknown) => void errors.push(said instanceof Object && 'err' in said ? said.err : said)
  const signals: Signal[] = []
  const database = wrap(openLifecyclePool(url, max, logger))
  opened.push(database)
  const lifecycle = {
    database,
    logger,
    providers: paymentProviders(provider, manualProvider),
    announce: (signal: Signal) => void signals.push(signal),
  }
  return {
    ...lifecycle,
    provider,
    signals,
    errors,
    receive: (event) => {
      const { rawBody, headers } = signedWebhook(event)
      return receiveWebhook(lifecycle, provider, rawBody, headers)
    },
  }
}

/** Returns services that the tests of a file share. */
export function sharedLifecycle(db: TestDatabase, options?: LifecycleOptions): Lifecycle {
  return shared(() => openLifecycle(db, options), closeLifecycles)
}

/** Opens two processes with one provider; `wrap` may put something between the first one and its database. */
export function openTwoLifecycles(
  db: TestDatabase,
  wrap?: (database: Database) => Database,
): readonly [Lifecycle, Lifecycle] {
  const provider = openFakeProvider()
  return [openLifecycle(db, { provider, ...(wrap && { wrap }) }), openLifecycle(db, { provider })]
}

/** Closes everything that `openLifecycle` opened; call it in `afterEach`. */
export async function closeLifecycles(): Promise<void> {
  await Promise.all(opened.splice(0).map((database) => database.close()))
}

/** Runs the control of a race in a database of its own, in which `broken` takes the last guards away. */
export async function inBareDatabase(
  work: (bare: TestDatabase) => Promise<void>,
  ...broken: readonly string[]
): Promise<void> {
  const bare = await createTestDatabase()
  try {
    for (const statement of broken) await bare.database.pool.query(statement)
    await work(bare)
  } finally {
    await closeLifecycles()
    await bare.drop()
  }
}

export interface GivenBooking {
  readonly id: string
  readonly reference: string
  readonly resourceId: string
  readonly organizerId: string
  readonly owner: string
  readonly total: number
  readonly fee: number
}

/** Accepts these requests and has them decided; returns their bookings in the same order. Throws for a refused one. */
export async function givenBookings(
  db: TestDatabase,
  submissions: readonly Submission[],
): Promise<readonly GivenBooking[]> {
  const engine = openEngine(db)
  try {
    const accepted = await Promise.all(submissions.map((submission) => engine.line.accept(submission)))
    for (const lane of new Set(accepted.map(laneOf))) await engine.decideWaiting(lane)
    const { rows } = await db.database.pool.query<GivenBooking & { readonly requestId: string }>(
      `select b.request_id as "requestId", b.id, b.reference, b.resource_id as "resourceId",
         b.organizer_id as "organizerId", b.owner, b.total, b.fee
       from bookings b where b.request_id = any($1)`,
      [accepted.map(({ view }) => view.id)],
    )
    const byRequest = new Map(rows.map(({ requestId, ...booking }) => [requestId, booking]))
    return accepted.map(({ view }) => {
      const booking = byRequest.get(view.id)
      if (booking === undefined) throw new Error(`request ${view.id} was refused`)
      return booking
    })
  } finally {
    await engine.close()
  }
}

/** Returns the ids of a booking's tickets in their order: none before it is confirmed. */
export async function ticketIdsOf({ database }: TestDatabase, { id }: Pick<GivenBooking, 'id'>): Promise<string[]> {
  const { rows } = await database.pool.query<{ id: string }>(
    'select id from tickets where booking_id = $1 order by ordinal',
    [id],
  )
  return rows.map((row) => row.id)
}

/** Accepts one request and has it decided; returns its booking. Throws for a refused one. */
export async function givenBooking(db: TestDatabase, submission: Submission): Promise<GivenBooking> {
  const [booking] = await givenBookings(db, [submission])
  if (booking === undefined) throw new Error('nothing was booked')
  return booking
}

export interface CallOptions {
  readonly key?: string | null
}

/** Starts a payment as the buyer. */
export function startPaying(
  deps: LifecycleDependencies,
  booking: GivenBooking,
  { key = null }: CallOptions = {},
): Promise<StartedPayment> {
  return startPayment(deps, {
    reference: booking.reference,
    caller: buyerOf(booking),
    requestId: 'test',
    returnUrl: null,
    keyed: keyedRequest(booking.owner, key, `POST /v1/bookings/${booking.reference}/payments`, null),
  })
}

/** Pays a booking as its buyer, which confirms it; returns the payment's id. */
export async function givenPaid(lifecycle: Lifecycle, booking: GivenBooking): Promise<string> {
  const { paymentId } = await startPaying(lifecycle, booking)
  await lifecycle.receive(lifecycle.provider.pay(paymentId))
  return paymentId
}

export function buyerOf({ owner }: Pick<GivenBooking, 'owner'>): Caller {
  return { subject: owner, role: 'customer', organizerId: null, guest: false, scopes: null, bookingId: null }
}

/** Returns a caller who works for the booking's organizer. */
export function staffOf(
  { organizerId }: Pick<GivenBooking, 'organizerId'>,
  role: 'staff' | 'organizer' = 'staff',
): Caller {
  return { subject: `${role}-1`, role, organizerId, guest: false, scopes: null, bookingId: null }
}

/** Ends the time of these bookings' holds. */
export async function runOutOfTime({ database }: TestDatabase, ...bookingIds: readonly string[]): Promise<void> {
  await database.pool.query(
    `update bookings set expires_at = clock_timestamp() - interval '1 second' where id = any($1) and status = 'pending'`,
    [bookingIds],
  )
}

export interface StoredBooking {
  readonly status: BookingStatus
  readonly paymentStatus: PaymentStatus
  readonly cancelReason: CancelReason | null
  /** The payments, oldest first. */
  readonly payments: readonly StoredPayment[]
  /** The refunds, oldest first. */
  readonly refunds: readonly { readonly status: string; readonly amount: number; readonly reason: string }[]
  /** The statuses in the order of the tickets. */
  readonly tickets: readonly string[]
}

export interface StoredPayment {
  readonly status: PaymentStatus
  readonly failure: string | null
  readonly captured: number
  readonly reserved: number
  readonly refunded: number
}

/** Reads a booking from the tables. */
export async function readBooking({ database }: TestDatabase, id: string): Promise<StoredBooking> {
  const { rows } = await database.pool.query<StoredBooking>(
    `select status, payment_status as "paymentStatus", cancel_reason as "cancelReason",
       (select coalesce(json_agg(json_build_object('status', p.status, 'failure', p.failure, 'captured', p.captured,
          'reserved', p.reserved, 'refunded', p.refunded) order by p.id), '[]')
        from payments p where p.booking_id = b.id) as payments,
       (select coalesce(json_agg(json_build_object('status', r.status, 'amount', r.amount, 'reason', r.reason)
          order by r.id), '[]') from refunds r where r.booking_id = b.id) as refunds,
       (select coalesce(json_agg(t.status order by t.ordinal), '[]') from tickets t where t.booking_id = b.id) as tickets
     from bookings b where id = $1`,
    [id],
  )
  const [booking] = rows
  if (booking === undefined) throw new Error(`there is no booking ${id}`)
  return booking
}

/** A step of a transaction: the name of a prepared statement, or the beginning of its text. */
type Step = string

function isAt(step: Step, { name, text }: Intercepted): boolean {
  return name === step || (name === undefined && text.startsWith(step))
}

/** A setting for transactions that a test holds open; the server would end them otherwise. */
const HELD_BY_TEST = 'set local idle_in_transaction_session_timeout = 0'

/**
 * Holds every transaction just before this step, until `release`. `reached` resolves once `count` of them are there.
 */
export function holdAt(step: Step, count = 1) {
  const reached = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  let there = 0
  const wrap = (database: Database) =>
    interceptTransactions(database, async (statement) => {
      if (isAt(step, statement)) {
        await statement.client.query(HELD_BY_TEST)
        there += 1
        if (there >= count) reached.resolve()
        await released.promise
      }
      return statement.run()
    })
  return { wrap, reached: reached.promise, release: released.resolve }
}

/** Fails the step of this number (1 is the first) as if the process had died just before it. */
export function dieAt(step: Step, number = 1) {
  let seen = 0
  return (database: Database) =>
    interceptTransactions(database, (statement) => {
      if (isAt(step, statement)) seen += 1
      if (seen < number) return statement.run()
      // A dead process would send nothing further; the server rolls back its open transaction.
      if (statement.text === 'rollback') return statement.run()
      return Promise.reject(new Error('the process has died'))
    })
}

/**
 * Returns the database as used by services that take no row locks. With `only`, just the statements whose name, or text
 * if they have none, matches go without.
 */
export function withoutLocks(database: Database, only: RegExp = /./): Database {
  return interceptTransactions(database, ({ name, text, run }): Promise<pg.QueryResult> =>
    run(
      only.test(name ?? text)
        ? text.replace(/for (?:no key )?(?:update|share)(?: of \w+)?(?: skip locked)?/g, '')
        : text,
    ),
  )
}
