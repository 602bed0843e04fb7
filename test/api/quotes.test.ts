import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTokenVerifier, signToken, type Caller } from '@boxoffice/core/tokens.ts'
import { quoteRoutes } from '../../apps/api/src/routes/quotes.ts'
import { givenEvent, givenPromoCode, givenShowtime } from '../support/catalogue.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { takeSeats } from '../support/inventory.ts'
import { routeDependencies, serveRouters } from '../support/serve-routers.ts'

const NOWHERE = '00000000-0000-4000-8000-000000000000'
const SECRET = 'a secret of this test that is long enough'
const SETTINGS = { JWT_AUDIENCE: 'boxoffice' }

let db: TestDatabase
let server: Awaited<ReturnType<typeof serveRouters>>
const tokens = new Map<Caller['role'], string>()

beforeAll(async () => {
  db = await createTestDatabase()
  const verify = createTokenVerifier(SETTINGS, { jwtSecret: SECRET, guestSecret: `${SECRET} too` })
  server = await serveRouters([
    quoteRoutes(routeDependencies(verify), {
      pool: db.database.pool,
      ticketLimits: { perBooking: 200, perSellerBooking: 1_000 },
    }),
  ])
  for (const role of ['customer', 'staff'] as const) {
    tokens.set(
      role,
      await signToken({ subject: `a-${role}`, role, organizerId: null, ttlSeconds: 60 }, SECRET, SETTINGS),
    )
  }
})
afterAll(async () => {
  await server.close()
  await db.drop()
})

async function post(body: unknown, role: Caller['role'] | null = 'customer') {
  const response = await fetch(`${server.url}/v1/quotes`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(role !== null && { authorization: `Bearer ${tokens.get(role)}` }),
    },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: await response.json() }
}

const refused = (refusal: object) => ({
  status: 200,
  body: {
    bookable: false,
    currency: null,
    lines: [],
    subtotal: null,
    discount: null,
    fee: null,
    total: null,
    refusal: expect.objectContaining(refusal),
  },
})

