import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { describe, expect, test } from 'vitest'
import { givenShowtime } from '../support/catalogue.ts'
import { shared } from '../support/shared.ts'
import {
  type Answer,
  type Booked,
  CALLER_NAMES,
  type CallerName,
  expectBody,
  openCallers,
  problemSchema,
  seatDispenser,
  sharedLifecycleApp,
} from './start-lifecycle-app.ts'

// Access to every route for every caller. Everything not allowed here must be refused.

const startsAt = new Date(Date.now() + 3_600_000)
const app = sharedLifecycleApp()
const house = shared(() => givenShowtime(app.db.database, { rows: 20, seatsPerRow: 20, startsAt }))
const other = shared(() => givenShowtime(app.db.database))
const callers = shared(() => openCallers(house.organizerId, other.organizerId))
const seats = seatDispenser(house)

interface Subject extends Booked {
  readonly ticketId: string
  readonly ticketToken: string
}

type State = 'pending' | 'confirmed' | 'cancelled'

/** Creates a booking of the owner's in the state that the route needs. */
async function given(state: State): Promise<Subject> {
  const booked = await app.book(seats(), { token: callers['the owner'] })
  if (state === 'pending') return { ...booked, ticketId: '', ticketToken: '' }
  const staff = { token: callers['staff of the organizer'], body: { status: 'confirmed', reason: 'paid in cash' } }
  expectBody(z.object({}), await app.send('POST', `/v1/bookings/${booked.reference}/status`, staff))
  const shown = await app.send('GET', `/v1/bookings/${booked.reference}/tickets`, { token: booked.token })
  const [ticket] = expectBody(ticketsSchema, shown).items
  if (ticket === undefined) throw new Error('there is no ticket')
  if (state === 'cancelled') {
    const call = { token: callers['an admin'], body: {} }
    expectBody(z.object({}), await app.send('POST', `/v1/bookings/${booked.reference}/cancel`, call))
  }
  return { ...booked, ticketId: ticket.id, ticketToken: ticket.token }
}

const ticketsSchema = z.object({ items: z.array(z.object({ id: z.uuid(), token: z.string() })) })

interface ThingRoute {
  readonly route: string
  readonly method: 'GET' | 'POST'
  readonly state: Exclude<State, 'cancelled'>
  readonly path: (subject: Pick<Subject, 'reference' | 'ticketId'>) => string
  readonly body?: unknown
  readonly status: number
  readonly allowed: readonly CallerName[]
}

const SEES_BOOKING = [
  'the owner',
  'staff of the organizer',
  'the organizer',
  'an admin',
] as const satisfies readonly CallerName[]

/**
 * The routes about one booking or ticket: 404 for callers who may not see it, 403 for callers who see it and may not do
 * this.
 */
const ABOUT_ONE: readonly ThingRoute[] = [
  {
    route: 'GET /v1/bookings/{reference}',
    method: 'GET',
    state: 'pending',
    path: ({ reference }) => `/v1/bookings/${reference}`,
    status: 200,
    allowed: SEES_BOOKING,
  },
  {
    route: 'POST /v1/bookings/{reference}/payments',
    method: 'POST',
    state: 'pending',
    path: ({ reference }) => `/v1/bookings/${reference}/payments`,
    body: { returnUrl: 'https://shop.example/thanks' },
    status: 201,
    allowed: ['the owner'],
  },
  {
    route: 'POST /v1/bookings/{reference}/cancel',
    method: 'POST',
    state: 'confirmed',
    path: ({ reference }) => `/v1/bookings/${reference}/cancel`,
    body: { reason: 'fell ill' },
    status: 200,
    allowed: SEES_BOOKING,
  },
  {
    route: 'POST /v1/bookings/{reference}/refunds',
    method: 'POST',
    state: 'confirmed',
    path: ({ reference }) => `/v1/bookings/${reference}/refunds`,
    body: { amount: 1, reason: 'the seat was broken' },
    status: 201,
    allowed: ['the organizer', 'an admin'],
  },
  {
    route: 'POST /v1/bookings/{reference}/status',
    method: 'POST',
    state: 'confirmed',
    path: ({ reference }) => `/v1/bookings/${reference}/status`,
    body: { status: 'no_show', reason: 'nobody came' },
    status: 200,
    allowed: ['staff of the organizer', 'the organizer', 'an admin'],
  },
  {
    route: 'GET /v1/bookings/{reference}/tickets',
    method: 'GET',
    state: 'confirmed',
    path: ({ reference }) => `/v1/bookings/${reference}/tickets`,
    status: 200,
    allowed: SEES_BOOKING,
  },
  {
    route: 'GET /v1/bookings/{reference}/tickets.pdf',
    method: 'GET',
    state: 'confirmed',
    path: ({ reference }) => `/v1/bookings/${reference}/tickets.pdf`,
    status: 200,
    allowed: SEES_BOOKING,
  },
  {
    route: 'GET /v1/tickets/{id}/qr.svg',
    method: 'GET',
    state: 'confirmed',
    path: ({ ticketId }) => `/v1/tickets/${ticketId}/qr.svg`,
    status: 200,
    allowed: SEES_BOOKING,
  },
  {
    route: 'GET /v1/tickets/{id}/qr.png',
    method: 'GET',
    state: 'confirmed',
    path: ({ ticketId }) => `/v1/tickets/${ticketId}/qr.png`,
    status: 200,
    allowed: SEES_BOOKING,
  },
]

