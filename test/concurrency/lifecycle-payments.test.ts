import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '@boxoffice/core/db/connect.ts'
import type { PaymentReport } from '@boxoffice/core/payments/provider.ts'
import { cancelBooking } from '@boxoffice/core/bookings/cancel-booking.ts'
import { expireHolds } from '@boxoffice/core/bookings/expire-holds.ts'
import { handleLeftOverNews } from '@boxoffice/core/bookings/payments/receive-webhook.ts'
import { reconcilePayments } from '@boxoffice/core/bookings/payments/reconcile-payments.ts'
import { givenEvent, givenShowtime } from '../support/catalogue.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { seatsRequest, ticketsRequest } from '../support/engine.ts'
import {
  buyerOf,
  closeLifecycles,
  dieAt,
  givenBooking,
  givenBookings,
  type GivenBooking,
  holdAt,
  inBareDatabase,
  openLifecycle,
  openTwoLifecycles,
  readBooking,
  runOutOfTime,
  startPaying,
  withoutLocks,
} from '../support/lifecycle.ts'
import { interceptTransactions } from '../support/intercepted-database.ts'
import { findViolations } from '../support/lifecycle-invariants.ts'
import { openFakeProvider, paymentNews } from '../support/lifecycle-provider.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterEach(closeLifecycles)
afterAll(() => db.drop())

async function givenHold(on: TestDatabase): Promise<GivenBooking> {
  const { showtimeId } = await givenShowtime(on.database)
  return givenBooking(on, seatsRequest(showtimeId, ['A1', 'A2']))
}

async function makeReconcilable({ database }: TestDatabase, paymentId: string) {
  await database.pool.query('update payments set reconcile_at = now() where id = $1', [paymentId])
}

