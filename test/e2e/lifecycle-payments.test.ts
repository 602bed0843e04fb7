import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { givenEvent, givenPromoCode, givenShowtime } from '../support/catalogue.ts'
import { type OpenStream, openStream, type ReceivedEvent } from '../support/event-stream.ts'
import { type Booked, checkoutStatus, type LifecycleClient, play } from '../support/lifecycle-client.ts'
import { describeEndOf } from '../support/lifecycle-end.ts'
import {
  awaitBooking,
  awaitClosedPage,
  awaitStatus,
  letHoldEnd,
  type LifecycleStage,
  moveHoldEnd,
  openLifecycleStage,
  STAGE_WITHIN_MS,
  payOnPage,
  soon,
  stepsOf,
} from '../support/lifecycle-stage.ts'
import { holdLock } from '../support/locks.ts'

/** Payments that go other than well, over HTTP, on the embedded start. */

const PRICE = 1_000
const TOTAL = 1_030

let stage: LifecycleStage
let buyer: LifecycleClient
let showtimeId: string
let seats: string[]

beforeAll(async () => {
  stage = await openLifecycleStage()
  buyer = await stage.client()
  const given = await givenShowtime(stage.db.database, {
    organizerId: stage.organizerId,
    price: PRICE,
    holdTtlMs: 600_000,
    // The doors are open.
    startsAt: new Date(Date.now() + 7_200_000),
  })
  showtimeId = given.showtimeId
  seats = given.seats
}, STAGE_WITHIN_MS)
afterAll(() => stage?.close())

/** Returns a seat that nobody has requested yet. */
function freeSeat(): string {
  const seat = seats.shift()
  if (seat === undefined) throw new Error('the house is full')
  return seat
}

const book = (who: LifecycleClient, seat: string): Promise<Booked> => who.book({ showtimeId, seats: [seat] })

/** Creates a pending booking, and the page to pay it on. */
async function openPage(seat = freeSeat()) {
  const { reference } = await book(buyer, seat)
  return { seat, reference, ...(await buyer.pay(reference)) }
}

/** Creates a booking whose hold has ended and whose page is closed. */
async function closedPage(seat?: string) {
  const opened = await openPage(seat)
  await letHoldEnd(stage, buyer, opened.reference)
  await awaitClosedPage(opened.checkoutUrl)
  return opened
}

async function awaitTaken(seat: string, taken: boolean): Promise<number> {
  return soon(async () => {
    const availability = await buyer.seatsTaken(showtimeId)
    expect(availability.taken.includes(seat)).toBe(taken)
    return availability.version
  })
}

/** Waits until all reports of the provider about a payment have been delivered. */
async function awaitAllReports(paymentId: string): Promise<{ readonly sent: number; readonly received: number }> {
  return soon(async () => {
    const { rows } = await stage.db.database.pool.query<{ sent: number; waiting: number; received: number }>(
      `select count(*)::int as sent, count(*) filter (where delivered_at is null)::int as waiting,
         (select count(*)::int from provider_inbox where event->>'paymentId' = $1::text and handled_at is not null) as received
       from sandbox_deliveries where body::json->>'paymentId' = $1::text`,
      [paymentId],
    )
    const [{ sent, waiting, received } = { sent: 0, waiting: 1, received: 0 }] = rows
    expect({ waiting, any: sent > 0 }).toEqual({ waiting: 0, any: true })
    return { sent, received }
  })
}

