import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { beforeAll, describe, expect, test } from 'vitest'
import { givenEvent, givenShowtime } from '../support/catalogue.ts'
import { eventually } from '../support/eventually.ts'
import { shared } from '../support/shared.ts'
import { signTestToken } from '../support/tokens.ts'
import {
  type Answer,
  type Booked,
  BUSY,
  customer,
  expectBody,
  seatDispenser,
  sharedLifecycleApp,
} from './start-lifecycle-app.ts'

// The life of a booking over HTTP. Access and malformed input have tests of their own.

let staff: string
let organizer: string
const app = sharedLifecycleApp()
const house = shared(() => givenShowtime(app.db.database, { rows: 12 }))
const seats = seatDispenser(house)
beforeAll(async () => {
  const { organizerId } = house
  staff = await signTestToken('staff', { organizerId })
  organizer = await signTestToken('organizer', { organizerId })
})

const act = (booked: Booked, path: string, body: object, token = organizer, headers: Record<string, string> = {}) =>
  app.send('POST', `/v1/bookings/${booked.reference}/${path}`, { token, body, headers })
const look = (booked: Booked) => app.send('GET', `/v1/bookings/${booked.reference}`, { token: booked.token })
const confirm = async (booked: Booked) => {
  expect(await act(booked, 'status', { status: 'confirmed', reason: 'in cash' })).toMatchObject({ status: 200 })
}

const instant = z.iso.datetime()
/** Every field of a booking, and no other. */
const bookingSchema = z.strictObject({
  reference: z.string().regex(/^[A-HJKMNP-Z2-9]{8}$/),
  requestId: z.uuid(),
  status: z.string(),
  paymentStatus: z.string(),
  resource: z.strictObject({
    type: z.enum(['showtime', 'event']),
    id: z.uuid(),
    title: z.string(),
    venue: z.string(),
    address: z.string(),
    auditorium: z.string().nullable(),
    timeZone: z.string(),
    startsAt: instant,
    endsAt: instant,
  }),
  lines: z.array(
    z.strictObject({
      seat: z.string().nullable(),
      section: z.string().nullable(),
      row: z.string().nullable(),
      number: z.string().nullable(),
      area: z.string().nullable(),
      rate: z.string().nullable(),
      rateName: z.string().nullable(),
      categoryId: z.uuid().nullable(),
      ticketTypeId: z.uuid().nullable(),
      name: z.string(),
      quantity: z.int(),
      unitPrice: z.int(),
      discount: z.int(),
    }),
  ),
  currency: z.string(),
  subtotal: z.int(),
  discount: z.int(),
  fee: z.int(),
  total: z.int(),
  refunded: z.int(),
  customer: z.strictObject({ name: z.string(), email: z.string(), phone: z.string().nullable() }),
  metadata: z.strictObject({}),
  expiresAt: instant.nullable(),
  createdAt: instant,
  confirmedAt: instant.nullable(),
  cancelledAt: instant.nullable(),
  cancelReason: z.string().nullable(),
  payments: z.array(
    z.strictObject({
      id: z.uuid(),
      provider: z.string(),
      status: z.string(),
      amount: z.int(),
      currency: z.string(),
      captured: z.int(),
      capturedCurrency: z.string().nullable(),
      refunded: z.int(),
      declines: z.int(),
      failure: z.string().nullable(),
      createdAt: instant,
    }),
  ),
  refunds: z.array(
    z.strictObject({
      id: z.uuid(),
      paymentId: z.uuid(),
      amount: z.int(),
      currency: z.string(),
      status: z.string(),
      reason: z.string(),
      failure: z.string().nullable(),
      createdAt: instant,
    }),
  ),
})
const read = async (booked: Booked) => expectBody(bookingSchema, await look(booked))