const sees = (caller: CallerName) => SEES_BOOKING.some((name) => name === caller)

function refusalFor(caller: CallerName, { allowed, status }: ThingRoute): number {
  if (caller === 'nobody') return 401
  if (!sees(caller)) return 404
  return allowed.includes(caller) ? status : 403
}

/** A reference and an id of the right form that nothing has. */
const NOTHING = { reference: 'ZZZZZZZZ', ticketId: randomUUID() }

describe.each(ABOUT_ONE)('$route', (route) => {
  test.each(CALLER_NAMES.map((caller) => [caller, refusalFor(caller, route)] as const))(
    'answers %s with %i',
    async (caller, status) => {
      const subject = await given(route.state)
      const before = await app.countRows()
      const call = { token: callers[caller], body: route.body }
      const answer = await app.send(route.method, route.path(subject), call)
      expect({ status: answer.status, text: answer.status < 300 ? '' : answer.text }).toMatchObject({ status })
      if (status < 300) return
      expect(await app.countRows()).toEqual(before)
      expectProblem(answer)
      if (status !== 404) return
      const nothing = await app.send(route.method, route.path(NOTHING), call)
      expect(withoutRequestId(nothing)).toEqual(withoutRequestId(answer))
    },
  )

  test('answers who has no token the same about what is there and what is not', async () => {
    const subject = await given(route.state)
    const answers = await Promise.all(
      [subject, NOTHING].map((about) => app.send(route.method, route.path(about), { token: null, body: route.body })),
    )
    const [there, nowhere] = answers.map(withoutRequestId)
    expect(there).toEqual(nowhere)
  })
})

test('a customer who tries to choose the refund learns nothing about the bookings of others', async () => {
  const { reference } = await given('confirmed')
  const call = { token: callers['another customer'], body: { refund: 'full' } }
  const answer = await app.send('POST', `/v1/bookings/${reference}/cancel`, call)
  const nothing = await app.send('POST', `/v1/bookings/${NOTHING.reference}/cancel`, call)
  expect(answer.status).toBeGreaterThanOrEqual(400)
  expect(withoutRequestId(answer)).toEqual(withoutRequestId(nothing))
})

function expectProblem(answer: Answer): void {
  const { requestId, status } = problemSchema.parse(answer.body)
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  expect(answer.headers.get('cache-control')).toBe('no-store')
  expect({ requestId, status }).toEqual({ requestId: answer.headers.get('x-request-id'), status: answer.status })
}

function withoutRequestId(answer: Answer) {
  const { requestId: _, ...problem } = problemSchema.parse(answer.body)
  const challenge = answer.headers.get('www-authenticate')
  return { status: answer.status, problem, challenge, type: answer.headers.get('content-type') }
}

describe('GET /v1/bookings', () => {
  const listSchema = z.object({ items: z.array(z.object({ reference: z.string() })), nextCursor: z.null() })
  const SEES_IT: readonly CallerName[] = SEES_BOOKING

  test.each(CALLER_NAMES.filter((name) => name !== 'nobody').map((name) => [name, SEES_IT.includes(name)] as const))(
    'lists the booking to %s: %s',
    async (caller, isListed) => {
      const { reference } = await given('pending')
      const path = `/v1/bookings?resourceId=${house.showtimeId}&limit=100&status=pending`
      const { items } = expectBody(listSchema, await app.send('GET', path, { token: callers[caller] }))
      expect(items.some((item) => item.reference === reference)).toBe(isListed)
      if (!isListed) expect(items).toEqual([])
    },
  )

  test('lists to a customer nothing that others booked', async () => {
    const own = await app.book(seats())
    const others = await given('confirmed')
    const { items } = expectBody(listSchema, await app.send('GET', '/v1/bookings', { token: own.token }))
    expect(items.map(({ reference }) => reference)).toEqual([own.reference])
    expect(JSON.stringify(items)).not.toContain(others.reference)
  })

  test('is not for who has no token', async () => {
    expect((await app.send('GET', '/v1/bookings', { token: null })).status).toBe(401)
  })
})

