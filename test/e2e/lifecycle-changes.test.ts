import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { BookingView } from '@boxoffice/core/bookings/queries/booking-view.ts'
import { BOOKING_STATUSES, BOOKING_TRANSITIONS, type BookingStatus } from '@boxoffice/core/domain/booking-status.ts'
import { givenEvent, givenPromoCode } from '../support/catalogue.ts'
import { type Answer, checkoutStatus, type LifecycleClient, play } from '../support/lifecycle-client.ts'
import { describeEndOf } from '../support/lifecycle-end.ts'
import {
  awaitBooking,
  awaitClosedPage,
  awaitStatus,
  letEnd,
  type LifecycleStage,
  openLifecycleStage,
  STAGE_WITHIN_MS,
  payOnPage,
  soon,
  stepsOf,
} from '../support/lifecycle-stage.ts'

/**
 * Changes that people make to a booking: cancelling, refunding, changing its status; over HTTP, on the embedded start.
 */

const HOUR_MS = 3_600_000
/** Two tickets at 25.00, and 3 % of that. */
const [NET, FEE, TOTAL] = [5_000, 150, 5_150]

let stage: LifecycleStage
let buyer: LifecycleClient
let eventId: string
let ticketTypeId: string
let freeTypeId: string

beforeAll(async () => {
  stage = await openLifecycleStage()
  buyer = await stage.client()
  ;({ eventId, ticketTypeId, freeTypeId } = await givenConcert())
}, STAGE_WITHIN_MS)
afterAll(() => stage?.close())

/** Creates an event with paid tickets and free ones; the doors are open. */
async function givenConcert() {
  const { eventId: id, ticketTypeIds } = await givenEvent(stage.db.database, {
    organizerId: stage.organizerId,
    startsAt: new Date(Date.now() + HOUR_MS),
    ticketTypes: [{ capacity: 100 }, { capacity: 100, price: 0 }],
  })
  const [paid = '', free = ''] = ticketTypeIds
  return { eventId: id, ticketTypeId: paid, freeTypeId: free }
}

const twoTickets = () => ({ eventId, tickets: [{ ticketTypeId, quantity: 2 }] })

const pendingBooking = async (who = buyer) => (await who.book(twoTickets())).reference

async function paidBooking(who = buyer): Promise<string> {
  const reference = await pendingBooking(who)
  await payOnPage(who, reference)
  return reference
}

/** Returns the number of sold tickets of the paid type. */
async function ticketsSold(): Promise<number> {
  const { rows } = await stage.db.database.pool.query<{ sold: number }>(
    'select sold from ticket_type_state where ticket_type_id = $1',
    [ticketTypeId],
  )
  return rows[0]?.sold ?? Number.NaN
}

const refunded = (who: LifecycleClient, reference: string, amount: number): Promise<BookingView> =>
  awaitBooking(who, reference, (booking) => booking.refunded === amount)