describe('a booking', () => {
  test('is pending and shows what was booked, for whom, and until when it is held', async () => {
    const booked = await app.book(seats(2))
    const view = await read(booked)
    expect(view).toMatchObject({
      status: 'pending',
      paymentStatus: 'pending',
      resource: {
        type: 'showtime',
        id: house.showtimeId,
        title: 'A Film',
        venue: 'Cinema',
        auditorium: 'One',
        timeZone: 'Europe/Lisbon',
      },
      lines: [
        { categoryId: house.categoryIds[0], ticketTypeId: null, name: 'Standard', quantity: 1, unitPrice: 1000 },
        { quantity: 1, unitPrice: 1000, discount: 0 },
      ],
      currency: 'EUR',
      subtotal: 2000,
      discount: 0,
      fee: 60,
      total: 2060,
      refunded: 0,
      customer,
      confirmedAt: null,
      cancelledAt: null,
      cancelReason: null,
      payments: [],
      refunds: [],
    })
    expect(Date.parse(view.expiresAt ?? '') - Date.parse(view.createdAt)).toBe(600_000)
    expect(Date.parse(view.resource.endsAt) - Date.parse(view.resource.startsAt)).toBe(100 * 60_000)
    expect((await look(booked)).headers.get('cache-control')).toBe('no-store')
  })

  test('of an event shows its types of tickets', async () => {
    const event = await givenEvent(app.db.database, { ticketTypes: [{ capacity: 9, name: 'Balcony', price: 500 }] })
    const [ticketTypeId = ''] = event.ticketTypeIds
    const booked = await app.book({
      resource: { type: 'event', id: event.eventId },
      tickets: [{ ticketTypeId, quantity: 3 }],
    })
    expect(await read(booked)).toMatchObject({
      resource: { type: 'event', title: 'An Event', venue: 'The Hall', address: '', auditorium: null },
      lines: [{ seat: null, categoryId: null, ticketTypeId, name: 'Balcony', quantity: 3, unitPrice: 500 }],
    })
  })

  test('that costs nothing is confirmed at once', async () => {
    const free = await givenShowtime(app.db.database, { price: 0 })
    const booked = await app.book({ resource: { type: 'showtime', id: free.showtimeId }, seats: ['A1'] })
    const view = await read(booked)
    expect(view).toMatchObject({ status: 'confirmed', paymentStatus: 'completed', total: 0, expiresAt: null })
    expect(view.confirmedAt).not.toBeNull()
    const answer = await app.send('POST', `/v1/bookings/${booked.reference}/payments`, { token: booked.token })
    expect(answer).toMatchObject({ status: 409, body: { code: 'invalid_transition', current: 'confirmed' } })
  })

  test('can be asked for with HEAD', async () => {
    const booked = await app.book(seats())
    const head = await app.send('HEAD', `/v1/bookings/${booked.reference}`, { token: booked.token })
    expect({ status: head.status, text: head.text }).toEqual({ status: 200, text: '' })
  })
})

describe('paying', () => {
  const paymentSchema = z.strictObject({ paymentId: z.uuid(), status: z.string(), checkoutUrl: z.url().nullable() })

  test('opens a page, once, and confirms the booking when it was paid', async () => {
    const booked = await app.book(seats())
    const returnUrl = 'https://shop.example/thanks?order=7'
    const first = await act(booked, 'payments', { returnUrl }, booked.token)
    expect(first.status).toBe(201)
    const payment = expectBody(paymentSchema, first)
    expect(payment).toMatchObject({ status: 'pending' })
    expect(payment.checkoutUrl).toContain(`${app.url}/sandbox/checkouts/`)
    const again = await app.send('POST', `/v1/bookings/${booked.reference}/payments`, { token: booked.token })
    expect(again.status).toBe(200)
    expect(again.body).toEqual(payment)

    const played = await app.play(payment.checkoutUrl ?? '', { action: 'approve' })
    expect(played).toMatchObject({ status: 200, body: { status: 'completed', returnUrl } })
    await eventually(async () => expect(await read(booked)).toMatchObject({ status: 'confirmed' }), BUSY)
    const view = await read(booked)
    expect(view).toMatchObject({ paymentStatus: 'completed', expiresAt: null })
    expect(view.payments).toMatchObject([
      { id: payment.paymentId, provider: 'sandbox', status: 'completed', amount: 1030, captured: 1030, failure: null },
    ])
    expect(await act(booked, 'payments', {}, booked.token)).toMatchObject({
      status: 409,
      body: { code: 'invalid_transition', current: 'confirmed', allowed: ['completed', 'cancelled', 'no_show'] },
    })
  })

  test('is over when the hold is', async () => {
    const booked = await app.book(seats())
    await app.db.database.pool.query(`update bookings set expires_at = now() - interval '1s' where reference = $1`, [
      booked.reference,
    ])
    const before = await app.countRows()
    expect(await act(booked, 'payments', {}, booked.token)).toMatchObject({
      status: 409,
      body: { code: 'hold_expired' },
    })
    expect(await app.countRows()).toEqual(before)
  })

  test('is not for what was taken off sale', async () => {
    const own = await givenShowtime(app.db.database)
    const booked = await app.book({ resource: { type: 'showtime', id: own.showtimeId }, seats: ['A1'] })
    await app.db.database.pool.query(`update showtimes set status = 'cancelled' where id = $1`, [own.showtimeId])
    expect(await act(booked, 'payments', {}, booked.token)).toMatchObject({
      status: 409,
      body: { code: 'not_on_sale' },
    })
  })
})

