import { afterEach, describe, expect, it } from 'vitest'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { cancelBooking } from '@boxoffice/core/bookings/cancel-booking.ts'
import { SYSTEM } from '@boxoffice/core/records/cause.ts'
import { expireHolds } from '@boxoffice/core/bookings/expire-holds.ts'
import { decideNextBatch } from '@boxoffice/core/booking-requests/deciding/decide-lines.ts'
import { settleReport } from '@boxoffice/core/bookings/payments/settle-payment.ts'
import { givenEvent, givenPromoCode, givenShowtime } from '../support/catalogue.ts'
import { type TestDatabase, sharedDatabase } from '../support/database.ts'
import { openEngine, seatsRequest, ticketsRequest } from '../support/engine.ts'
import { holdBefore } from '../support/intercepted-database.ts'
import {
  buyerOf,
  givenBooking,
  type GivenBooking,
  inBareDatabase,
  closeLifecycles,
  openTwoLifecycles,
  givenPaid,
  holdAt,
  type Lifecycle,
  openLifecycle,
  readBooking,
  runOutOfTime,
  startPaying,
  withoutLocks,
} from '../support/lifecycle.ts'
import { findViolations } from '../support/lifecycle-invariants.ts'
import { waitForBlocked } from '../support/locks.ts'

const db = sharedDatabase()

afterEach(closeLifecycles)

async function givenStartedPayment(lifecycle: Lifecycle, booking: GivenBooking): Promise<string> {
  return (await startPaying(lifecycle, booking)).paymentId
}

async function givenHold(on: TestDatabase, seats = ['A1', 'A2']) {
  const showtime = await givenShowtime(on.database)
  return { ...showtime, booking: await givenBooking(on, seatsRequest(showtime.showtimeId, seats)) }
}

const CONFIRMED = { status: 'confirmed', paymentStatus: 'completed', cancelReason: null, refunds: [] }

describe('a payment that completes while the hold is being ended', () => {
  it('confirms a booking whose seats are gone, without row locks: the control', async () => {
    await inBareDatabase(async (bare) => {
      const { booking } = await givenHold(bare)
      const hold = holdAt('read-clock')
      const [paying, expiring] = openTwoLifecycles(bare, (database) => hold.wrap(withoutLocks(database)))
      const paymentId = await givenStartedPayment(expiring, booking)
      await runOutOfTime(bare, booking.id)
      const completing = paying.receive(paying.provider.pay(paymentId))
      await hold.reached
      expect(await expireHolds(expiring)).toBe(1)
      hold.release()
      await completing
      expect((await readBooking(bare, booking.id)).status).toBe('confirmed')
      expect(await findViolations(bare)).toEqual([
        'I6 a seat that a live booking has lost, or a dead one kept: A1',
        'I6 a seat that a live booking has lost, or a dead one kept: A2',
      ])
    })
  })

  it('confirms it where it came first, and the expiry passes over a locked booking without waiting', async () => {
    const { booking } = await givenHold(db)
    const hold = holdAt('read-clock')
    const [paying, expiring] = openTwoLifecycles(db, hold.wrap)
    const paymentId = await givenStartedPayment(expiring, booking)
    await runOutOfTime(db, booking.id)
    const completing = paying.receive(paying.provider.pay(paymentId))
    await hold.reached
    expect(await expireHolds(expiring)).toBe(0)
    hold.release()
    await completing
    expect(await expireHolds(expiring)).toBe(0)
    expect(await readBooking(db, booking.id)).toMatchObject({ ...CONFIRMED, tickets: ['issued', 'issued'] })
    expect(await findViolations(db)).toEqual([])
  })

  it('takes the seats again where the expiry came first and they are free, with tickets that admit', async () => {
    const { booking } = await givenHold(db)
    const hold = holdAt('release-inventory')
    const [expiring, paying] = openTwoLifecycles(db, hold.wrap)
    const paymentId = await givenStartedPayment(paying, booking)
    await runOutOfTime(db, booking.id)
    const ending = expireHolds(expiring)
    await hold.reached
    const completing = paying.receive(paying.provider.pay(paymentId))
    await waitForBlocked(db)
    hold.release()
    expect(await ending).toBe(1)
    await completing
    expect(await readBooking(db, booking.id)).toMatchObject({ ...CONFIRMED, tickets: ['issued', 'issued'] })
    expect(await findViolations(db)).toEqual([])
    // Once for the end of the hold and once for its return.
    expect([...expiring.signals, ...paying.signals]).toHaveLength(2)
  })

  it('leaves the others of the batch to the expiry', async () => {
    const { showtimeId } = await givenShowtime(db.database)
    const [worked, first, second] = [
      await givenBooking(db, seatsRequest(showtimeId, ['A1'])),
      await givenBooking(db, seatsRequest(showtimeId, ['A2'])),
      await givenBooking(db, seatsRequest(showtimeId, ['A3'])),
    ]
    const hold = holdAt('read-clock')
    const [paying, expiring] = openTwoLifecycles(db, hold.wrap)
    const paymentId = await givenStartedPayment(expiring, worked)
    await runOutOfTime(db, worked.id, first.id, second.id)
    const completing = paying.receive(paying.provider.pay(paymentId))
    await hold.reached
    expect(await expireHolds(expiring)).toBe(2)
    hold.release()
    await completing
    const statuses = await Promise.all(
      [worked, first, second].map(async ({ id }) => (await readBooking(db, id)).status),
    )
    expect(statuses).toEqual(['confirmed', 'cancelled', 'cancelled'])
    expect(await findViolations(db)).toEqual([])
  })
})

