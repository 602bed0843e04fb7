import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { violatedConstraint } from '@boxoffice/core/db/sql-errors.ts'
import { cancelBooking } from '@boxoffice/core/bookings/cancel-booking.ts'
import { changeStatus } from '@boxoffice/core/bookings/change-status.ts'
import type { LifecycleDependencies } from '@boxoffice/core/bookings/lifecycle.ts'
import { requestRefund } from '@boxoffice/core/bookings/payments/request-refund.ts'
import { sendDueRefunds, sendRefund } from '@boxoffice/core/bookings/payments/send-refunds.ts'
import { givenShowtime } from '../support/catalogue.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { seatsRequest } from '../support/engine.ts'
import {
  buyerOf,
  closeLifecycles,
  givenBooking,
  type GivenBooking,
  givenPaid,
  holdAt,
  inBareDatabase,
  openLifecycle,
  openTwoLifecycles,
  readBooking,
  staffOf,
  startPaying,
  withoutLocks,
} from '../support/lifecycle.ts'
import { findViolations } from '../support/lifecycle-invariants.ts'
import { type FakeProvider, openFakeProvider } from '../support/lifecycle-provider.ts'
import { waitForBlocked } from '../support/locks.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterEach(closeLifecycles)
afterAll(() => db.drop())

/** 20.00 and a fee of 0.60. */
async function givenPaidBooking(on: TestDatabase) {
  const { showtimeId } = await givenShowtime(on.database)
  const booking = await givenBooking(on, seatsRequest(showtimeId, ['A1', 'A2']))
  const provider = openFakeProvider()
  await givenPaid(openLifecycle(on, { provider }), booking)
  return { booking, provider }
}

function refund(deps: LifecycleDependencies, booking: GivenBooking, amount: number | undefined, cancelBooking = false) {
  const caller = staffOf(booking, 'organizer')
  const { reference } = booking
  return requestRefund(deps, {
    reference,
    caller,
    requestId: 'test',
    amount,
    reason: 'Sorry',
    cancelBooking,
    keyed: null,
  })
}

/** A dozen refunds of 5.00 of 20.60, of which each has seen that nothing went back yet. */
async function refundAllAtOnce(on: TestDatabase) {
  const { booking, provider } = await givenPaidBooking(on)
  const hold = holdAt('read-clock', 12)
  const lifecycle = openLifecycle(on, { provider, wrap: (database) => hold.wrap(withoutLocks(database)) })
  const asked = Promise.allSettled(Array.from({ length: 12 }, () => refund(lifecycle, booking, 500)))
  await hold.reached
  hold.release()
  return { booking, results: await asked }
}

const fulfilled = (results: readonly PromiseSettledResult<unknown>[]) =>
  results.filter(({ status }) => status === 'fulfilled')
const reasons = (results: readonly PromiseSettledResult<unknown>[]): unknown[] =>
  results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))

/** The ids under which the provider was asked to send these refunds, oldest first. */
const sent = ({ calls }: FakeProvider, ids: readonly string[]) =>
  calls.filter(({ method, id }) => method === 'refund' && ids.includes(id)).map(({ id }) => id)

/** Makes refunds due that are on their way. */
async function makeDue({ database }: TestDatabase, bookingId: string) {
  await database.pool.query('update refunds set send_at = now() where booking_id = $1 and send_at is not null', [
    bookingId,
  ])
}

describe('many partial refunds of one payment at once', () => {
  it('return three times what was captured, without row locks and CHECK: the control', async () => {
    await inBareDatabase(async (bare) => {
      const { booking, results } = await refundAllAtOnce(bare)
      expect(fulfilled(results)).toHaveLength(12)
      expect((await readBooking(bare, booking.id)).payments).toMatchObject([{ captured: 2060, reserved: 6000 }])
    }, 'alter table payments drop constraint payments_refunds_within_captured')
  })

  it('return no more than was captured by the CHECK alone', async () => {
    const { booking, results } = await refundAllAtOnce(db)
    expect(fulfilled(results)).toHaveLength(4)
    expect(new Set(reasons(results).map(violatedConstraint))).toEqual(new Set(['payments_refunds_within_captured']))
    expect((await readBooking(db, booking.id)).payments).toMatchObject([{ captured: 2060, reserved: 2000 }])
    expect(await findViolations(db)).toEqual([])
  })

  it('return no more than was captured by the locks, and the others hear what is left', async () => {
    const { booking, provider } = await givenPaidBooking(db)
    const two = [openLifecycle(db, { provider }), openLifecycle(db, { provider })]
    const results = await Promise.allSettled(
      two.flatMap((lifecycle) => Array.from({ length: 15 }, () => refund(lifecycle, booking, 500))),
    )
    expect(fulfilled(results)).toHaveLength(4)
    for (const reason of reasons(results)) {
      expect(reason).toMatchObject({ code: 'refund_exceeds_captured', facts: { refundable: 60, currency: 'EUR' } })
    }
    expect((await readBooking(db, booking.id)).payments).toMatchObject([{ captured: 2060, reserved: 2000 }])
    expect(await findViolations(db)).toEqual([])
  })

  it('are sent once each by two workers at once, and settle the payment', async () => {
    const { booking, provider } = await givenPaidBooking(db)
    const two = [openLifecycle(db, { provider }), openLifecycle(db, { provider })] as const
    const ids: string[] = []
    for (const amount of [500, 500, 500, 560]) ids.push((await refund(two[0], booking, amount)).refundId)
    await Promise.all(two.map((lifecycle) => sendDueRefunds(lifecycle)))
    expect(sent(provider, ids).toSorted()).toEqual(ids.toSorted())
    expect(await readBooking(db, booking.id)).toMatchObject({
      status: 'confirmed',
      paymentStatus: 'refunded',
      payments: [{ status: 'refunded', captured: 2060, reserved: 0, refunded: 2060 }],
    })
    expect(await findViolations(db)).toEqual([])
  })
})