describe('cancelling', () => {
  test('a pending booking frees its seats', async () => {
    const selection = seats()
    const booked = await app.book(selection)
    const answer = await app.send('POST', `/v1/bookings/${booked.reference}/cancel`, { token: booked.token })
    const view = expectBody(bookingSchema, answer)
    expect(view).toMatchObject({ status: 'cancelled', cancelReason: 'customer', expiresAt: null, refunds: [] })
    expect(view.cancelledAt).not.toBeNull()
    await app.book(selection)
  })

  test('a paid one pays back all but the fee to its buyer, and the fee too where the organizer cancels', async () => {
    const [byBuyer, byStaff, nothing] = [await app.book(seats()), await app.book(seats()), await app.book(seats())]
    for (const booked of [byBuyer, byStaff, nothing]) await app.pay(booked)
    expect(expectBody(bookingSchema, await act(byBuyer, 'cancel', {}, byBuyer.token))).toMatchObject({
      cancelReason: 'customer',
      paymentStatus: 'partially_refunded',
      refunded: 1000,
      refunds: [{ amount: 1000, currency: 'EUR', status: 'completed' }],
    })
    expect(expectBody(bookingSchema, await act(byStaff, 'cancel', { reason: 'no projector' }, staff))).toMatchObject({
      cancelReason: 'organizer',
      paymentStatus: 'refunded',
      refunded: 1030,
      refunds: [{ amount: 1030, status: 'completed', reason: 'no projector' }],
    })
    expect(expectBody(bookingSchema, await act(nothing, 'cancel', { refund: 'none' }, staff))).toMatchObject({
      paymentStatus: 'completed',
      refunded: 0,
      refunds: [],
    })
  })

  test('is refused once the booking is over', async () => {
    const booked = await app.book(seats())
    await act(booked, 'cancel', {}, booked.token)
    expect(await act(booked, 'cancel', {}, booked.token)).toMatchObject({
      status: 409,
      body: { code: 'invalid_transition', current: 'cancelled', allowed: [] },
    })
  })

  test('is for the organizer alone once a ticket was used', async () => {
    const own = await givenShowtime(app.db.database, {
      organizerId: house.organizerId,
      startsAt: new Date(Date.now() + 3_600_000),
    })
    const booked = await app.book({ resource: { type: 'showtime', id: own.showtimeId }, seats: ['A1'] })
    await confirm(booked)
    const shown = await app.send('GET', `/v1/bookings/${booked.reference}/tickets`, { token: booked.token })
    const { items } = expectBody(z.object({ items: z.array(z.object({ token: z.string() })) }), shown)
    const scan = { token: items[0]?.token, nonce: 'n', gate: 'North' }
    expect(await app.send('POST', '/v1/check-ins', { token: staff, body: scan })).toMatchObject({ status: 200 })
    const refused = await act(booked, 'cancel', {}, booked.token)
    expect(refused).toMatchObject({ status: 409, body: { code: 'not_cancellable' } })
    expect((await act(booked, 'cancel', {}, staff)).status).toBe(200)
  })

  test('with a chosen refund is forbidden to customers', async () => {
    const booked = await app.book(seats())
    expect(await act(booked, 'cancel', { refund: 'full' }, booked.token)).toMatchObject({ status: 403 })
    expect(await read(booked)).toMatchObject({ status: 'pending' })
  })

  test('with a chosen refund is forbidden to who booked for themselves and works elsewhere', async () => {
    const token = await signTestToken('staff', { organizerId: randomUUID() })
    const booked = await app.book(seats(), { token })
    await app.pay(booked)
    expect(await act(booked, 'cancel', { refund: 'full' }, token)).toMatchObject({ status: 403 })
    expect(await read(booked)).toMatchObject({ status: 'confirmed' })
  })
})