describe('holds that two workers end at the same moment', () => {
  async function givenExpiredTickets(on: TestDatabase) {
    const { eventId, ticketTypeIds } = await givenEvent(on.database)
    const [ticketTypeId = ''] = ticketTypeIds
    const request = () => ticketsRequest(eventId, [{ ticketTypeId, quantity: 2 }])
    // The other one stays, so that the counter does not go below zero.
    await givenBooking(on, request())
    const booking = await givenBooking(on, request())
    await runOutOfTime(on, booking.id)
    return booking
  }

  it('give their tickets back twice without row locks: the control', async () => {
    await inBareDatabase(async (bare) => {
      await givenExpiredTickets(bare)
      const hold = holdAt('release-inventory')
      const [slow, quick] = openTwoLifecycles(bare, (database) => hold.wrap(withoutLocks(database)))
      const ending = expireHolds(slow)
      await hold.reached
      expect(await expireHolds(quick)).toBe(1)
      hold.release()
      expect(await ending).toBe(1)
      expect(await findViolations(bare)).toContainEqual(expect.stringMatching('I6 a count of sold tickets'))
    })
  })

  it('give them back once', async () => {
    await givenExpiredTickets(db)
    const hold = holdAt('release-inventory')
    const [slow, quick] = openTwoLifecycles(db, hold.wrap)
    const endings = [expireHolds(slow)]
    await hold.reached
    endings.push(expireHolds(quick))
    await waitForBlocked(db)
    hold.release()
    expect(await Promise.all(endings)).toEqual([1, 0])
    expect(await findViolations(db)).toEqual([])
  })
})