/** The statuses of routes for staff: callers of other roles get 403, whatever the call is about. */
const FOR_STAFF = CALLER_NAMES.map((caller) => {
  if (caller === 'nobody') return [caller, 401] as const
  return [caller, caller.includes('customer') || caller === 'the owner' ? 403 : 200] as const
})
const ADMITS: readonly CallerName[] = ['staff of the organizer', 'the organizer', 'an admin']

const resultSchema = z.object({ result: z.string(), ticket: z.unknown(), firstScan: z.unknown() })
const scanOf = ({ ticketToken }: Subject) => ({ token: ticketToken, nonce: randomUUID(), gate: 'North' })

describe('POST /v1/check-ins', () => {
  test.each(FOR_STAFF)('answers %s with %i, and lets in for the organizer alone', async (caller, status) => {
    const subject = await given('confirmed')
    const before = await app.countRows()
    const answer = await app.send('POST', '/v1/check-ins', { token: callers[caller], body: scanOf(subject) })
    expect(answer.status).toBe(status)
    if (status !== 200) {
      expectProblem(answer)
      expect(await app.countRows()).toEqual(before)
    } else if (ADMITS.includes(caller)) {
      expect(answer.body).toMatchObject({ result: 'admitted', ticket: { id: subject.ticketId } })
    } else {
      expect(resultSchema.parse(answer.body)).toEqual({ result: 'wrong_event', ticket: null, firstScan: null })
      expect(answer.text).not.toContain(subject.ticketId)
      expect(answer.text).not.toContain(subject.reference)
      expect(await app.countRows()).toEqual(before)
    }
  })
})

describe('POST /v1/check-ins/batch', () => {
  test.each(FOR_STAFF)('answers %s with %i, and lets in for the organizer alone', async (caller, status) => {
    const subject = await given('confirmed')
    const before = await app.countRows()
    const body = { scans: [{ ...scanOf(subject), scannedAt: new Date().toISOString() }] }
    const answer = await app.send('POST', '/v1/check-ins/batch', { token: callers[caller], body })
    expect(answer.status).toBe(status)
    if (status !== 200) {
      expectProblem(answer)
      expect(await app.countRows()).toEqual(before)
      return
    }
    const { items } = z.object({ items: z.array(resultSchema) }).parse(answer.body)
    expect(items.map(({ result }) => result)).toEqual([ADMITS.includes(caller) ? 'admitted' : 'wrong_event'])
    if (!ADMITS.includes(caller)) expect(await app.countRows()).toEqual(before)
  })
})

describe('GET /v1/revoked-tickets', () => {
  const pageSchema = z.object({ items: z.array(z.object({ id: z.uuid() })), nextCursor: z.string().nullable() })

  test.each(FOR_STAFF)('answers %s with %i, and lists to the organizer alone', async (caller, status) => {
    const { ticketId } = await given('cancelled')
    const path = `/v1/revoked-tickets?resourceId=${house.showtimeId}&limit=100`
    const answer = await app.send('GET', path, { token: callers[caller] })
    expect(answer.status).toBe(status)
    if (status !== 200) return expectProblem(answer)
    const { items } = pageSchema.parse(answer.body)
    if (ADMITS.includes(caller)) expect(items).toContainEqual({ id: ticketId })
    // The answer is the same for a showtime that does not exist.
    else expect(answer.body).toEqual({ items: [], nextCursor: null })
  })
})

describe('GET /v1/audit', () => {
  const MAY_ASK: readonly CallerName[] = [
    'the organizer',
    'another organizer',
    'an organizer without an id',
    'an admin',
  ]
  const FOR_ORGANIZERS = CALLER_NAMES.map((caller) => {
    if (caller === 'nobody') return [caller, 401] as const
    return [caller, MAY_ASK.includes(caller) ? 200 : 403] as const
  })
  const pageSchema = z.object({ items: z.array(z.object({ action: z.string() })), nextCursor: z.string().nullable() })

  test.each(FOR_ORGANIZERS)('answers %s with %i, and lists to the organizer alone', async (caller, status) => {
    const { reference } = await given('confirmed')
    const answer = await app.send('GET', `/v1/audit?entity=${reference}`, { token: callers[caller] })
    expect(answer.status).toBe(status)
    if (status !== 200) return expectProblem(answer)
    const { items } = pageSchema.parse(answer.body)
    const actions = ['booking.confirmed', 'payment.completed', 'booking.created']
    expect(items.map(({ action }) => action)).toEqual(
      caller === 'the organizer' || caller === 'an admin' ? expect.arrayContaining(actions) : [],
    )
    const all = await app.send('GET', '/v1/audit?limit=100', { token: callers[caller] })
    if (caller === 'an organizer without an id') expect(all.body).toEqual({ items: [], nextCursor: null })
  })
})