describe('a card that is declined', () => {
  it('leaves the booking as it is, and the next card confirms it on the same page', async () => {
    const { reference, checkoutUrl } = await openPage()
    await play(checkoutUrl, 'decline')
    const declined = await awaitBooking(buyer, reference, ({ payments }) => payments[0]?.declines === 1)
    expect(declined).toMatchObject({ status: 'pending', paymentStatus: 'pending', cancelReason: null })
    await play(checkoutUrl, 'approve')
    expect(await awaitStatus(buyer, reference, 'confirmed')).toMatchObject({
      paymentStatus: 'completed',
      payments: [{ status: 'completed', captured: TOTAL, declines: 1 }],
    })
    expect(await stepsOf(stage, reference)).toEqual([
      'booking.created',
      'payment.started',
      'payment.declined',
      'payment.completed',
      'booking.confirmed',
    ])
  })

  it('for good cancels the booking and frees its seat, which whoever watches is told', async () => {
    const seat = freeSeat()
    const stream = await openStream(`${stage.url}/v1/showtimes/${showtimeId}/availability/stream`)
    expect(await stream.next()).toMatchObject({ event: 'snapshot' })
    const { reference, checkoutUrl } = await openPage(seat)
    const taken = await nextChange(stream, ({ data }) => listed(data, 'taken').includes(seat))
    await play(checkoutUrl, 'fail')
    expect(await awaitStatus(buyer, reference, 'cancelled')).toMatchObject({
      paymentStatus: 'failed',
      cancelReason: 'payment_failed',
      expiresAt: null,
      payments: [{ status: 'failed', failure: 'declined_finally', captured: 0, capturedCurrency: null }],
    })
    const released = await nextChange(stream, ({ data }) => listed(data, 'released').includes(seat))
    stream.close()
    expect(Number(released.id)).toBeGreaterThan(Number(taken.id))
    expect(await awaitTaken(seat, false)).toBeGreaterThanOrEqual(Number(released.id))
    const next = await book(await stage.client(), seat)
    expect(next.status).toBe('pending')
  })
})

describe('a hold', () => {
  it('ends by itself when its time is up, and what it held can be booked again', async () => {
    const { eventId, ticketTypeIds } = await givenEvent(stage.db.database, {
      organizerId: stage.organizerId,
      ticketTypes: [{ capacity: 1 }],
      holdTtlMs: 1_000,
    })
    const [ticketTypeId = ''] = ticketTypeIds
    const only = { eventId, tickets: [{ ticketTypeId, quantity: 1 }] }
    const { version } = await buyer.ticketsLeft(eventId)
    const { reference } = await buyer.book(only)
    expect(await awaitStatus(buyer, reference, 'cancelled')).toMatchObject({ cancelReason: 'expired', expiresAt: null })
    await soon(async () => {
      const { ticketTypes, version: later } = await buyer.ticketsLeft(eventId)
      expect(ticketTypes).toMatchObject([{ sold: 0, available: 1 }])
      expect(later).toBe(version + 2)
    })
    const someone = await stage.client()
    expect(await someone.request(only)).toMatchObject({ state: 'booked' })
    expect(await stepsOf(stage, reference)).toEqual(['booking.created', 'booking.cancelled'])
  })

  it('that is over can no longer be paid, neither before its seat went back nor afterwards', async () => {
    const seat = freeSeat()
    const { reference } = await book(buyer, seat)
    // Ending a hold needs this lock.
    const lock = await holdLock(stage.db, 'select from resource_state where resource_id = $1 for no key update', [
      showtimeId,
    ])
    try {
      await moveHoldEnd(stage, reference, -1)
      expect(await buyer.startPayment(reference)).toMatchObject({ status: 409, body: { code: 'hold_expired' } })
    } finally {
      await lock.release()
    }
    await awaitStatus(buyer, reference, 'cancelled')
    await awaitTaken(seat, false)
    expect(await buyer.startPayment(reference)).toMatchObject({
      status: 409,
      body: { code: 'invalid_transition', current: 'cancelled', allowed: [] },
    })
    expect(await buyer.booking(reference)).toMatchObject({ payments: [] })
  })

  it('leaves five minutes to whoever starts to pay just before its end, once', async () => {
    const { reference } = await book(buyer, freeSeat())
    await moveHoldEnd(stage, reference, 20_000)
    const { checkoutUrl } = await buyer.pay(reference)
    const { expiresAt, payments } = await buyer.booking(reference)
    expect(Date.parse(expiresAt ?? '') - Date.parse(payments[0]?.createdAt ?? '')).toBe(300_000)

    // Ends this payment and not the booking, so that a second one can be started.
    await play(checkoutUrl, 'approve_wrong_amount')
    await awaitBooking(buyer, reference, (booking) => booking.payments[0]?.status === 'failed')
    const end = await moveHoldEnd(stage, reference, 20_000)
    const second = await buyer.pay(reference)
    expect(await buyer.booking(reference)).toMatchObject({ status: 'pending', expiresAt: end })
    await play(second.checkoutUrl, 'approve')
    await awaitStatus(buyer, reference, 'confirmed')
    const steps = await stepsOf(stage, reference)
    expect(steps.filter((step) => step === 'booking.hold_extended')).toHaveLength(1)
  })

  it('never gets more by that than it had to begin with', async () => {
    const short = await givenShowtime(stage.db.database, { organizerId: stage.organizerId, holdTtlMs: 60_000 })
    const { reference } = await buyer.book({ showtimeId: short.showtimeId, seats: ['A1'] })
    await moveHoldEnd(stage, reference, 20_000)
    await buyer.pay(reference)
    const { expiresAt, payments } = await buyer.booking(reference)
    expect(Date.parse(expiresAt ?? '') - Date.parse(payments[0]?.createdAt ?? '')).toBe(60_000)
  })
})