describe('a refund and a cancellation at once', () => {
  const cancel = (deps: LifecycleDependencies, booking: GivenBooking) =>
    cancelBooking(deps, { reference: booking.reference, caller: buyerOf(booking), requestId: 'test', keyed: null })

  it('together return more than was captured, without row locks and CHECK: the control', async () => {
    await inBareDatabase(async (bare) => {
      const { booking, provider } = await givenPaidBooking(bare)
      const hold = holdAt('read-clock')
      const refunding = openLifecycle(bare, { provider, wrap: (database) => hold.wrap(withoutLocks(database)) })
      const refunded = refund(refunding, booking, undefined)
      await hold.reached
      await cancel(openLifecycle(bare, { provider }), booking)
      hold.release()
      await refunded
      expect((await readBooking(bare, booking.id)).payments).toMatchObject([{ captured: 2060, reserved: 4060 }])
    }, 'alter table payments drop constraint payments_refunds_within_captured')
  })

  it('return the rest by the policy where the refund came first', async () => {
    const { booking } = await givenPaidBooking(db)
    const hold = holdAt('insert-booking-records')
    const [refunding, cancelling] = openTwoLifecycles(db, hold.wrap)
    const refunded = refund(refunding, booking, 1500)
    await hold.reached
    const cancelled = cancel(cancelling, booking)
    await waitForBlocked(db)
    hold.release()
    await Promise.all([refunded, cancelled])
    expect((await readBooking(db, booking.id)).refunds.map(({ amount }) => amount)).toEqual([1500, 500])
    expect(await findViolations(db)).toEqual([])
  })

  it('return what is left where the cancellation came first', async () => {
    const { booking } = await givenPaidBooking(db)
    const hold = holdAt('insert-booking-records')
    const [cancelling, refunding] = openTwoLifecycles(db, hold.wrap)
    const cancelled = cancel(cancelling, booking)
    await hold.reached
    const results = Promise.allSettled([refund(refunding, booking, 1500), refund(refunding, booking, undefined)])
    await waitForBlocked(db, { count: 2 })
    hold.release()
    await cancelled
    // Which of the two was first makes no difference to what goes back.
    expect(reasons(await results)).toMatchObject([
      { code: expect.stringMatching(/^(?:refund_exceeds_captured|nothing_to_refund)$/) },
    ])
    expect((await readBooking(db, booking.id)).refunds.map(({ amount }) => amount)).toEqual([2000, 60])
    expect(await findViolations(db)).toEqual([])
  })

  it('of the whole booking free its seats once', async () => {
    const { booking, provider } = await givenPaidBooking(db)
    const two = [openLifecycle(db, { provider }), openLifecycle(db, { provider })] as const
    const results = await Promise.allSettled([
      refund(two[0], booking, undefined, true),
      cancel(two[1], booking),
      refund(two[1], booking, undefined, true),
    ])
    expect(fulfilled(results).length).toBeGreaterThan(0)
    for (const reason of reasons(results)) {
      expect(reason).toMatchObject({ code: 'invalid_transition' })
    }
    expect((await readBooking(db, booking.id)).status).toBe('cancelled')
    expect(await findViolations(db)).toEqual([])
  })
})

/** Paid by hand while the buyer pays online too, and the provider refuses to send that money back. */
async function givenPaidTwice(on: TestDatabase) {
  const { showtimeId } = await givenShowtime(on.database)
  const booking = await givenBooking(on, seatsRequest(showtimeId, ['A1', 'A2']))
  const lifecycle = openLifecycle(on)
  const { provider } = lifecycle
  const { paymentId } = await startPaying(lifecycle, booking)
  await changeStatus(lifecycle, {
    reference: booking.reference,
    caller: staffOf(booking),
    requestId: 'test',
    status: 'confirmed',
    reason: 'Paid at the counter',
    keyed: null,
  })
  provider.answerRefunds({ status: 'failed', reason: 'account closed' })
  for (const refundId of (await lifecycle.receive(provider.pay(paymentId))).refundIds) {
    await sendRefund(lifecycle, refundId)
  }
  expect(await readBooking(on, booking.id)).toMatchObject({
    status: 'confirmed',
    // The one online, then the one by hand, which is what paid.
    payments: [
      { captured: 2060, reserved: 0, refunded: 0 },
      { captured: 2060, reserved: 0, refunded: 0 },
    ],
    refunds: [{ status: 'failed', amount: 2060, reason: 'paid_twice' }],
  })
  provider.answerRefunds({ status: 'completed' })
  return { booking, lifecycle }
}