describe('refunding', () => {
  const refundSchema = z.looseObject({ id: z.uuid(), amount: z.int(), status: z.string(), booking: z.looseObject({}) })

  test('goes in parts until nothing is left, and then offers to cancel', async () => {
    const booked = await app.book(seats())
    await app.pay(booked)
    const first = await act(booked, 'refunds', { amount: 30, reason: 'the fee' })
    expect(first.status).toBe(201)
    expect(expectBody(refundSchema, first)).toMatchObject({
      amount: 30,
      currency: 'EUR',
      status: 'completed',
      reason: 'the fee',
      failure: null,
      booking: {
        reference: booked.reference,
        status: 'confirmed',
        paymentStatus: 'partially_refunded',
        refunded: 30,
      },
      offer: null,
    })
    const before = await app.countRows()
    expect(await act(booked, 'refunds', { amount: 1001, reason: 'too much' })).toMatchObject({
      status: 409,
      body: { code: 'refund_exceeds_captured', refundable: 1000, currency: 'EUR' },
    })
    expect(await app.countRows()).toEqual(before)
    const rest = expectBody(refundSchema, await act(booked, 'refunds', { reason: 'the rest' }))
    expect(rest).toMatchObject({
      amount: 1000,
      booking: { status: 'confirmed', paymentStatus: 'refunded', refunded: 1030 },
      offer: { action: 'cancel', href: `/v1/bookings/${booked.reference}/cancel` },
    })
    expect(await act(booked, 'refunds', { reason: 'more' })).toMatchObject({
      status: 409,
      body: { code: 'nothing_to_refund' },
    })
    expect((await act(booked, 'cancel', {})).status).toBe(200)
  })

  test('of all of it can cancel the booking at once; of a part it does not', async () => {
    const booked = await app.book(seats())
    await app.pay(booked)
    const part = await act(booked, 'refunds', { amount: 1, reason: 'x', cancelBooking: true })
    expect(part.body).toMatchObject({ booking: { status: 'confirmed' }, offer: null })
    const all = await act(booked, 'refunds', { reason: 'x', cancelBooking: true })
    expect(all.body).toMatchObject({ booking: { status: 'cancelled', paymentStatus: 'refunded' }, offer: null })
    expect(await read(booked)).toMatchObject({ cancelReason: 'organizer', refunded: 1030 })
  })

  test('needs something that was paid', async () => {
    const booked = await app.book(seats())
    expect(await act(booked, 'refunds', { reason: 'x' })).toMatchObject({
      status: 409,
      body: { code: 'nothing_to_refund' },
    })
  })
})

describe('changing the status by hand', () => {
  test('confirms with a payment that can be refunded', async () => {
    const booked = await app.book(seats())
    await confirm(booked)
    expect(await read(booked)).toMatchObject({
      status: 'confirmed',
      payments: [{ provider: 'manual', status: 'completed', captured: 1030 }],
    })
    expect(await act(booked, 'refunds', { reason: 'x' })).toMatchObject({ status: 201, body: { status: 'completed' } })
  })

  test.each(['completed', 'no_show', 'cancelled'])('to %s is final', async (status) => {
    const booked = await app.book(seats())
    await confirm(booked)
    expect(await act(booked, 'status', { status, reason: 'x' })).toMatchObject({ status: 200, body: { status } })
    for (const next of ['pending', 'confirmed', 'completed', 'cancelled', 'no_show']) {
      expect(await act(booked, 'status', { status: next, reason: 'x' })).toMatchObject({
        status: 409,
        body: { code: 'invalid_transition', current: status, allowed: [] },
      })
    }
  })

  test.each(['pending', 'completed', 'no_show'])('from pending to %s is refused', async (status) => {
    const booked = await app.book(seats())
    const before = await app.countRows()
    expect(await act(booked, 'status', { status, reason: 'x' })).toMatchObject({
      status: 409,
      body: { code: 'invalid_transition', current: 'pending', allowed: ['confirmed', 'cancelled'] },
    })
    expect(await app.countRows()).toEqual(before)
  })
})