describe('a late payment for a place that somebody else asks for at that moment', () => {
  /** Creates a booking whose hold has ended without a payment, and an undecided request for its last ticket. */
  async function givenLateBuyerAndRival(on: TestDatabase) {
    const { eventId, ticketTypeIds } = await givenEvent(on.database, { ticketTypes: [{ capacity: 1 }] })
    const tickets = [{ ticketTypeId: ticketTypeIds[0] ?? '', quantity: 1 }]
    const booking = await givenBooking(on, ticketsRequest(eventId, tickets))
    const lifecycle = openLifecycle(on)
    const paymentId = await givenStartedPayment(lifecycle, booking)
    await runOutOfTime(on, booking.id)
    await expireHolds(lifecycle)
    const engine = openEngine(on)
    await engine.line.accept(ticketsRequest(eventId, tickets))
    await engine.close()
    return { booking, paymentId, provider: lifecycle.provider, eventId }
  }

  /** Completes the payment while the decider is held before its write. */
  async function raceTheDecider(on: TestDatabase, wrap: (database: Database) => Database, blocks: boolean) {
    const { booking, paymentId, provider, eventId } = await givenLateBuyerAndRival(on)
    const hold = holdBefore('write-decisions')
    const engine = openEngine(on, { wrapDeciding: (database) => hold.wrap(wrap(database)) })
    const paying = openLifecycle(on, { provider, wrap })
    try {
      const deciding = decideNextBatch(engine.deciding, [eventId], 'wait')
      await hold.reached
      const completing = paying.receive(provider.pay(paymentId))
      const settled = Promise.allSettled([completing])
      await (blocks ? waitForBlocked(on) : settled)
      hold.release()
      const batch = await deciding
      const [received] = await settled
      return { booking, paying, outcome: batch.outcomes[0], received, news: provider.pay(paymentId) }
    } finally {
      hold.release()
      await engine.close()
    }
  }

  const same = (database: Database) => database
  const UNCHECKED = 'alter table ticket_type_state drop constraint ticket_type_state_not_oversold'

  it('sells it twice without row locks and CHECK: the control', async () => {
    await inBareDatabase(async (bare) => {
      const { booking, outcome } = await raceTheDecider(bare, withoutLocks, false)
      expect(outcome?.state).toBe('booked')
      expect((await readBooking(bare, booking.id)).status).toBe('confirmed')
      expect(await findViolations(bare)).toContainEqual(expect.stringMatching('I1 oversold'))
    }, UNCHECKED)
  })

  it('goes back where the other one was decided first', async () => {
    const { booking, outcome, received } = await raceTheDecider(db, same, true)
    expect(outcome?.state).toBe('booked')
    expect(received?.status).toBe('fulfilled')
    expect(await readBooking(db, booking.id)).toMatchObject({
      status: 'cancelled',
      cancelReason: 'expired',
      paymentStatus: 'completed',
      payments: [{ status: 'completed', reserved: booking.total }],
      refunds: [{ status: 'reserved', amount: booking.total, reason: 'late_payment' }],
      tickets: [],
    })
    expect(await findViolations(db)).toEqual([])
  })

  it('gets it where it came first, and the other one is refused', async () => {
    const { booking, paymentId, provider, eventId } = await givenLateBuyerAndRival(db)
    const hold = holdAt('take-inventory')
    const paying = openLifecycle(db, { provider, wrap: hold.wrap })
    const engine = openEngine(db)
    try {
      const completing = paying.receive(provider.pay(paymentId))
      await hold.reached
      const deciding = decideNextBatch(engine.deciding, [eventId], 'wait')
      await waitForBlocked(db)
      hold.release()
      await completing
      expect((await deciding).outcomes[0]?.refusal?.code).toBe('tickets_unavailable')
    } finally {
      await engine.close()
    }
    expect(await readBooking(db, booking.id)).toMatchObject({ ...CONFIRMED, tickets: ['issued'] })
    expect(await findViolations(db)).toEqual([])
  })

  it('changes nothing about a booking that its buyer had cancelled: the money goes back', async () => {
    const { booking } = await givenHold(db)
    const [lifecycle] = openTwoLifecycles(db)
    const paymentId = await givenStartedPayment(lifecycle, booking)
    await cancelBooking(lifecycle, {
      reference: booking.reference,
      caller: buyerOf(booking),
      requestId: 'test',
      keyed: null,
    })
    await lifecycle.receive(lifecycle.provider.pay(paymentId))
    expect(await readBooking(db, booking.id)).toMatchObject({
      status: 'cancelled',
      cancelReason: 'customer',
      paymentStatus: 'completed',
      refunds: [{ amount: booking.total, reason: 'booking_cancelled' }],
    })
    expect(await findViolations(db)).toEqual([])
  })

  it('of the wrong amount shows as failed at once, while the money is on its way back', async () => {
    const { booking } = await givenHold(db)
    const [lifecycle] = openTwoLifecycles(db)
    const paymentId = await givenStartedPayment(lifecycle, booking)
    const captured = { amount: booking.total - 1, currency: 'EUR' }
    await settleReport(lifecycle, paymentId, { status: 'completed', captured }, SYSTEM)
    expect(await readBooking(db, booking.id)).toMatchObject({
      status: 'pending',
      paymentStatus: 'failed',
      refunds: [{ status: 'reserved', amount: captured.amount, reason: 'amount_mismatch' }],
    })
    expect(await findViolations(db)).toEqual([])
  })
})