describe('a payment that many start at once', () => {
  const NO_INDEX = 'drop index payments_one_open'

  it('is started as often as it is asked for, without row locks and index: the control', async () => {
    await inBareDatabase(async (bare) => {
      const booking = await givenHold(bare)
      const hold = holdAt('read-clock', 10)
      const lifecycle = openLifecycle(bare, { wrap: (database) => hold.wrap(withoutLocks(database)) })
      const started = Promise.all(Array.from({ length: 10 }, () => startPaying(lifecycle, booking)))
      await hold.reached
      hold.release()
      await started
      expect((await readBooking(bare, booking.id)).payments).toHaveLength(10)
      expect(lifecycle.provider.pages.size).toBe(10)
    }, NO_INDEX)
  })

  it('is one by the index alone', async () => {
    const booking = await givenHold(db)
    const hold = holdAt('read-clock', 10)
    const lifecycle = openLifecycle(db, { wrap: (database) => hold.wrap(withoutLocks(database)) })
    const started = Promise.allSettled(Array.from({ length: 10 }, () => startPaying(lifecycle, booking)))
    await hold.reached
    hold.release()
    expect((await started).filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect((await readBooking(db, booking.id)).payments).toHaveLength(1)
    expect(await findViolations(db)).toEqual([])
  })

  it('is one by the lock, and all fifty are sent to the same page', async () => {
    const booking = await givenHold(db)
    const two = openTwoLifecycles(db)
    const started = await Promise.all(
      Array.from({ length: 50 }, (_, at) => startPaying(two[at % 2 === 0 ? 0 : 1], booking)),
    )
    expect(new Set(started.map(({ paymentId }) => paymentId)).size).toBe(1)
    expect(new Set(started.map(({ checkoutUrl }) => checkoutUrl)).size).toBe(1)
    expect(started.filter(({ known }) => !known)).toHaveLength(1)
    expect(two[0].provider.pages.size).toBe(1)
    expect((await readBooking(db, booking.id)).payments).toMatchObject([{ status: 'pending' }])
    expect(await findViolations(db)).toEqual([])
  })

  it('is one under one idempotency key, of which every other one hears', async () => {
    const booking = await givenHold(db)
    const two = openTwoLifecycles(db)
    const started = await Promise.all(
      Array.from({ length: 50 }, (_, at) => startPaying(two[at % 2 === 0 ? 0 : 1], booking, { key: 'pay-1' })),
    )
    expect(new Set(started.map(({ paymentId }) => paymentId)).size).toBe(1)
    expect(started.filter(({ replayed }) => !replayed)).toHaveLength(1)
    expect(await findViolations(db)).toEqual([])
  })
})

describe('one idempotency key for the payments of two bookings', () => {
  /** As a program would that does not hold the key while it is at work. */
  const withoutKeyLocks = (database: Database) =>
    interceptTransactions(database, ({ text, run }) =>
      run(text.replace('pg_try_advisory_xact_lock(hashtextextended($1, 0))', 'hashtextextended($1, 0) is not null')),
    )

  /** Two bookings of one buyer, paid at the same moment under one key: the first is held before its commit. */
  async function race(on: TestDatabase, wrapQuick: (database: Database) => Database) {
    const { showtimeId } = await givenShowtime(on.database)
    const owner = 'buyer-of-two'
    const [first, second] = await givenBookings(on, [
      seatsRequest(showtimeId, ['A1'], { owner }),
      seatsRequest(showtimeId, ['A2'], { owner }),
    ])
    if (first === undefined || second === undefined) throw new Error('not booked')
    const hold = holdAt('commit')
    const slow = openLifecycle(on, { wrap: hold.wrap })
    const quick = openLifecycle(on, { wrap: wrapQuick })
    const key = showtimeId
    const slowly = startPaying(slow, first, { key })
    await hold.reached
    const [meanwhile] = await Promise.allSettled([startPaying(quick, second, { key })])
    hold.release()
    const [started] = await Promise.allSettled([slowly])
    return { started, meanwhile, again: () => startPaying(quick, second, { key }), first, second }
  }

  it('pays both where the key is neither held nor unique: the control', async () => {
    await inBareDatabase(async (bare) => {
      const { started, meanwhile } = await race(bare, withoutKeyLocks)
      expect([started.status, meanwhile.status]).toEqual(['fulfilled', 'fulfilled'])
    }, 'alter table idempotency_keys drop constraint idempotency_keys_owner_key_pk')
  })

  it('pays one; the other hears at once that it is in use, later that it was used, and nothing of it is left', async () => {
    const { started, meanwhile, again, first, second } = await race(db, (database) => database)
    expect(started).toMatchObject({ status: 'fulfilled' })
    expect(meanwhile).toMatchObject({
      status: 'rejected',
      reason: expect.objectContaining({ code: 'idempotency_key_in_flight' }),
    })
    await expect(again()).rejects.toMatchObject({ code: 'idempotency_key_reused' })
    expect((await readBooking(db, first.id)).payments).toHaveLength(1)
    expect((await readBooking(db, second.id)).payments).toEqual([])
    expect(await findViolations(db)).toEqual([])
  })
})

describe("a provider's news of one payment", () => {
  const news = (total: number): PaymentReport[] => [
    { status: 'processing' },
    { status: 'declined', reason: 'try another card' },
    { status: 'completed', captured: { amount: total, currency: 'EUR' } },
    { status: 'failed', reason: 'given up' },
    { status: 'completed', captured: { amount: total, currency: 'EUR' } },
  ]

  /** Bookings with a payment each, in several events so that they do not all wait for one. */
  async function givenPayments(count: number) {
    const two = openTwoLifecycles(db)
    const events = await Promise.all(
      Array.from({ length: 6 }, (_, lane) => givenEvent(db.database, { lane, ticketTypes: [{ capacity: 100 }] })),
    )
    const bookings = await givenBookings(
      db,
      Array.from({ length: count }, (_, at) => {
        const event = events[at % events.length]
        return ticketsRequest(event?.eventId ?? '', [{ ticketTypeId: event?.ticketTypeIds[0] ?? '', quantity: 2 }])
      }),
    )
    const paying = await inTurns(bookings, async (booking) => ({
      booking,
      paymentId: (await startPaying(two[0], booking)).paymentId,
    }))
    return { two, paying }
  }

  const PAID = (total: number) => ({
    status: 'confirmed',
    paymentStatus: 'completed',
    cancelReason: null,
    payments: [{ status: 'completed', failure: null, captured: total, reserved: 0, refunded: 0 }],
    refunds: [],
    tickets: ['issued', 'issued'],
  })

  it('end in the same state in every order, one after the other', { timeout: 120_000 }, async () => {
    const orders = permutations([0, 1, 2, 3, 4])
    const { two, paying } = await givenPayments(orders.length)
    await inTurns(paying, async ({ booking, paymentId }, at) => {
      const reports = news(booking.total)
      for (const which of orders[at] ?? []) {
        const report = reports[which]
        if (report !== undefined) await two[at % 2 === 0 ? 0 : 1].receive(paymentNews(paymentId, report))
      }
      expect(await readBooking(db, booking.id)).toEqual(PAID(booking.total))
    })
    expect(await findViolations(db)).toEqual([])
  })

  it('end in the same state delivered twice each, all at once, in every order', { timeout: 120_000 }, async () => {
    const orders = permutations([0, 1, 2, 3, 4])
    const { two, paying } = await givenPayments(orders.length)
    await inTurns(paying, async ({ booking, paymentId }, at) => {
      const events = news(booking.total).map((report) => paymentNews(paymentId, report))
      const ordered = (orders[at] ?? []).flatMap((which) => events[which] ?? [])
      const received = await Promise.all(ordered.flatMap((event) => two.map((lifecycle) => lifecycle.receive(event))))
      expect(new Set(received.map(({ outcome }) => outcome))).toEqual(new Set(['handled']))
      expect(await readBooking(db, booking.id)).toEqual(PAID(booking.total))
    })
    expect(await findViolations(db)).toEqual([])
    const { rows } = await db.database.pool.query('select 1 from provider_inbox where handled_at is null')
    expect(rows).toEqual([])
  })

  it('are counted twice when the same ones come twice, without the row lock of the inbox: the control', async () => {
    await inBareDatabase(async (bare) => {
      const booking = await givenHold(bare)
      const hold = holdAt('update "provider_inbox"', 2)
      const lifecycle = openLifecycle(bare, {
        wrap: (database) => hold.wrap(withoutLocks(database, /provider_inbox/)),
      })
      const { paymentId } = await startPaying(openLifecycle(bare, { provider: lifecycle.provider }), booking)
      const declined = paymentNews(paymentId, { status: 'declined', reason: 'no' })
      const received = Promise.all([lifecycle.receive(declined), lifecycle.receive(declined)])
      // Both have read that nobody has acted on it.
      await hold.reached
      hold.release()
      await received
      const { rows } = await bare.database.pool.query<{ declines: number }>('select declines from payments')
      expect(rows).toEqual([{ declines: 2 }])
    })
  })

  it('are counted once when the same ones come twice', async () => {
    const booking = await givenHold(db)
    const [one, other] = openTwoLifecycles(db)
    const { paymentId } = await startPaying(one, booking)
    const declined = paymentNews(paymentId, { status: 'declined', reason: 'no' })
    await Promise.all(Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? one : other).receive(declined)))
    const { rows } = await db.database.pool.query('select declines from payments where id = $1', [paymentId])
    expect(rows).toEqual([{ declines: 1 }])
    expect(await findViolations(db)).toEqual([])
  })

  it('of a payment that is not there yet are answered as unknown, kept, and settled later', async () => {
    const booking = await givenHold(db)
    const [lifecycle] = openTwoLifecycles(db)
    const paymentId = crypto.randomUUID()
    const completed = paymentNews(paymentId, {
      status: 'completed',
      captured: { amount: booking.total, currency: 'EUR' },
    })
    expect(await lifecycle.receive(completed)).toEqual({ outcome: 'unknown', refundIds: [] })
    await db.database.pool.query(
      `insert into payments (id, booking_id, provider, status, currency, amount) values ($1, $2, 'fake', 'pending', 'EUR', $3)`,
      [paymentId, booking.id, booking.total],
    )
    // Left to the provider for a while, which may send it again.
    await handleLeftOverNews(lifecycle)
    expect((await readBooking(db, booking.id)).status).toBe('pending')
    await db.database.pool.query(
      `update provider_inbox set received_at = now() - interval '1 minute' where event_id = $1`,
      [completed.eventId],
    )
    await Promise.all([handleLeftOverNews(lifecycle), handleLeftOverNews(lifecycle), lifecycle.receive(completed)])
    expect(await readBooking(db, booking.id)).toMatchObject({
      status: 'confirmed',
      payments: [{ status: 'completed' }],
    })
    expect(await findViolations(db)).toEqual([])
  })
})

