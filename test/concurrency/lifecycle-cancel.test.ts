import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { cancelBooking } from '@boxoffice/core/bookings/cancel-booking.ts'
import type { LifecycleDependencies } from '@boxoffice/core/bookings/lifecycle.ts'
import { keyedRequest } from '@boxoffice/core/use-case/idempotency.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'
import { givenEvent, givenPromoCode } from '../support/catalogue.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { ticketsRequest } from '../support/engine.ts'
import {
  buyerOf,
  closeLifecycles,
  givenBookings,
  type GivenBooking,
  givenPaid,
  holdAt,
  inBareDatabase,
  openTwoLifecycles,
  readBooking,
  staffOf,
  startPaying,
  withoutLocks,
} from '../support/lifecycle.ts'
import { findViolations } from '../support/lifecycle-invariants.ts'
import { waitForBlocked } from '../support/locks.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterEach(closeLifecycles)
afterAll(() => db.drop())

/** A booking of two tickets with a promo code, beside others of the same, so that no counter goes below zero. */
async function givenTickets(on: TestDatabase) {
  const { eventId, organizerId, ticketTypeIds } = await givenEvent(on.database, {
    ticketTypes: [{ capacity: 100, maxPerCustomer: 6 }],
  })
  const { promoCodeId } = await givenPromoCode(on.database, { organizerId, maxPerCustomer: 5 })
  const request = () => {
    const submission = ticketsRequest(eventId, [{ ticketTypeId: ticketTypeIds[0] ?? '', quantity: 2 }], {
      customerKeys: ['o:same'],
    })
    return { ...submission, payload: { ...submission.payload, promoCode: 'SAVE20' } }
  }
  const [booking, ...others] = await givenBookings(on, [request(), request(), request()])
  if (booking === undefined) throw new Error('nothing was booked')
  return { booking, others, promoCodeId, ticketTypeId: ticketTypeIds[0] ?? '' }
}

function cancel(deps: LifecycleDependencies, { reference }: GivenBooking, caller: Caller, key: string | null = null) {
  const keyed = keyedRequest(caller.subject, key, `POST /v1/bookings/${reference}/cancel`, null)
  return cancelBooking(deps, { reference, caller, requestId: 'test', keyed })
}

async function countsOf({ database }: TestDatabase, given: { ticketTypeId: string; promoCodeId: string }) {
  const { rows } = await database.pool.query<Record<'sold' | 'ofCustomer' | 'redeemed' | 'redeemedByCustomer', number>>(
    `select (select sold from ticket_type_state where ticket_type_id = $1) as sold,
       (select quantity from ticket_type_customers where ticket_type_id = $1) as "ofCustomer",
       (select redeemed from promo_code_state where promo_code_id = $2) as redeemed,
       (select redeemed from promo_code_customers where promo_code_id = $2) as "redeemedByCustomer"`,
    [given.ticketTypeId, given.promoCodeId],
  )
  return rows[0]
}

const ONE_GONE = { sold: 4, ofCustomer: 4, redeemed: 2, redeemedByCustomer: 2 }