describe('an Idempotency-Key', () => {
  interface Keyed {
    readonly what: string
    readonly path: string
    readonly body: object
    readonly other: object
    readonly pays: boolean
  }
  const CALLS: readonly Keyed[] = [
    { what: 'a payment', path: 'payments', body: {}, other: { returnUrl: 'https://a.example/' }, pays: false },
    { what: 'a cancellation', path: 'cancel', body: {}, other: { reason: 'ill' }, pays: true },
    {
      what: 'a refund',
      path: 'refunds',
      body: { amount: 5, reason: 'x' },
      other: { amount: 6, reason: 'x' },
      pays: true,
    },
    {
      what: 'a change of status',
      path: 'status',
      body: { status: 'no_show', reason: 'x' },
      other: { status: 'completed', reason: 'x' },
      pays: true,
    },
  ]
  const tokenFor = ({ path }: Keyed, booked: Booked) => (path === 'payments' ? booked.token : organizer)

  test.each(CALLS)('makes $what once', async (call) => {
    const booked = await app.book(seats())
    if (call.pays) await app.pay(booked)
    const token = tokenFor(call, booked)
    const headers = { 'Idempotency-Key': randomUUID() }
    const first = await act(booked, call.path, call.body, token, headers)
    expect(first.status).toBeLessThan(300)
    expect(first.headers.has('idempotency-replayed')).toBe(false)
    const before = await app.countRows()
    const again = await act(booked, call.path, call.body, token, headers)
    expect({ status: again.status, body: again.body }).toEqual({ status: first.status, body: first.body })
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    // A reference in lower case is the same reference.
    const lower = { ...booked, reference: booked.reference.toLowerCase() }
    expect((await act(lower, call.path, call.body, token, headers)).status).toBe(first.status)
    expect(await app.countRows()).toEqual(before)
  })

  test.each(CALLS)('that was used for $what is not taken for anything else', async (call) => {
    const booked = await app.book(seats())
    const elsewhere = await app.book(seats(), { token: booked.token })
    if (call.pays) for (const each of [booked, elsewhere]) await app.pay(each)
    const token = tokenFor(call, booked)
    const headers = { 'Idempotency-Key': randomUUID() }
    expect((await act(booked, call.path, call.body, token, headers)).status).toBeLessThan(300)
    const before = await app.countRows()
    const reused: readonly Answer[] = [
      await act(booked, call.path, call.other, token, headers),
      await act(elsewhere, call.path, call.body, token, headers),
    ]
    for (const answer of reused) expect(answer).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } })
    expect(await app.countRows()).toEqual(before)
  })

  test('of one caller is not that of another', async () => {
    const booked = await app.book(seats())
    await app.pay(booked)
    const headers = { 'Idempotency-Key': randomUUID() }
    const body = { amount: 5, reason: 'x' }
    const admin = await signTestToken('admin')
    expect((await act(booked, 'refunds', body, organizer, headers)).status).toBe(201)
    const other = await act(booked, 'refunds', body, admin, headers)
    expect({ status: other.status, replayed: other.headers.has('idempotency-replayed') }).toEqual({
      status: 201,
      replayed: false,
    })
    expect(await read(booked)).toMatchObject({ refunded: 10 })
  })

  test('is free again after a call that was refused', async () => {
    const booked = await app.book(seats())
    const headers = { 'Idempotency-Key': randomUUID() }
    const body = { amount: 5, reason: 'x' }
    expect((await act(booked, 'refunds', body, organizer, headers)).status).toBe(409)
    await confirm(booked)
    expect((await act(booked, 'refunds', body, organizer, headers)).status).toBe(201)
  })

  test('sent ten times at once makes one refund', async () => {
    const booked = await app.book(seats())
    await app.pay(booked)
    const headers = { 'Idempotency-Key': randomUUID() }
    const send = () => act(booked, 'refunds', { amount: 5, reason: 'x' }, organizer, headers)
    const answers = await Promise.all(Array.from({ length: 10 }, send))
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(201))
    const view = await read(booked)
    expect(view.refunds).toHaveLength(1)
    expect(new Set(answers.map(({ body }) => z.object({ id: z.uuid() }).parse(body).id)).size).toBe(1)
  })
})