describe('a booking that was reinstated', () => {
  it('can be cancelled and gives its places back once more', async () => {
    const { booking } = await givenHold(db)
    const [lifecycle] = openTwoLifecycles(db)
    const paymentId = await givenStartedPayment(lifecycle, booking)
    await runOutOfTime(db, booking.id)
    await expireHolds(lifecycle)
    await lifecycle.receive(lifecycle.provider.pay(paymentId))
    await cancelBooking(lifecycle, {
      reference: booking.reference,
      caller: buyerOf(booking),
      requestId: 'test',
      keyed: null,
    })
    expect(await readBooking(db, booking.id)).toMatchObject({
      status: 'cancelled',
      refunds: [{ amount: booking.total - booking.fee }],
      tickets: ['void', 'void'],
    })
    expect(await findViolations(db)).toEqual([])
    // Somebody else can have them now.
    await givenPaid(lifecycle, await givenBooking(db, seatsRequest(booking.resourceId, ['A1', 'A2'])))
    expect(await findViolations(db)).toEqual([])
  })

  /** Books two tickets of one type and one of another with a code for four places, pays, and lets the hold end first. */
  async function givenLatePayment(lifecycle: Lifecycle) {
    const { eventId, organizerId, ticketTypeIds } = await givenEvent(db.database, {
      ticketTypes: [{ capacity: 9 }, { capacity: 9 }],
    })
    const [first = '', second = ''] = ticketTypeIds
    const { promoCodeId } = await givenPromoCode(db.database, { organizerId, maxTickets: 4 })
    const book = (...quantities: readonly number[]) => {
      const tickets = quantities.flatMap((quantity, index) =>
        quantity === 0 ? [] : [{ ticketTypeId: index === 0 ? first : second, quantity }],
      )
      const submission = ticketsRequest(eventId, tickets)
      return givenBooking(db, { ...submission, payload: { ...submission.payload, promoCode: 'SAVE20' } })
    }
    const booking = await book(2, 1)
    const paymentId = await givenStartedPayment(lifecycle, booking)
    await runOutOfTime(db, booking.id)
    await expireHolds(lifecycle)
    const placesOfCode = async () => {
      const text = 'select tickets from promo_code_state where promo_code_id = $1'
      const { rows } = await db.database.pool.query<{ tickets: number }>(text, [promoCodeId])
      return rows[0]?.tickets
    }
    expect(await placesOfCode()).toBe(0)
    return { booking, paymentId, promoCodeId, second, book, placesOfCode }
  }

  it('counts for its promo code again, as many places as before', async () => {
    const [lifecycle] = openTwoLifecycles(db)
    const { booking, paymentId, placesOfCode } = await givenLatePayment(lifecycle)
    await lifecycle.receive(lifecycle.provider.pay(paymentId))
    expect(await readBooking(db, booking.id)).toMatchObject({ status: 'confirmed' })
    expect(await placesOfCode()).toBe(3)
  })

  it('is none, but gets its money back, where its promo code is no longer good for as many places', async () => {
    const [lifecycle] = openTwoLifecycles(db)
    const { booking, paymentId, promoCodeId, second, book, placesOfCode } = await givenLatePayment(lifecycle)
    // By what the code is for now, the booking would have one such place. It was sold with three.
    await db.database.pool.query('update promo_codes set ticket_type_ids = $2 where id = $1', [promoCodeId, [second]])
    await book(0, 2)
    await lifecycle.receive(lifecycle.provider.pay(paymentId))
    expect(await readBooking(db, booking.id)).toMatchObject({
      status: 'cancelled',
      refunds: [{ amount: booking.total, reason: 'late_payment' }],
    })
    expect(await placesOfCode()).toBe(2)
  })
})