describe('cancelling', () => {
  it('before anything was paid frees the tickets and closes the page of the provider', async () => {
    const soldBefore = await ticketsSold()
    const reference = await pendingBooking()
    expect(await ticketsSold()).toBe(soldBefore + 2)
    const { checkoutUrl } = await buyer.pay(reference)
    expect(await buyer.cancel(reference, { reason: 'Ill in bed' })).toMatchObject({
      status: 200,
      body: {
        status: 'cancelled',
        paymentStatus: 'failed',
        cancelReason: 'customer',
        payments: [{ status: 'failed', failure: 'booking_cancelled' }],
        refunds: [],
      },
    })
    expect(await ticketsSold()).toBe(soldBefore)
    await awaitClosedPage(checkoutUrl)
    const audit = await stage.organizer.audit(reference)
    expect(audit.at(-1)).toMatchObject({ action: 'booking.cancelled', after: { note: 'Ill in bed' } })
  })

  it('by the buyer returns all but the fee of what was paid', async () => {
    const soldBefore = await ticketsSold()
    const reference = await paidBooking()
    const [ticket = { token: '' }] = await buyer.tickets(reference)
    expect(await buyer.cancel(reference)).toMatchObject({ status: 200, body: { status: 'cancelled' } })
    expect(await refunded(buyer, reference, NET)).toMatchObject({
      cancelReason: 'customer',
      paymentStatus: 'partially_refunded',
      refunds: [{ amount: NET, status: 'completed' }],
    })
    expect(await ticketsSold()).toBe(soldBefore)
    expect(await stage.staff.scan(ticket)).toMatchObject({ body: { result: 'void' } })
    expect(await buyer.send('GET', `/v1/bookings/${reference}/tickets`)).toMatchObject({ status: 409 })
  })

  it('by the organizer returns the fee too', async () => {
    const reference = await paidBooking()
    expect(await stage.organizer.cancel(reference)).toMatchObject({ status: 200, body: { cancelReason: 'organizer' } })
    expect(await refunded(buyer, reference, TOTAL)).toMatchObject({
      paymentStatus: 'refunded',
      refunds: [{ amount: NET + FEE, status: 'completed' }],
    })
    expect((await stepsOf(stage, reference)).slice(-3)).toEqual([
      'booking.cancelled',
      'refund.requested',
      'refund.completed',
    ])
  })

  it('is no longer for a buyer of whose tickets one was used', async () => {
    const reference = await paidBooking()
    const [ticket = { token: '' }] = await buyer.tickets(reference)
    expect(await stage.staff.scan(ticket)).toMatchObject({ body: { result: 'admitted' } })
    expect(await buyer.cancel(reference)).toMatchObject({ status: 409, body: { code: 'not_cancellable' } })
    expect(await stage.staff.cancel(reference)).toMatchObject({ status: 200, body: { status: 'cancelled' } })
  })

  it('leaves how much goes back to the organizer', async () => {
    const reference = await paidBooking()
    expect(await buyer.cancel(reference, { refund: 'full' })).toMatchObject({ status: 403 })
    expect(await stage.organizer.cancel(reference, { refund: 'policy' })).toMatchObject({ status: 200 })
    await refunded(buyer, reference, NET)
  })

  it('makes a promo code that was used up good for another booking', async () => {
    const { code } = await givenPromoCode(stage.db.database, {
      organizerId: stage.organizerId,
      code: 'LASTONE',
      maxRedemptions: 1,
    })
    const withCode = { ...twoTickets(), promoCode: code }
    const { reference, discount } = await buyer.book(withCode)
    expect(discount).toBe(1_000)
    const someone = await stage.client()
    expect(await someone.request(withCode)).toMatchObject({ refusal: { code: 'promo_exhausted' } })
    await buyer.cancel(reference)
    expect(await someone.request(withCode)).toMatchObject({ state: 'booked', booking: { discount: 1_000 } })
  })
})