describe('a crash between the provider and the database', () => {
  it('after the page was opened: the same call again goes on to the same page', async () => {
    const booking = await givenHold(db)
    const provider = openFakeProvider()
    const [dying, next] = [openLifecycle(db, { provider, wrap: dieAt('begin', 2) }), openLifecycle(db, { provider })]
    await expect(startPaying(dying, booking, { key: 'crash-1' })).rejects.toThrow('the process has died')
    const again = await startPaying(next, booking, { key: 'crash-1' })
    expect(again).toMatchObject({ replayed: true, status: 'pending', checkoutUrl: expect.any(String) })
    expect([...provider.pages.keys()]).toEqual([again.paymentId])
    expect((await readBooking(db, booking.id)).payments).toHaveLength(1)
    expect(await findViolations(db)).toEqual([])
  })

  it('where the provider worked and its answer was lost: likewise', async () => {
    const booking = await givenHold(db)
    const [lifecycle] = openTwoLifecycles(db)
    lifecycle.provider.failNext('createCheckout', 'unanswered')
    await expect(startPaying(lifecycle, booking)).rejects.toMatchObject({ code: 'payment_provider_unavailable' })
    const again = await startPaying(lifecycle, booking)
    expect(again).toMatchObject({ known: true, replayed: false, checkoutUrl: expect.any(String) })
    expect(lifecycle.provider.pages.size).toBe(1)
    expect(await findViolations(db)).toEqual([])
  })

  it('after which the buyer paid and no news came: asking the provider settles it, by however many at once', async () => {
    const booking = await givenHold(db)
    const provider = openFakeProvider()
    const dying = openLifecycle(db, { provider, wrap: dieAt('begin', 2) })
    await expect(startPaying(dying, booking)).rejects.toThrow('the process has died')
    const [paymentId = ''] = provider.pages.keys()
    provider.pay(paymentId)
    await makeReconcilable(db, paymentId)
    const two = [openLifecycle(db, { provider }), openLifecycle(db, { provider })]
    await Promise.all(two.map((lifecycle) => reconcilePayments(lifecycle)))
    expect(provider.calls.filter(({ method, id }) => method === 'findPayment' && id === paymentId)).toHaveLength(1)
    expect(await readBooking(db, booking.id)).toMatchObject({
      status: 'confirmed',
      payments: [{ status: 'completed', captured: booking.total }],
    })
    expect(await findViolations(db)).toEqual([])
  })

  it('after which the hold ran out: the page is closed, and what was paid before that comes back', async () => {
    const provider = openFakeProvider()
    const lifecycle = openLifecycle(db, { provider })
    const { showtimeId } = await givenShowtime(db.database)
    const [unpaid, paid] = await givenBookings(db, [seatsRequest(showtimeId, ['A1']), seatsRequest(showtimeId, ['A2'])])
    if (unpaid === undefined || paid === undefined) throw new Error('not booked')
    for (const booking of [unpaid, paid]) {
      const dying = openLifecycle(db, { provider, wrap: dieAt('begin', 2) })
      await expect(startPaying(dying, booking)).rejects.toThrow('the process has died')
    }
    const [first = '', second = ''] = provider.pages.keys()
    await runOutOfTime(db, unpaid.id, paid.id)
    await expireHolds(lifecycle)
    provider.pay(second)
    // Somebody else has the seat by now.
    await givenBooking(db, seatsRequest(showtimeId, ['A2']))
    await reconcilePayments(lifecycle)
    expect(provider.pages.get(first)?.closed).toBe(true)
    expect(await readBooking(db, unpaid.id)).toMatchObject({ status: 'cancelled', refunds: [] })
    expect(await readBooking(db, paid.id)).toMatchObject({
      status: 'cancelled',
      refunds: [{ amount: paid.total, reason: 'late_payment' }],
    })
    expect(await findViolations(db)).toEqual([])
  })
})