describe('a payment that comes too late', () => {
  it('gets the seat all the same where it is free, and its tickets are let in', async () => {
    const { seat, reference, checkoutUrl } = await closedPage()
    await play(checkoutUrl, 'approve_cancelled')
    expect(await awaitStatus(buyer, reference, 'confirmed')).toMatchObject({
      paymentStatus: 'completed',
      cancelReason: null,
      cancelledAt: null,
      refunds: [],
    })
    await awaitTaken(seat, true)
    const steps = await stepsOf(stage, reference)
    expect(steps.slice(2)).toEqual([
      'payment.failed',
      'booking.cancelled',
      'payment.completed',
      'booking.reinstated',
      'booking.confirmed',
    ])
    const tickets = await buyer.tickets(reference)
    expect(tickets).toMatchObject([{ seat, status: 'issued' }])
    for (const ticket of tickets) expect(await stage.staff.scan(ticket)).toMatchObject({ body: { result: 'admitted' } })
    const someone = await stage.client()
    expect(await someone.request({ showtimeId, seats: [seat] })).toMatchObject({
      state: 'refused',
      refusal: { code: 'seat_unavailable' },
    })
  })

  it('counts as paid in time where only the report came too late', async () => {
    const { reference, checkoutUrl } = await openPage()
    await play(checkoutUrl, 'approve_silently')
    await moveHoldEnd(stage, reference, -1)
    expect(await awaitStatus(buyer, reference, 'confirmed')).toMatchObject({ paymentStatus: 'completed', refunds: [] })
    expect(await stepsOf(stage, reference)).toContain('booking.reinstated')
  })

  it('takes its promo code again, or goes back where that was used up meanwhile', async () => {
    const { organizerId, db } = stage
    const { code } = await givenPromoCode(db.database, { organizerId, code: 'ONCE', maxRedemptions: 1 })
    const withCode = (seat: string) => ({ showtimeId, seats: [seat], promoCode: code })
    const first = await buyer.book(withCode(freeSeat()))
    const { checkoutUrl } = await buyer.pay(first.reference)
    await letHoldEnd(stage, buyer, first.reference)
    await awaitClosedPage(checkoutUrl)
    const second = await buyer.book(withCode(freeSeat()))
    const secondPage = await buyer.pay(second.reference)

    await play(checkoutUrl, 'approve_cancelled')
    await awaitBooking(buyer, first.reference, ({ paymentStatus }) => paymentStatus === 'refunded')
    await letHoldEnd(stage, buyer, second.reference)
    await awaitClosedPage(secondPage.checkoutUrl)
    await play(secondPage.checkoutUrl, 'approve_cancelled')
    await awaitStatus(buyer, second.reference, 'confirmed')
    expect(await buyer.request(withCode(freeSeat()))).toMatchObject({ refusal: { code: 'promo_exhausted' } })
  })

  it('goes back by itself where somebody else has the seat', async () => {
    const { seat, reference, checkoutUrl } = await closedPage()
    const someone = await stage.client()
    const theirs = await book(someone, seat)
    await play(checkoutUrl, 'approve_cancelled')
    const refunded = await awaitBooking(buyer, reference, ({ paymentStatus }) => paymentStatus === 'refunded')
    expect(refunded).toMatchObject({
      status: 'cancelled',
      cancelReason: 'expired',
      refunded: TOTAL,
      payments: [{ status: 'refunded', captured: TOTAL, refunded: TOTAL }],
      refunds: [{ status: 'completed', amount: TOTAL, reason: 'late_payment' }],
    })
    expect(await buyer.send('GET', `/v1/bookings/${reference}/tickets`)).toMatchObject({ status: 409 })
    const audit = await stage.organizer.audit(reference)
    expect(audit.find(({ action }) => action === 'refund.requested')?.after).toMatchObject({ reason: 'late_payment' })
    expect(audit.at(-1)).toMatchObject({ action: 'refund.completed' })
    expect(await payOnPage(someone, theirs.reference)).toMatchObject({ status: 'confirmed', refunded: 0 })
  })

  it('goes back by itself where the buyer had cancelled', async () => {
    const { reference, checkoutUrl } = await openPage()
    expect(await buyer.cancel(reference)).toMatchObject({ status: 200, body: { status: 'cancelled' } })
    await awaitClosedPage(checkoutUrl)
    await play(checkoutUrl, 'approve_cancelled')
    const refunded = await awaitBooking(buyer, reference, ({ paymentStatus }) => paymentStatus === 'refunded')
    expect(refunded).toMatchObject({
      status: 'cancelled',
      cancelReason: 'customer',
      refunds: [{ amount: TOTAL, reason: 'booking_cancelled' }],
    })
  })
})