describe('refunds', () => {
  it('may be several in part, never more than is left, and the last one offers to cancel', async () => {
    const { organizer } = stage
    const reference = await paidBooking()
    const soldBefore = await ticketsSold()
    expect(await organizer.refund(reference, { amount: 2_000 })).toMatchObject({
      status: 201,
      body: {
        amount: 2_000,
        currency: 'EUR',
        status: 'completed',
        reason: 'A leaking roof',
        offer: null,
        booking: { reference, status: 'confirmed', paymentStatus: 'partially_refunded', refunded: 2_000 },
      },
    })
    expect(await organizer.refund(reference, { amount: 1_000 })).toMatchObject({
      body: { booking: { refunded: 3_000 } },
    })
    expect(await organizer.refund(reference, { amount: TOTAL - 3_000 + 1 })).toMatchObject({
      status: 409,
      body: { code: 'refund_exceeds_captured', refundable: TOTAL - 3_000, currency: 'EUR' },
    })
    const last = await organizer.refund(reference)
    expect(last).toMatchObject({
      status: 201,
      body: {
        amount: TOTAL - 3_000,
        offer: { action: 'cancel', href: `/v1/bookings/${reference}/cancel` },
        booking: { status: 'confirmed', paymentStatus: 'refunded', refunded: TOTAL },
      },
    })
    expect(await organizer.refund(reference)).toMatchObject({ status: 409, body: { code: 'nothing_to_refund' } })

    expect(await ticketsSold()).toBe(soldBefore)
    const { offer } = last.body as { offer: { href: string } }
    expect(await organizer.send('POST', offer.href)).toMatchObject({
      status: 200,
      body: { status: 'cancelled', paymentStatus: 'refunded', refunded: TOTAL },
    })
    expect(await ticketsSold()).toBe(soldBefore - 2)
    expect((await buyer.booking(reference)).refunds).toHaveLength(3)
  })

  it('of all there is cancel the booking where that is asked for, which frees its tickets', async () => {
    const reference = await paidBooking()
    const soldBefore = await ticketsSold()
    expect(await stage.organizer.refund(reference, { amount: 1, cancelBooking: true })).toMatchObject({
      body: { booking: { status: 'confirmed' } },
    })
    expect(await stage.organizer.refund(reference, { cancelBooking: true })).toMatchObject({
      status: 201,
      body: { amount: TOTAL - 1, offer: null, booking: { status: 'cancelled', paymentStatus: 'refunded' } },
    })
    expect(await ticketsSold()).toBe(soldBefore - 2)
    expect(await buyer.booking(reference)).toMatchObject({ cancelReason: 'organizer', refunded: TOTAL })
  })

  it('of a booking that nobody has paid are refused', async () => {
    const reference = await pendingBooking()
    expect(await stage.organizer.refund(reference)).toMatchObject({ status: 409, body: { code: 'nothing_to_refund' } })
  })

  it('are for the organizer', async () => {
    const reference = await paidBooking()
    for (const who of [buyer, stage.staff]) {
      expect(await who.refund(reference)).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    }
    const other = await stage.client('organizer', { organizerId: '0199a000-0000-7000-8000-00000000dead' })
    expect(await other.refund(reference)).toMatchObject({ status: 404, body: { code: 'not_found' } })
  })

  it('at once are not more in sum than was paid', async () => {
    const reference = await paidBooking()
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => stage.organizer.refund(reference, { amount: 2_000 })),
    )
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 201, 409, 409, 409])
    await refunded(buyer, reference, 4_000)
  })
})

describe('changing the status by hand', () => {
  it('confirms what another payment system has taken the money for', async () => {
    const { organizerId } = stage
    const paymentSystem = await stage.client('staff', { subject: 'payment_system', organizerId })
    const reference = await pendingBooking()
    const { checkoutUrl } = await buyer.pay(reference)
    expect(await paymentSystem.changeStatus(reference, 'confirmed', 'Payment completed')).toMatchObject({
      status: 200,
      body: {
        status: 'confirmed',
        paymentStatus: 'completed',
        payments: [
          { provider: 'sandbox', status: 'failed', failure: 'paid_otherwise' },
          { provider: 'manual', status: 'completed', captured: TOTAL },
        ],
      },
    })
    expect(await buyer.tickets(reference)).toHaveLength(2)
    const audit = await stage.organizer.audit(reference)
    expect(audit.at(-1)).toMatchObject({
      action: 'booking.confirmed',
      actor: 'payment_system',
      before: { status: 'pending' },
      after: { status: 'confirmed', note: 'Payment completed' },
    })

    await awaitClosedPage(checkoutUrl)
    await play(checkoutUrl, 'approve_cancelled')
    expect(await refunded(buyer, reference, TOTAL)).toMatchObject({
      status: 'confirmed',
      paymentStatus: 'completed',
      refunds: [{ reason: 'paid_twice', amount: TOTAL }],
    })
    expect(await stage.organizer.refund(reference)).toMatchObject({
      status: 201,
      body: { amount: TOTAL, booking: { paymentStatus: 'refunded', refunded: 2 * TOTAL } },
    })
  })

  it('to cancelled has all that cancelling has', async () => {
    const soldBefore = await ticketsSold()
    const reference = await paidBooking()
    expect(await stage.staff.changeStatus(reference, 'cancelled', 'The band is ill')).toMatchObject({
      status: 200,
      body: { status: 'cancelled', cancelReason: 'organizer' },
    })
    expect(await refunded(buyer, reference, TOTAL)).toMatchObject({ refunds: [{ reason: 'The band is ill' }] })
    expect(await ticketsSold()).toBe(soldBefore)
  })

  it('is not for the buyer, and needs a reason', async () => {
    const reference = await pendingBooking()
    expect(await buyer.changeStatus(reference, 'confirmed')).toMatchObject({ status: 403 })
    expect(await stage.staff.changeStatus(reference, 'confirmed', ' ')).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', errors: [{ pointer: '/reason' }] },
    })
    expect(await buyer.booking(reference)).toMatchObject({ status: 'pending', payments: [] })
  })

  it.each(BOOKING_STATUSES)('of a booking that is %s obeys the table, whoever asks', async (current) => {
    const reference = await bookingThatIs(current)
    const refusal = {
      status: 409,
      body: { code: 'invalid_transition', current, allowed: BOOKING_TRANSITIONS[current] },
    }
    for (const target of BOOKING_STATUSES) {
      if (BOOKING_TRANSITIONS[current].includes(target)) continue
      expect(await stage.staff.changeStatus(reference, target), `to ${target}`).toMatchObject(refusal)
    }
    if (current !== 'pending') expect(await buyer.startPayment(reference)).toMatchObject(refusal)
    if (!BOOKING_TRANSITIONS[current].includes('cancelled')) {
      expect(await buyer.cancel(reference)).toMatchObject(refusal)
      expect(await stage.organizer.cancel(reference)).toMatchObject(refusal)
    }
    expect(await buyer.booking(reference)).toMatchObject({ status: current })
  })
})