describe('the list of bookings', () => {
  const listSchema = z.strictObject({ items: z.array(bookingSchema), nextCursor: z.string().nullable() })
  const list = async (query: string, token: string) =>
    expectBody(listSchema, await app.send('GET', `/v1/bookings${query}`, { token }))
  const references = async (query: string, token: string) =>
    (await list(query, token)).items.map(({ reference }) => reference)

  test('has the newest first, page by page, each booking once', async () => {
    const token = await signTestToken('customer')
    const made: string[] = []
    for (let count = 0; count < 7; count += 1) made.unshift((await app.book(seats(), { token })).reference)
    expect(await references('', token)).toEqual(made)
    for (const limit of [1, 2, 3, 7, 100]) {
      const seen: string[] = []
      let cursor = ''
      let pages = 0
      do {
        const page = await list(`?limit=${limit}${cursor}`, token)
        seen.push(...page.items.map(({ reference }) => reference))
        cursor = page.nextCursor === null ? '' : `&cursor=${page.nextCursor}`
        pages += 1
      } while (cursor !== '')
      expect({ limit, seen, pages }).toEqual({ limit, seen: made, pages: Math.ceil(7 / limit) })
    }
  })

  test('keeps its place while newer bookings come', async () => {
    const token = await signTestToken('customer')
    const [old, middle] = [await app.book(seats(), { token }), await app.book(seats(), { token })]
    const first = await list('?limit=1', token)
    const latest = await app.book(seats(), { token })
    expect(first.items.map(({ reference }) => reference)).toEqual([middle.reference])
    expect(await references(`?limit=5&cursor=${first.nextCursor ?? ''}`, token)).toEqual([old.reference])
    expect(await references('?limit=1', token)).toEqual([latest.reference])
  })

  test('can be narrowed by status and by what was booked', async () => {
    const token = await signTestToken('customer')
    const elsewhere = await givenShowtime(app.db.database)
    const selection = { resource: { type: 'showtime', id: elsewhere.showtimeId }, seats: ['A1'] }
    const pending = (await app.book(seats(), { token })).reference
    const there = (await app.book(selection, { token })).reference
    const paid = await app.book(seats(), { token })
    await confirm(paid)
    const gone = await app.book(seats(), { token })
    await act(gone, 'cancel', {}, token)
    const here = `resourceId=${house.showtimeId}`
    expect(await references('?status=pending', token)).toEqual([there, pending])
    expect(await references('?status=confirmed', token)).toEqual([paid.reference])
    expect(await references('?status=cancelled', token)).toEqual([gone.reference])
    expect(await references('?status=no_show', token)).toEqual([])
    expect(await references(`?${here}`, token)).toEqual([gone.reference, paid.reference, pending])
    expect(await references(`?${here}&status=pending`, token)).toEqual([pending])
    expect(await references(`?resourceId=${elsewhere.showtimeId}`, token)).toEqual([there])
    expect(await references(`?resourceId=${randomUUID()}`, token)).toEqual([])
  })

  test('says of each booking what the booking says itself', async () => {
    const booked = await app.book(seats(2))
    await app.pay(booked)
    await act(booked, 'refunds', { amount: 7, reason: 'x' })
    expect((await list('', booked.token)).items).toEqual([await read(booked)])
  })

  test('of an organizer holds what was booked with it', async () => {
    const own = await givenShowtime(app.db.database)
    const token = await signTestToken('staff', { organizerId: own.organizerId })
    expect(await references('', token)).toEqual([])
    const selection = { resource: { type: 'showtime', id: own.showtimeId }, seats: ['A1'] }
    const { reference } = await app.book(selection)
    expect(await references('', token)).toEqual([reference])
    expect(await references(`?resourceId=${house.showtimeId}`, token)).toEqual([])
  })
})