describe('reports of a payment', () => {
  it('that come twice count once', async () => {
    const { reference, checkoutUrl, paymentId } = await openPage()
    await play(checkoutUrl, 'approve_twice')
    expect(await awaitAllReports(paymentId)).toEqual({ sent: 2, received: 1 })
    expect(await buyer.booking(reference)).toMatchObject({
      status: 'confirmed',
      paymentStatus: 'completed',
      refunds: [],
    })
    expect((await stepsOf(stage, reference)).slice(2)).toEqual(['payment.completed', 'booking.confirmed'])
  })

  it('that come in the wrong order end the same', async () => {
    const { reference, checkoutUrl, paymentId } = await openPage()
    await play(checkoutUrl, 'approve_out_of_order')
    await awaitStatus(buyer, reference, 'confirmed')
    expect(await awaitAllReports(paymentId)).toEqual({ sent: 2, received: 2 })
    expect(await buyer.booking(reference)).toMatchObject({
      status: 'confirmed',
      paymentStatus: 'completed',
      refunds: [],
    })
    expect((await stepsOf(stage, reference)).slice(2)).toEqual(['payment.completed', 'booking.confirmed'])
  })

  it('that never come are asked for', async () => {
    const { reference, checkoutUrl, paymentId } = await openPage()
    await play(checkoutUrl, 'approve_silently')
    expect(await buyer.booking(reference)).toMatchObject({ status: 'pending', paymentStatus: 'pending' })
    // It would be a minute after the payment was started.
    await stage.db.database.pool.query('update payments set reconcile_at = clock_timestamp() where id = $1', [
      paymentId,
    ])
    await awaitStatus(buyer, reference, 'confirmed')
    const audit = await stage.organizer.audit(reference)
    expect(audit.at(-2)).toMatchObject({ action: 'payment.completed', actor: 'system' })
  })

  it.each([
    ['amount', 'approve_wrong_amount', { captured: TOTAL - 1, currency: 'EUR' }, TOTAL - 1],
    ['currency', 'approve_wrong_currency', { captured: TOTAL, currency: 'USD' }, 0],
  ] as const)(
    'of another %s are refused, and the money goes back; the booking can still be paid',
    async (_, action, taken, refunded) => {
      const { reference, checkoutUrl } = await openPage()
      await play(checkoutUrl, action)
      const refused = await awaitBooking(buyer, reference, ({ refunds }) => refunds[0]?.status === 'completed')
      expect(refused).toMatchObject({
        status: 'pending',
        paymentStatus: 'failed',
        // The sum has the booking's currency only, because euros and dollars make no sum.
        refunded,
        payments: [
          {
            status: 'failed',
            failure: 'amount_mismatch',
            amount: TOTAL,
            currency: 'EUR',
            captured: taken.captured,
            capturedCurrency: taken.currency,
            refunded: taken.captured,
          },
        ],
        refunds: [{ amount: taken.captured, currency: taken.currency, reason: 'amount_mismatch' }],
      })
      const audit = await stage.organizer.audit(reference)
      expect(audit.find((entry) => entry.action === 'payment.refused')?.after).toMatchObject({
        ...taken,
        asked: { amount: TOTAL, currency: 'EUR' },
        failure: 'amount_mismatch',
      })
      expect(await payOnPage(buyer, reference)).toMatchObject({
        paymentStatus: 'completed',
        payments: [{ status: 'failed' }, { status: 'completed', captured: TOTAL, capturedCurrency: 'EUR' }],
      })
    },
  )

  it('that nobody has signed are not taken', async () => {
    const { reference, paymentId } = await openPage()
    const response = await fetch(`${stage.url}/v1/payment-webhooks/sandbox`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        id: 'evt_forged',
        type: 'payment.completed',
        paymentId,
        checkoutId: 'sbx_forged',
        captured: { amount: TOTAL, currency: 'EUR' },
      }),
    })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ code: 'invalid_webhook' })
    expect(await buyer.booking(reference)).toMatchObject({ status: 'pending', payments: [{ captured: 0 }] })
  })
})