describe('a buyer who cancels while the payment completes', () => {
  it('loses the money without row locks: the control', async () => {
    await inBareDatabase(async (bare) => {
      const { booking } = await givenTickets(bare)
      // The cancellation has seen a booking and a payment that are unpaid, and has nothing to pay back.
      const hold = holdAt('update "payments"')
      const [cancelling, paying] = openTwoLifecycles(bare, (database) => hold.wrap(withoutLocks(database)))
      const { paymentId } = await startPaying(paying, booking)
      const cancelled = cancel(cancelling, booking, buyerOf(booking))
      await hold.reached
      await paying.receive(paying.provider.pay(paymentId))
      hold.release()
      await cancelled
      expect(await readBooking(bare, booking.id)).toMatchObject({ status: 'cancelled', refunds: [] })
      expect(await findViolations(bare)).toEqual([`I5 money taken for nothing: ${paymentId}`])
    })
  })

  it('gets all of it back where the cancellation came first', async () => {
    const { booking } = await givenTickets(db)
    const hold = holdAt('release-inventory')
    const [cancelling, paying] = openTwoLifecycles(db, hold.wrap)
    const { paymentId } = await startPaying(paying, booking)
    const cancelled = cancel(cancelling, booking, buyerOf(booking))
    await hold.reached
    const completed = paying.receive(paying.provider.pay(paymentId))
    await waitForBlocked(db)
    hold.release()
    await Promise.all([cancelled, completed])
    expect(await readBooking(db, booking.id)).toMatchObject({
      status: 'cancelled',
      cancelReason: 'customer',
      refunds: [{ amount: booking.total, reason: 'booking_cancelled' }],
    })
    expect(await findViolations(db)).toEqual([])
  })

  it('gets back what the policy says where the payment came first', async () => {
    const { booking } = await givenTickets(db)
    const hold = holdAt('insert-booking-records')
    const [paying, cancelling] = openTwoLifecycles(db, hold.wrap)
    const { paymentId } = await startPaying(cancelling, booking)
    const completed = paying.receive(paying.provider.pay(paymentId))
    await hold.reached
    const cancelled = cancel(cancelling, booking, buyerOf(booking))
    await waitForBlocked(db)
    hold.release()
    await Promise.all([cancelled, completed])
    expect((await cancelled).refundIds).toHaveLength(1)
    expect(await readBooking(db, booking.id)).toMatchObject({
      status: 'cancelled',
      cancelReason: 'customer',
      payments: [{ status: 'completed', captured: booking.total, reserved: booking.total - booking.fee }],
      refunds: [{ amount: booking.total - booking.fee }],
    })
    expect(await findViolations(db)).toEqual([])
  })
})

describe('two cancellations of one booking at once', () => {
  it('give tickets and redemption back twice without row locks: the control', async () => {
    await inBareDatabase(async (bare) => {
      const given = await givenTickets(bare)
      const hold = holdAt('release-inventory')
      const [slow, quick] = openTwoLifecycles(bare, (database) => hold.wrap(withoutLocks(database)))
      const first = cancel(slow, given.booking, buyerOf(given.booking))
      await hold.reached
      await cancel(quick, given.booking, staffOf(given.booking))
      hold.release()
      await first
      expect(await countsOf(bare, given)).toEqual({ sold: 2, ofCustomer: 2, redeemed: 1, redeemedByCustomer: 1 })
    })
  })

  for (const who of ['owner', 'staff'] as const) {
    it(`give everything back once: the ${who} is first, and the other hears that it is cancelled`, async () => {
      const given = await givenTickets(db)
      const { booking } = given
      const hold = holdAt('release-inventory')
      const [slow, quick] = openTwoLifecycles(db, hold.wrap)
      const callers = [buyerOf(booking), staffOf(booking)] as const
      const [one, other] = who === 'owner' ? callers : [callers[1], callers[0]]
      await givenPaid(quick, booking)
      const first = cancel(slow, booking, one)
      await hold.reached
      const second = cancel(quick, booking, other).catch((error: unknown) => error)
      await waitForBlocked(db)
      hold.release()
      expect((await first).refundIds).toHaveLength(1)
      expect(await second).toMatchObject({ code: 'invalid_transition' })
      expect(await countsOf(db, given)).toEqual(ONE_GONE)
      const amount = who === 'owner' ? booking.total - booking.fee : booking.total
      expect((await readBooking(db, booking.id)).refunds).toEqual([expect.objectContaining({ amount })])
      expect(await findViolations(db)).toEqual([])
    })
  }

  it('and twenty more, by owner and staff, are one', async () => {
    const given = await givenTickets(db)
    const { booking } = given
    const two = openTwoLifecycles(db)
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, at) =>
        cancel(two[at % 2 === 0 ? 0 : 1], booking, at % 3 === 0 ? staffOf(booking) : buyerOf(booking)),
      ),
    )
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await countsOf(db, given)).toEqual(ONE_GONE)
    expect(await findViolations(db)).toEqual([])
  })

  it('under one idempotency key are one, and every other one hears of it', async () => {
    const given = await givenTickets(db)
    const { booking } = given
    const two = openTwoLifecycles(db)
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, at) => cancel(two[at % 2 === 0 ? 0 : 1], booking, buyerOf(booking), 'key-1')),
    )
    expect(results.filter(({ replayed }) => !replayed)).toHaveLength(1)
    expect(await countsOf(db, given)).toEqual(ONE_GONE)
    expect(await findViolations(db)).toEqual([])
  })
})
