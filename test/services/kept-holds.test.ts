import { afterEach, describe, expect, it } from 'vitest'
import { expireHolds } from '@boxoffice/core/bookings/expire-holds.ts'
import { remindOfHolds } from '@boxoffice/core/bookings/remind-of-holds.ts'
import type { PaymentReport } from '@boxoffice/core/payments/provider.ts'
import type { Submission } from '@boxoffice/core/domain/booking-request.ts'
import { givenEvent, givenPromoCode, givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { seatsRequest, ticketsRequest } from '../support/engine.ts'
import { eventually } from '../support/eventually.ts'
import { holdLock } from '../support/locks.ts'
import {
  closeLifecycles,
  givenBooking,
  type GivenBooking,
  givenPaid,
  openLifecycle,
  readBooking,
  runOutOfTime,
  startPaying,
} from '../support/lifecycle.ts'
import { findViolations } from '../support/lifecycle-invariants.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
/** The window of the test's provider. */
const WINDOW_MS = HOUR_MS

const db = sharedDatabase()
afterEach(closeLifecycles)

const query = async (text: string, values: unknown[] = []) => (await db.database.pool.query(text, values)).rows

/** Returns the time from now to the end of a booking's hold, in ms; `null` where it has none. */
async function leftOf({ id }: GivenBooking): Promise<number | null> {
  const [row] = await query(
    'select (extract(epoch from expires_at - clock_timestamp()) * 1000)::float8 as left from bookings where id = $1',
    [id],
  )
  return (row as { left: number | null }).left
}

const eventsOf = async ({ id }: GivenBooking, type: string) =>
  (await query('select payload from outbox where entity_id = $1 and type = $2 order by entity_seq', [id, type])).map(
    ({ payload }) => payload as { readonly expiresAt: string },
  )

/** Books a seat of a new showtime, for which staff may say how long it is kept. */
async function book(inMs: number | null = null): Promise<GivenBooking> {
  const startsAt = new Date(Date.now() + 100 * DAY_MS)
  const { showtimeId, seats } = await givenShowtime(db.database, { startsAt })
  const terms = inMs === null ? {} : { seller: 'house', holdUntil: new Date(Date.now() + inMs).toISOString() }
  const overrides = { payload: terms } as unknown as Partial<Submission>
  return givenBooking(db, seatsRequest(showtimeId, seats.slice(0, 1), overrides))
}

describe('a payment on its way', () => {
  async function begin(booking: GivenBooking) {
    const lifecycle = openLifecycle(db)
    const { paymentId } = await startPaying(lifecycle, booking)
    const report = (next: PaymentReport) => lifecycle.receive(lifecycle.provider.report(paymentId, next))
    return { lifecycle, report, pay: () => lifecycle.receive(lifecycle.provider.pay(paymentId)) }
  }

  it('keeps the places of its booking as long as the provider takes at the most', async () => {
    const booking = await book()
    const { lifecycle, report, pay } = await begin(booking)
    await report({ status: 'processing' })
    const left = await leftOf(booking)
    expect(left).toBeGreaterThan(WINDOW_MS - 60_000)
    expect(left).toBeLessThanOrEqual(WINDOW_MS)
    expect(await eventsOf(booking, 'booking.hold_extended')).toHaveLength(1)
    // Told again it gets no more: the window is the provider's, from the first report on.
    await report({ status: 'processing' })
    expect(await eventsOf(booking, 'booking.hold_extended')).toHaveLength(1)
    await expireHolds(lifecycle)
    await pay()
    expect(await readBooking(db, booking.id)).toMatchObject({ status: 'confirmed', refunds: [] })
    expect(await findViolations(db)).toEqual([])
  })

  it('that fails gives them back at once', async () => {
    const booking = await book()
    const { report } = await begin(booking)
    await report({ status: 'processing' })
    await report({ status: 'failed', reason: 'The account is empty.' })
    expect(await readBooking(db, booking.id)).toMatchObject({ status: 'cancelled', cancelReason: 'payment_failed' })
    expect(await findViolations(db)).toEqual([])
  })

  it('that takes longer loses them, and is reinstated or paid back when it comes', async () => {
    const [free, taken] = [await book(), await book()]
    const [one, two] = [await begin(free), await begin(taken)]
    for (const { report } of [one, two]) await report({ status: 'processing' })
    await runOutOfTime(db, free.id, taken.id)
    await expireHolds(one.lifecycle)
    expect(await readBooking(db, taken.id)).toMatchObject({ status: 'cancelled', cancelReason: 'expired' })
    await givenBooking(db, seatsRequest(taken.resourceId, ['A1']))
    await one.pay()
    await two.pay()
    expect(await readBooking(db, free.id)).toMatchObject({ status: 'confirmed', refunds: [] })
    expect(await readBooking(db, taken.id)).toMatchObject({
      status: 'cancelled',
      refunds: [{ reason: 'late_payment' }],
    })
    expect(await findViolations(db)).toEqual([])
  })

  it.each([
    ['after it was paid', { status: 'completed' }, 'confirmed'],
    ['after it failed', { status: 'failed', reason: 'no' }, 'cancelled'],
  ] as const)('changes no hold that is told %s', async (_, first, status) => {
    const booking = await book()
    const { report } = await begin(booking)
    const captured = { amount: booking.total, currency: 'EUR' }
    await report(first.status === 'completed' ? { ...first, captured } : first)
    await report({ status: 'processing' })
    expect(await readBooking(db, booking.id)).toMatchObject({ status })
    expect(await leftOf(booking)).toBeNull()
    expect(await eventsOf(booking, 'booking.hold_extended')).toEqual([])
  })

  it('changes no hold that is over', async () => {
    const booking = await book()
    const { lifecycle, report } = await begin(booking)
    await runOutOfTime(db, booking.id)
    await expireHolds(lifecycle)
    await report({ status: 'processing' })
    expect(await leftOf(booking)).toBeNull()
    expect(await findViolations(db)).toEqual([])
  })

  it('keeps no places beyond the end of the show, and shortens no hold', async () => {
    const { eventId, ticketTypeIds } = await givenEvent(db.database, {
      startsAt: new Date(Date.now() - HOUR_MS),
      endsAt: new Date(Date.now() + HOUR_MS / 3),
    })
    const soon = await givenBooking(
      db,
      ticketsRequest(eventId, [{ ticketTypeId: ticketTypeIds[0] ?? '', quantity: 1 }]),
    )
    await (await begin(soon)).report({ status: 'processing' })
    expect(await leftOf(soon)).toBeLessThanOrEqual(HOUR_MS / 3)
    expect(await leftOf(soon)).toBeGreaterThan(HOUR_MS / 3 - 60_000)

    const kept = await book(5 * DAY_MS)
    await (await begin(kept)).report({ status: 'processing' })
    expect(await leftOf(kept)).toBeGreaterThan(5 * DAY_MS - 60_000)
  })
})

describe('a late payment for what has begun', () => {
  async function payLate(endsInMs: number): Promise<GivenBooking> {
    const { eventId, ticketTypeIds } = await givenEvent(db.database)
    const booking = await givenBooking(
      db,
      ticketsRequest(eventId, [{ ticketTypeId: ticketTypeIds[0] ?? '', quantity: 1 }]),
    )
    const lifecycle = openLifecycle(db)
    const { paymentId } = await startPaying(lifecycle, booking)
    await runOutOfTime(db, booking.id)
    await expireHolds(lifecycle)
    await query(
      `update events set starts_at = now() - interval '1 day', ends_at = now() + $2::float8 * interval '1 ms' where id = $1`,
      [eventId, endsInMs],
    )
    await lifecycle.receive(lifecycle.provider.pay(paymentId))
    expect(await findViolations(db)).toEqual([])
    return booking
  }

  it('takes the places again on the second day of a festival', async () => {
    const booking = await payLate(DAY_MS)
    expect(await readBooking(db, booking.id)).toMatchObject({ status: 'confirmed', refunds: [] })
  })

  it('goes back once it is over', async () => {
    const booking = await payLate(-1_000)
    expect(await readBooking(db, booking.id)).toMatchObject({
      status: 'cancelled',
      refunds: [{ reason: 'late_payment' }],
    })
  })
})

describe('places that staff keep for days', () => {
  const remindAt = async ({ id }: GivenBooking) =>
    (await query('select remind_at as at from bookings where id = $1', [id]))[0]?.at as Date | null
  const makeDue = (...bookings: readonly GivenBooking[]) =>
    query(`update bookings set remind_at = clock_timestamp() - interval '1 second' where id = any($1)`, [
      bookings.map(({ id }) => id),
    ])

  it('have their end announced once, a day before; short ones never', async () => {
    const [long, short, plain] = [await book(5 * DAY_MS), await book(DAY_MS), await book()]
    expect((await remindAt(long))?.getTime()).toBeGreaterThan(Date.now() + 4 * DAY_MS - 60_000)
    expect([await remindAt(short), await remindAt(plain)]).toEqual([null, null])
    const { database } = openLifecycle(db)
    await remindOfHolds({ database })
    expect(await eventsOf(long, 'booking.hold_ending')).toEqual([])
    await makeDue(long)
    await Promise.all([remindOfHolds({ database }), remindOfHolds({ database })])
    await remindOfHolds({ database })
    const [told, ...more] = await eventsOf(long, 'booking.hold_ending')
    expect(Date.parse(told?.expiresAt ?? '')).toBeGreaterThan(Date.now() + 5 * DAY_MS - 60_000)
    expect(more).toEqual([])
    expect(await findViolations(db)).toEqual([])
  })

  it('are not announced once they are paid, given up, over, or paid for by money on its way', async () => {
    const lifecycle = openLifecycle(db)
    const [paid, over, processing] = [await book(5 * DAY_MS), await book(5 * DAY_MS), await book(5 * DAY_MS)]
    await givenPaid(lifecycle, paid)
    expect(await remindAt(paid)).toBeNull()
    const { paymentId } = await startPaying(lifecycle, processing)
    await lifecycle.receive(lifecycle.provider.report(paymentId, { status: 'processing' }))
    await runOutOfTime(db, over.id)
    await makeDue(over, processing)
    expect(await remindOfHolds(lifecycle)).toBe(0)
    for (const booking of [paid, over, processing]) expect(await eventsOf(booking, 'booking.hold_ending')).toEqual([])
    expect([await remindAt(over), await remindAt(processing)]).toEqual([null, null])
  })

  it('whose booking somebody works on keep no others waiting', async () => {
    const [busy, other] = [await book(5 * DAY_MS), await book(5 * DAY_MS)]
    await makeDue(busy, other)
    const lock = await holdLock(db, 'select from bookings where id = $1 for no key update', [busy.id])
    const lifecycle = openLifecycle(db)
    try {
      expect(await remindOfHolds(lifecycle)).toBe(1)
    } finally {
      await lock.release()
    }
    expect(await remindOfHolds(lifecycle)).toBe(1)
  })

  it('stay kept when a payment is begun, fails, or its page is closed: the buyer may pay again', async () => {
    const lifecycle = openLifecycle(db)
    const booking = await book(5 * DAY_MS)
    const first = await startPaying(lifecycle, booking)
    expect(await leftOf(booking)).toBeGreaterThan(5 * DAY_MS - 60_000)
    await lifecycle.receive(lifecycle.provider.report(first.paymentId, { status: 'failed', reason: 'closed' }))
    expect(await readBooking(db, booking.id)).toMatchObject({ status: 'pending', paymentStatus: 'failed' })
    expect(await leftOf(booking)).toBeGreaterThan(5 * DAY_MS - 60_000)
    await givenPaid(lifecycle, booking)
    expect(await readBooking(db, booking.id)).toMatchObject({ status: 'confirmed' })
    expect(await findViolations(db)).toEqual([])
  })

  it('are not kept for a payment that was under way at their end, and fails', async () => {
    const lifecycle = openLifecycle(db)
    const booking = await book(1_000)
    const { paymentId } = await startPaying(lifecycle, booking)
    await lifecycle.receive(lifecycle.provider.report(paymentId, { status: 'processing' }))
    const isOver = async () =>
      query(
        `select from booking_requests where booking_id = $1 and (payload->>'holdUntil')::timestamptz < clock_timestamp()`,
        [booking.id],
      )
    await eventually(async () => expect(await isOver()).toHaveLength(1))
    expect(await leftOf(booking)).toBeGreaterThan(WINDOW_MS - 60_000)
    await lifecycle.receive(lifecycle.provider.report(paymentId, { status: 'failed', reason: 'The account is empty.' }))
    expect(await readBooking(db, booking.id)).toMatchObject({ status: 'cancelled', cancelReason: 'payment_failed' })
    expect(await findViolations(db)).toEqual([])
  })
})

describe('a late payment', () => {
  it('has its seats back where its code is for something else by now', async () => {
    const { showtimeId, organizerId } = await givenShowtime(db.database)
    const { code, promoCodeId } = await givenPromoCode(db.database, { organizerId })
    const payload = { promoCode: code } as Submission['payload']
    const booking = await givenBooking(db, seatsRequest(showtimeId, ['A1'], { payload }))
    const lifecycle = openLifecycle(db)
    const { paymentId } = await startPaying(lifecycle, booking)
    await runOutOfTime(db, booking.id)
    await expireHolds(lifecycle)
    await query(`update promo_codes set categories = '{Nowhere}', max_tickets_per_booking = 1 where id = $1`, [
      promoCodeId,
    ])
    await lifecycle.receive(lifecycle.provider.pay(paymentId))
    expect(await readBooking(db, booking.id)).toMatchObject({ status: 'confirmed', refunds: [] })
    expect(await findViolations(db)).toEqual([])
  })
})