describe('a quote', () => {
  it('prices seats with promo code and fee as a booking would', async () => {
    const { showtimeId, organizerId, categoryIds } = await givenShowtime(db.database, { price: 1000 })
    const { code } = await givenPromoCode(db.database, { organizerId })
    const resource = { type: 'showtime', id: showtimeId }
    const line = (seat: string) => ({
      seat,
      categoryId: categoryIds[0],
      ticketTypeId: null,
      quantity: 1,
      unitPrice: 1000,
      discount: 200,
    })
    expect(await post({ resource, seats: ['A1', 'A2'], promoCode: code.toLowerCase(), expectedTotal: 1648 })).toEqual({
      status: 200,
      body: {
        bookable: true,
        currency: 'EUR',
        lines: [line('A1'), line('A2')],
        subtotal: 2000,
        discount: 400,
        fee: 48,
        total: 1648,
        refusal: null,
      },
    })
    expect(await post({ resource, seats: ['A1'], expectedTotal: 1 })).toEqual(
      refused({ code: 'price_changed', total: 1030 }),
    )
    expect(await post({ resource, seats: ['A1'], promoCode: 'NONE' })).toEqual(refused({ code: 'promo_invalid' }))
  })

  it('prices tickets, for staff too, and says how many are left', async () => {
    const { eventId, ticketTypeIds } = await givenEvent(db.database, { ticketTypes: [{ capacity: 3, price: 500 }] })
    const resource = { type: 'event', id: eventId }
    const [ticketTypeId] = ticketTypeIds
    expect(await post({ resource, tickets: [{ ticketTypeId, quantity: 2 }] }, 'staff')).toMatchObject({
      status: 200,
      body: {
        bookable: true,
        lines: [{ ticketTypeId, quantity: 2, unitPrice: 500 }],
        subtotal: 1000,
        fee: 30,
        total: 1030,
      },
    })
    expect(await post({ resource, tickets: [{ ticketTypeId, quantity: 4 }] })).toEqual(
      refused({ code: 'tickets_unavailable', ticketTypes: [{ id: ticketTypeId, available: 3 }] }),
    )
  })

  it('counts what the customer holds already', async () => {
    const { eventId, ticketTypeIds } = await givenEvent(db.database, {
      ticketTypes: [{ capacity: 10, maxPerCustomer: 2 }],
    })
    const [ticketTypeId] = ticketTypeIds
    const ask = (customer?: object) =>
      post({
        resource: { type: 'event', id: eventId },
        tickets: [{ ticketTypeId, quantity: 2 }],
        ...(customer && { customer }),
      })
    const key = `e:${createHash('sha256').update('ann@example.com').digest('hex')}`
    await db.database.pool.query('insert into ticket_type_customers values ($1, $2, 1)', [ticketTypeId, key])
    expect(await ask()).toMatchObject({ body: { bookable: true } })
    expect(await ask({ name: 'Bob', email: 'bob@example.com' })).toMatchObject({ body: { bookable: true } })
    expect(await ask({ name: 'Ann', email: 'Ann@Example.com' })).toEqual(refused({ code: 'customer_limit_reached' }))
  })

  it('refuses what a booking would be refused for, and holds nothing', async () => {
    const { showtimeId } = await givenShowtime(db.database, { disabledSeats: ['A3'] })
    const draft = await givenShowtime(db.database, { status: 'draft' })
    const past = await givenShowtime(db.database, { startsAt: new Date(Date.now() - 1_000) })
    await takeSeats(db.database, showtimeId, ['A1'])
    const ask = (seats: string[], id = showtimeId) => post({ resource: { type: 'showtime', id }, seats })
    expect(await ask(['A1', 'A2'])).toEqual(refused({ code: 'seat_unavailable', seats: ['A1'] }))
    expect(await ask(['A3'])).toEqual(refused({ code: 'seat_disabled', seats: ['A3'] }))
    expect(await ask(['Z9'])).toEqual(refused({ code: 'invalid_seat', seats: ['Z9'] }))
    expect(await ask(['A2', 'A2'])).toEqual(refused({ code: 'duplicate_seat', seats: ['A2'] }))
    expect(await ask(['A2'], draft.showtimeId)).toEqual(refused({ code: 'not_on_sale' }))
    expect(await ask(['A2'], past.showtimeId)).toEqual(refused({ code: 'in_the_past' }))
    expect(await ask(['A2'])).toMatchObject({ body: { bookable: true } })
    expect(await ask(['A2'])).toMatchObject({ body: { bookable: true } })
  })

  it('of something that does not exist, or is of the other kind, is 404', async () => {
    const { eventId } = await givenEvent(db.database)
    for (const id of [NOWHERE, eventId]) {
      expect(await post({ resource: { type: 'showtime', id }, seats: ['A1'] })).toMatchObject({
        status: 404,
        body: { code: 'not_found' },
      })
    }
  })

  it('needs a token', async () => {
    expect(await post({ resource: { type: 'showtime', id: NOWHERE }, seats: ['A1'] }, null)).toMatchObject({
      status: 401,
    })
  })

  it.each([
    [undefined, ''],
    [{ seats: ['A1'] }, '/resource'],
    [{ resource: { type: 'showtime', id: 'x' }, seats: ['A1'] }, '/resource/id'],
    [{ resource: { type: 'showtime', id: NOWHERE } }, '/seats'],
    [{ resource: { type: 'showtime', id: NOWHERE }, seats: [] }, '/seats'],
    [{ resource: { type: 'showtime', id: NOWHERE }, seats: ['A\0'] }, '/seats/0'],
    [{ resource: { type: 'showtime', id: NOWHERE }, seats: ['A1'], promoCode: '\ud800' }, '/promoCode'],
    [{ resource: { type: 'showtime', id: NOWHERE }, seats: ['A1'], extra: 1 }, '/extra'],
    [{ resource: { type: 'event', id: NOWHERE }, seats: ['A1'] }, '/tickets'],
    [
      { resource: { type: 'event', id: NOWHERE }, tickets: [{ ticketTypeId: NOWHERE, quantity: 1.5 }] },
      '/tickets/0/quantity',
    ],
    [{ resource: { type: 'showtime', id: NOWHERE }, seats: ['A1'], customer: { name: 'A' } }, '/customer/email'],
  ])('refuses the body %j', async (body, pointer) => {
    const answer = await post(body)
    expect(answer.status).toBe(400)
    expect((answer.body as { errors: { pointer: string }[] }).errors[0]?.pointer).toBe(pointer)
  })
})