describe('a provider that hangs', () => {
  /** Connections of the services that have a transaction open, and what they have locked. */
  async function openTransactions() {
    const { rows } = await db.database.pool.query(
      `select a.state, a.query from pg_stat_activity a
       where a.datname = current_database() and a.application_name like 'boxoffice-lifecycle/%'
         and (a.xact_start is not null or exists (select from pg_locks l where l.pid = a.pid and l.locktype <> 'virtualxid'))`,
    )
    return rows
  }

  it('keeps no transaction open while it opens a page, and nobody waits: the buyer may cancel meanwhile', async () => {
    const booking = await givenHold(db)
    const [lifecycle] = openTwoLifecycles(db)
    const { provider } = lifecycle
    const hanging = provider.holdNext('createCheckout')
    const starting = startPaying(lifecycle, booking)
    await hanging.reached
    expect(await openTransactions()).toEqual([])
    await cancelBooking(lifecycle, {
      reference: booking.reference,
      caller: buyerOf(booking),
      requestId: 'test',
      keyed: null,
    })
    hanging.release()
    const { status, checkoutUrl, paymentId } = await starting
    expect({ status, checkoutUrl }).toEqual({ status: 'failed', checkoutUrl: null })
    // The page that came too late is closed.
    await reconcilePayments(lifecycle)
    expect(provider.pages.get(paymentId)?.closed).toBe(true)
    expect(await findViolations(db)).toEqual([])
  })

  it('keeps none open while it is asked how a payment stands, and the news may come meanwhile', async () => {
    const booking = await givenHold(db)
    const [lifecycle] = openTwoLifecycles(db)
    const { provider } = lifecycle
    const { paymentId } = await startPaying(lifecycle, booking)
    await makeReconcilable(db, paymentId)
    const hanging = provider.holdNext('findPayment')
    const asking = reconcilePayments(lifecycle)
    await hanging.reached
    expect(await openTransactions()).toEqual([])
    await lifecycle.receive(provider.pay(paymentId))
    hanging.release()
    await asking
    expect(await readBooking(db, booking.id)).toMatchObject({ status: 'confirmed', refunds: [] })
    expect(await findViolations(db)).toEqual([])
  })
})

/** Ten at a time, as many as the pools have connections for. */
async function inTurns<T, R>(items: readonly T[], work: (item: T, at: number) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let at = 0; at < items.length; at += 10) {
    results.push(...(await Promise.all(items.slice(at, at + 10).map((item, index) => work(item, at + index)))))
  }
  return results
}

function permutations(items: readonly number[]): number[][] {
  if (items.length <= 1) return [[...items]]
  return items.flatMap((item) => permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]))
}