async function bookingThatIs(status: BookingStatus): Promise<string> {
  const reference = await pendingBooking()
  if (status === 'pending') return reference
  const way: readonly BookingStatus[] = status === 'cancelled' ? [status] : ['confirmed', status]
  for (const step of new Set(way)) {
    expect(await stage.staff.changeStatus(reference, step)).toMatchObject({ status: 200, body: { status: step } })
  }
  return reference
}

describe('a booking that costs nothing', () => {
  it('is confirmed at once, with tickets and with nothing to pay or to refund', async () => {
    const booked = await buyer.book({ eventId, tickets: [{ ticketTypeId: freeTypeId, quantity: 2 }] })
    expect(booked).toMatchObject({ status: 'confirmed', paymentStatus: 'completed', total: 0, expiresAt: null })
    const { reference } = booked
    const tickets = await buyer.tickets(reference)
    expect(tickets).toHaveLength(2)
    expect(await buyer.startPayment(reference)).toMatchObject({
      status: 409,
      body: { code: 'invalid_transition', current: 'confirmed' },
    })
    expect(await stage.organizer.refund(reference)).toMatchObject({ status: 409, body: { code: 'nothing_to_refund' } })
    expect(await stepsOf(stage, reference)).toEqual(['booking.created', 'booking.confirmed'])
    expect(await buyer.cancel(reference)).toMatchObject({ status: 200, body: { status: 'cancelled', refunds: [] } })
    for (const ticket of tickets) expect(await stage.staff.scan(ticket)).toMatchObject({ body: { result: 'void' } })
  })
})

describe('after the show', () => {
  it('a buyer who came has completed the booking, and one who did not is a no-show and cannot be let in any more', async () => {
    const over = await givenConcert()
    const book = () =>
      buyer.book({ eventId: over.eventId, tickets: [{ ticketTypeId: over.ticketTypeId, quantity: 1 }] })
    const [came, stayed, neverPaid] = [await book(), await book(), await book()]
    await payOnPage(buyer, came.reference)
    await payOnPage(buyer, stayed.reference)
    const [used = { token: '' }] = await buyer.tickets(came.reference)
    const [unused = { token: '' }] = await buyer.tickets(stayed.reference)
    expect(await stage.staff.scan(used)).toMatchObject({ body: { result: 'admitted' } })

    await letEnd(stage, over.eventId)
    await awaitStatus(buyer, came.reference, 'completed')
    await awaitStatus(buyer, stayed.reference, 'no_show')
    expect(await buyer.booking(neverPaid.reference)).toMatchObject({ status: 'pending' })
    const last = (await stage.organizer.audit(stayed.reference)).at(-1)
    expect(last).toMatchObject({ action: 'booking.no_show', actor: 'system', before: { status: 'confirmed' } })
    expect(await stage.staff.scan(unused)).toMatchObject({ body: { result: 'void' } })
    expect(await stage.staff.scan(used)).toMatchObject({ body: { result: 'already_used' } })
    expect(await stage.organizer.refund(stayed.reference, { amount: 100 })).toMatchObject({ status: 201 })
  })
})