describe('a booking that was paid twice, and whose second payment could not go back', () => {
  const left = async (booking: GivenBooking) =>
    (await readBooking(db, booking.id)).payments.map(
      ({ captured, refunded, reserved }) => captured - refunded - reserved,
    )

  it('keeps nothing once a refund cancels it', async () => {
    const { booking, lifecycle } = await givenPaidTwice(db)
    const { refundIds } = await refund(lifecycle, booking, undefined, true)
    expect(refundIds).toHaveLength(2)
    expect(await left(booking)).toEqual([0, 0])
    expect(await readBooking(db, booking.id)).toMatchObject({
      status: 'cancelled',
      refunds: [
        { status: 'failed', reason: 'paid_twice' },
        { status: 'reserved', amount: 2060, reason: 'Sorry' },
        { status: 'reserved', amount: 2060, reason: 'booking_cancelled' },
      ],
    })
    for (const refundId of refundIds) await sendRefund(lifecycle, refundId)
    expect(await readBooking(db, booking.id)).toMatchObject({
      paymentStatus: 'refunded',
      payments: [{ refunded: 2060 }, { refunded: 2060 }],
    })
    expect(await findViolations(db)).toEqual([])
  })

  it('is refunded from the payment that paid, and stays while some of that is left', async () => {
    const { booking, lifecycle } = await givenPaidTwice(db)
    await refund(lifecycle, booking, 700, true)
    expect(await left(booking)).toEqual([2060, 1360])
    expect((await readBooking(db, booking.id)).status).toBe('confirmed')
    await refund(lifecycle, booking, 1360, true)
    expect(await left(booking)).toEqual([0, 0])
    expect((await readBooking(db, booking.id)).status).toBe('cancelled')
  })

  it('gives the second payment back whoever cancels it, and whatever is kept of the one that paid', async () => {
    const { booking, lifecycle } = await givenPaidTwice(db)
    const { reference } = booking
    await cancelBooking(lifecycle, { reference, caller: buyerOf(booking), requestId: 'test', keyed: null })
    // The fee, by the terms of the booking.
    expect(await left(booking)).toEqual([0, 60])
    expect(await findViolations(db)).toEqual([])
  })
})

describe('a refund whose answer is lost', () => {
  it('is sent again with the same id: once back at the provider, and once in our books', async () => {
    const { booking, provider } = await givenPaidBooking(db)
    const lifecycle = openLifecycle(db, { provider })
    const { refundId } = await refund(lifecycle, booking, 700)
    provider.failNext('refund', 'unanswered')
    await sendRefund(lifecycle, refundId)
    expect(await readBooking(db, booking.id)).toMatchObject({
      refunds: [{ status: 'reserved' }],
      payments: [{ reserved: 700, refunded: 0 }],
    })
    // Nobody sends it again before its time.
    await sendRefund(lifecycle, refundId)
    expect(sent(provider, [refundId])).toEqual([refundId])

    await makeDue(db, booking.id)
    await sendDueRefunds(lifecycle)
    expect(sent(provider, [refundId])).toEqual([refundId, refundId])
    expect([...provider.refunds.keys()].filter((id) => id === refundId)).toHaveLength(1)
    expect(await readBooking(db, booking.id)).toMatchObject({
      paymentStatus: 'partially_refunded',
      refunds: [{ status: 'completed' }],
      payments: [{ reserved: 0, refunded: 700 }],
    })
    expect(await findViolations(db)).toEqual([])
  })

  it('counts once however often and by how many its completion is told', async () => {
    const { booking, provider } = await givenPaidBooking(db)
    const two = [openLifecycle(db, { provider }), openLifecycle(db, { provider })] as const
    const { refundId } = await refund(two[0], booking, 700)
    provider.failNext('refund', 'unanswered', new Error('the process has died'))
    await expect(sendRefund(two[0], refundId)).rejects.toThrow('the process has died')
    await makeDue(db, booking.id)
    const news = (eventId: string) =>
      ({
        kind: 'refund',
        eventId,
        refundId,
        providerReference: `fake_refund_${refundId}`,
        report: { status: 'completed' },
      }) as const
    await Promise.all([
      sendDueRefunds(two[1]),
      ...Array.from({ length: 10 }, (_, at) =>
        two[at % 2 === 0 ? 0 : 1].receive(news(`refund-${Math.floor(at / 2)}-${refundId}`)),
      ),
    ])
    expect(await readBooking(db, booking.id)).toMatchObject({
      refunds: [{ status: 'completed', amount: 700 }],
      payments: [{ reserved: 0, refunded: 700 }],
    })
    expect(await findViolations(db)).toEqual([])
  })
})