describe('starting to pay', () => {
  it('again answers the payment that is open', async () => {
    const { reference, paymentId, checkoutUrl } = await openPage()
    expect(await buyer.startPayment(reference)).toMatchObject({
      status: 200,
      replayed: false,
      body: { paymentId, checkoutUrl, status: 'pending' },
    })
    const twoAtOnce = await Promise.all([buyer.pay(reference), buyer.pay(reference)])
    expect(twoAtOnce).toMatchObject([{ paymentId }, { paymentId }])
    expect((await buyer.booking(reference)).payments).toHaveLength(1)
    expect(await checkoutStatus(checkoutUrl)).toBe('open')
  })

  it('is for who made the booking', async () => {
    const { reference } = await book(buyer, freeSeat())
    const stranger = await stage.client()
    expect(await stranger.startPayment(reference)).toMatchObject({ status: 404, body: { code: 'not_found' } })
    expect(await stage.staff.startPayment(reference)).toMatchObject({ status: 403, body: { code: 'forbidden' } })
  })
})

describeEndOf(() => stage)

/** Returns the first change that fits, and passes over others. */
async function nextChange(stream: OpenStream, fits: (event: ReceivedEvent) => boolean): Promise<ReceivedEvent> {
  for (;;) {
    const event = await stream.next(20_000)
    if (event.event === 'change' && fits(event)) return event
  }
}

function listed(data: unknown, field: 'taken' | 'released'): readonly string[] {
  return (data as Record<typeof field, readonly string[]>)[field]
}