describe('the audit', () => {
  it('tells what happened in one transaction in its order', async () => {
    const free = { eventId, tickets: [{ ticketTypeId: freeTypeId, quantity: 1 }] }
    // Ten, for the wrong order would be right every other time.
    for (let number = 1; number <= 10; number += 1) {
      const { reference } = await buyer.book(free)
      expect(await stepsOf(stage, reference)).toEqual(['booking.created', 'booking.confirmed'])
      const paid = await pendingBooking()
      await buyer.pay(paid)
      await stage.organizer.cancel(paid)
      expect((await stepsOf(stage, paid)).slice(2)).toEqual(['payment.failed', 'booking.cancelled'])
    }
  })
})

describe('an idempotency key', () => {
  interface Keyed {
    readonly given: () => Promise<string>
    readonly ask: (reference: string, key: string) => Promise<Answer>
    readonly askElse: (reference: string, key: string) => Promise<Answer>
    /** The audited step that must be there exactly once. */
    readonly step: string
  }
  const OPERATIONS: readonly (readonly [string, Keyed])[] = [
    [
      'a payment',
      {
        given: pendingBooking,
        ask: (reference, key) => buyer.startPayment(reference, { key }),
        askElse: (reference, key) => buyer.startPayment(reference, { key, returnUrl: 'https://shop.example.org' }),
        step: 'payment.started',
      },
    ],
    [
      'a refund',
      {
        given: paidBooking,
        ask: (reference, key) => stage.organizer.refund(reference, { amount: 1_000 }, key),
        askElse: (reference, key) => stage.organizer.refund(reference, { amount: 1_001 }, key),
        step: 'refund.requested',
      },
    ],
    [
      'a cancellation',
      {
        given: paidBooking,
        ask: (reference, key) => buyer.cancel(reference, { reason: 'Ill' }, key),
        askElse: (reference, key) => buyer.cancel(reference, { reason: 'Well' }, key),
        step: 'booking.cancelled',
      },
    ],
    [
      'a change of status',
      {
        given: pendingBooking,
        ask: (reference, key) => stage.staff.changeStatus(reference, 'confirmed', 'Cash', key),
        askElse: (reference, key) => stage.staff.changeStatus(reference, 'confirmed', 'Cheque', key),
        step: 'booking.confirmed',
      },
    ],
  ]

  it.each(OPERATIONS)('of %s gives the same answer again, and one effect', async (_, { given, ask, askElse, step }) => {
    const reference = await given()
    const key = `key-of-${reference}`
    const answers = await Promise.all(Array.from({ length: 4 }, () => ask(reference, key)))
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1)
    // While the provider works on what the first one asked for, they may show more or less of it.
    const settled = await soon(async () => {
      const answer = await ask(reference, key)
      expect(answer.replayed).toBe(true)
      expect(await ask(reference, key)).toEqual(answer)
      return answer
    })
    for (const { status } of answers) expect(status).toBe(settled.status)

    const reused = { status: 422, body: { code: 'idempotency_key_reused' } }
    expect(await askElse(reference, key)).toMatchObject(reused)
    const other = await given()
    const before = await stepsOf(stage, other)
    expect(await ask(other, key)).toMatchObject(reused)
    expect(await stepsOf(stage, other)).toEqual(before)
    expect((await stepsOf(stage, reference)).filter((each) => each === step)).toHaveLength(1)
  })

  it('of a payment still names its page, until that is paid', async () => {
    const reference = await pendingBooking()
    const first = await buyer.startPayment(reference, { key: `page-${reference}` })
    expect(await buyer.startPayment(reference, { key: `page-${reference}` })).toEqual({ ...first, replayed: true })
    const { checkoutUrl } = first.body as { checkoutUrl: string }
    expect(await checkoutStatus(checkoutUrl)).toBe('open')
    await play(checkoutUrl, 'approve')
    await awaitStatus(buyer, reference, 'confirmed')
    expect(await buyer.startPayment(reference, { key: `page-${reference}` })).toMatchObject({
      status: 201,
      replayed: true,
      body: { status: 'completed', checkoutUrl: null },
    })
  })
})

describeEndOf(() => stage)
