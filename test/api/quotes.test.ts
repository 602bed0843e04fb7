import { wishesOf } from '@boxoffice/core/domain/wish.ts'
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTokenVerifier, signToken, type Caller } from '@boxoffice/core/access/tokens.ts'
import { quote } from '@boxoffice/core/booking-requests/quote.ts'
import { customerKeys } from '../../apps/api/src/routes/booking-requests/customer-keys.ts'
import { quoteRoutes } from '../../apps/api/src/routes/quotes.ts'
import { givenEvent, givenPromoCode, givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { takeSeats } from '../support/inventory.ts'
import { routeDependencies, serveRouters } from '../support/serve-routers.ts'

const NOWHERE = '00000000-0000-4000-8000-000000000000'
const SECRET = 'a secret of this test that is long enough'
const SETTINGS = { JWT_AUDIENCE: 'boxoffice' }
const ACCOUNT: Caller = {
  subject: 'a-customer',
  role: 'customer',
  organizerId: null,
  guest: false,
  scopes: null,
  bookingId: null,
}

let server: Awaited<ReturnType<typeof serveRouters>>
const tokens = new Map<Caller['role'], string>()

const db = sharedDatabase()
beforeAll(async () => {
  const verify = createTokenVerifier(SETTINGS, { jwtSecret: SECRET, guestSecret: `${SECRET} too` })
  server = await serveRouters([
    quoteRoutes(routeDependencies(verify), {
      pool: db.database.pool,
      ticketLimits: { perBooking: 200, perSellerBooking: 1_000 },
      snapshots: {},
    }),
  ])
  for (const role of ['customer', 'staff'] as const) {
    tokens.set(
      role,
      await signToken({ subject: `a-${role}`, role, organizerId: null, ttlSeconds: 60 }, SECRET, SETTINGS),
    )
  }
})
afterAll(() => server.close())

const tokenOf = (role: Caller['role'], organizerId: string | null) =>
  signToken({ subject: `a-${role}`, role, organizerId, ttlSeconds: 60 }, SECRET, SETTINGS)

const pseudonym = (kind: 'o' | 'e', of: string) => `${kind}:${createHash('sha256').update(of).digest('hex')}`

/** Creates a ticket type of which a customer may have two; `ask` and `decide` request two at once. */
async function limitedTicket() {
  const { eventId, organizerId, ticketTypeIds } = await givenEvent(db.database, {
    ticketTypes: [{ capacity: 10, maxPerCustomer: 2 }],
  })
  const [ticketTypeId = ''] = ticketTypeIds
  const tickets = [{ ticketTypeId, quantity: 2 }]
  return {
    organizerId,
    /** Has somebody hold one of them. */
    hold: async (kind: 'o' | 'e', of: string) => {
      await db.database.pool.query('insert into ticket_type_customers values ($1, $2, 1)', [
        ticketTypeId,
        pseudonym(kind, of),
      ])
    },
    ask: ({ email, ...as }: { email?: string; role?: Caller['role']; token?: string } = {}) => {
      const customer = email === undefined ? {} : { customer: { name: 'Somebody', email } }
      return post({ resource: { type: 'event', id: eventId }, tickets, ...customer }, as.role, as.token)
    },
    /** Returns the decision that a booking request by that address would get. */
    decide: (email: string) =>
      quote(
        db.database.pool,
        {
          kind: 'event',
          resourceId: eventId,
          wishes: wishesOf({ tickets }),
          promoCode: null,
          expectedTotal: null,
          seller: 'public',
          blockId: null,
          customerKeys: customerKeys(ACCOUNT, false, email),
        },
        {},
      ),
  }
}

async function post(body: unknown, role: Caller['role'] | null = 'customer', token = tokens.get(role ?? 'customer')) {
  const response = await fetch(`${server.url}/v1/quotes`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(role !== null && { authorization: `Bearer ${token}` }),
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
      area: null,
      rate: null,
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

  it('counts what the account holds already', async () => {
    const { ask, hold } = await limitedTicket()
    expect(await ask()).toMatchObject({ body: { bookable: true } })
    await hold('o', 'a-customer')
    expect(await ask()).toEqual(refused({ code: 'customer_limit_reached' }))
    expect(await ask({ role: 'staff' })).toEqual(await ask({ role: 'staff', email: 'bob@example.com' }))
  })

  it('says the same of a person with tickets and of one without', async () => {
    const { ask, hold, decide } = await limitedTicket()
    await hold('e', 'ann@example.com')
    const [ann, bob] = [await ask({ email: 'Ann@Example.com' }), await ask({ email: 'bob@example.com' })]
    expect(ann).toMatchObject({ status: 200, body: { bookable: true, refusal: null } })
    expect(ann).toEqual(bob)
    // The decision goes by the address all the same: going by all that a request does, there is a difference.
    expect(await decide('ann@example.com')).toMatchObject({ refusal: { code: 'customer_limit_reached' } })
    expect(await decide('bob@example.com')).toMatchObject({ bookable: true })
  })

  it('says the same of a promo code that the person has used up and of one that nobody has used', async () => {
    const { showtimeId, organizerId } = await givenShowtime(db.database)
    const { code, promoCodeId } = await givenPromoCode(db.database, { organizerId, maxPerCustomer: 1 })
    await db.database.pool.query('insert into promo_code_customers values ($1, $2, 1)', [
      promoCodeId,
      pseudonym('e', 'ann@example.com'),
    ])
    const ask = (email: string) =>
      post({
        resource: { type: 'showtime', id: showtimeId },
        seats: ['A1'],
        promoCode: code,
        customer: { name: 'A', email },
      })
    expect(await ask('ann@example.com')).toMatchObject({ body: { bookable: true } })
    expect(await ask('ann@example.com')).toEqual(await ask('bob@example.com'))
  })

  it("goes by the buyer's address where who asks sells, for them alone", async () => {
    const { ask, hold, organizerId } = await limitedTicket()
    await hold('e', 'ann@example.com')
    const own = await tokenOf('staff', organizerId)
    expect(await ask({ email: 'ann@example.com', token: own })).toEqual(refused({ code: 'customer_limit_reached' }))
    expect(await ask({ email: 'bob@example.com', token: own })).toMatchObject({ body: { bookable: true } })
    // Staff of another organizer are customers like any other.
    expect(await ask({ email: 'ann@example.com', role: 'staff' })).toMatchObject({ body: { bookable: true } })
  })

  it('refuses what a booking would be refused for, and holds nothing', async () => {
    const { showtimeId } = await givenShowtime(db.database, { disabledSeats: ['A3'] })
    const draft = await givenShowtime(db.database, { status: 'draft' })
    const begun = await givenShowtime(db.database, { startsAt: new Date(Date.now() - 1_000_000) })
    const past = await givenShowtime(db.database, { startsAt: new Date(Date.now() - 50_000_000) })
    await takeSeats(db.database, showtimeId, ['A1'])
    const ask = (seats: string[], id = showtimeId) => post({ resource: { type: 'showtime', id }, seats })
    expect(await ask(['A1', 'A2'])).toEqual(refused({ code: 'seat_unavailable', seats: ['A1'] }))
    expect(await ask(['A3'])).toEqual(refused({ code: 'seat_disabled', seats: ['A3'] }))
    expect(await ask(['Z9'])).toEqual(refused({ code: 'invalid_seat', seats: ['Z9'] }))
    expect(await ask(['A2', 'A2'])).toEqual(refused({ code: 'duplicate_seat', seats: ['A2'] }))
    expect(await ask(['A2'], draft.showtimeId)).toEqual(refused({ code: 'not_on_sale' }))
    expect(await ask(['A2'], begun.showtimeId)).toEqual(refused({ code: 'sale_ended' }))
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
    [{ resource: { type: 'event', id: NOWHERE } }, '/tickets'],
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
