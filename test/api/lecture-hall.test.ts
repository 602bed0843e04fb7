import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { type GivenEvent, givenEvent } from '../support/catalogue.ts'
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { type LifecycleApp, startLifecycleApp } from './start-lifecycle-app.ts'

// 400 people in a lecture hall share one IPv4 address, and all of them buy within minutes of the start of a sale. Nothing is
// set: the defaults have to let them in. `crowd-of-one-address.test.ts` counts their calls.

const PEOPLE = 400
/** People at a time: each does one thing after the other. */
const AT_ONCE = 4

const STORES = hasRedis() ? (['memory', 'redis'] as const) : (['memory'] as const)

const session = z.object({ token: z.string() })
const outcome = z.looseObject({ id: z.string(), booking: z.object({ reference: z.string() }).nullable() })
const problem = z.object({ code: z.string() })

/** Returns how many tickets a person wants: 900 for 400 people. */
const quantityOf = (person: number) => [1, 2, 2, 4][person % 4] ?? 1

interface Hall {
  readonly app: LifecycleApp
  readonly event: GivenEvent
}

async function givenHall(environment: Record<string, string> = {}): Promise<Hall> {
  const app = await startLifecycleApp({ limited: true, environment })
  const event = await givenEvent(app.db.database, {
    // The second is gone at once.
    ticketTypes: [{ capacity: 10_000, maxPerBooking: 40 }, { capacity: 1 }],
  })
  return { app, event }
}

/** Plays people of one address. Returns how often they were refused, by the code of the problem. */
async function play({ app, event }: Hall, people: number): Promise<Record<string, number>> {
  const refused: Record<string, number> = {}
  const streams: Response[] = []
  const { url } = app
  const [ticketTypeId = '', soldOut = ''] = event.ticketTypeIds

  const call = async (method: string, path: string, token: string | null, body?: object): Promise<unknown> => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(token !== null && { Authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        Prefer: 'wait=20',
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const json: unknown = await answer.json()
    if (answer.ok) return json
    const { code } = problem.parse(json)
    refused[code] = (refused[code] ?? 0) + 1
    return null
  }

  const buy = async (person: number): Promise<void> => {
    const begun = session.safeParse(await call('POST', '/v1/guest-sessions', null))
    if (!begun.success) return
    const { token } = begun.data
    await call('GET', `/v1/events/${event.eventId}`, null)
    await call('GET', `/v1/events/${event.eventId}/availability`, null)
    const stream = await fetch(`${url}/v1/events/${event.eventId}/availability/stream`)
    streams.push(stream)
    if (!stream.ok) refused['stream'] = (refused['stream'] ?? 0) + 1

    const wish = (type: string, quantity: number) => ({
      resource: { type: 'event', id: event.eventId },
      tickets: [{ ticketTypeId: type, quantity }],
    })
    const customer = { name: `Person ${person}`, email: `${randomUUID()}@example.org` }
    const request = (type: string, quantity: number) =>
      call('POST', '/v1/booking-requests', token, { ...wish(type, quantity), customer })
    await call('POST', '/v1/quotes', token, wish(ticketTypeId, quantityOf(person)))
    // Some want what is gone first, and one of them twice.
    for (let tries = person % 3; tries > 0; tries--) await request(soldOut, 2)
    const booked = outcome.safeParse(await request(ticketTypeId, quantityOf(person)))
    if (!booked.success || booked.data.booking === null) return
    await call('GET', `/v1/booking-requests/${booked.data.id}`, token)
    await call('POST', `/v1/bookings/${booked.data.booking.reference}/payments`, token, {})
    await call('GET', `/v1/bookings/${booked.data.booking.reference}`, token)
  }

  const left = Array.from({ length: people }, (_, person) => person)
  const walk = async () => {
    for (let person = left.pop(); person !== undefined; person = left.pop()) await buy(person)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, walk))
  await Promise.all(streams.map(async (stream) => stream.body?.cancel()))
  return refused
}

async function heldPlaces({ app, event }: Hall): Promise<number | undefined> {
  const { rows } = await app.db.database.pool.query<{ held: number }>(
    `select coalesce(sum(i.quantity), 0)::int as held from bookings b join booking_items i on i.booking_id = b.id
     where b.resource_id = $1 and b.status = 'pending'`,
    [event.eventId],
  )
  return rows[0]?.held
}

describe.each(STORES)('one address, counted in %s,', (store) => {
  let redis: TestRedis | null = null
  beforeAll(async () => {
    if (store === 'redis') redis = await startRedis()
  })
  afterAll(() => redis?.stop())
  const openHall = async (environment: Record<string, string> = {}) => {
    await redis?.flush()
    const hall = await givenHall({ ...environment, ...(redis !== null && { QUEUE_URL: redis.url }) })
    onTestFinished(() => hall.app.close())
    return hall
  }

  test('lets 400 people buy', { timeout: 180_000 }, async () => {
    const hall = await openHall()
    expect(await play(hall, PEOPLE)).toEqual({})
    expect(await heldPlaces(hall)).toBe(900)
  })

  test(
    'lets a script with as many guests as it wants hold 1,000 places and no more',
    { timeout: 120_000 },
    async () => {
      const hall = await openHall()
      const { app, event } = hall
      const hold = async (quantity: number) => {
        const { body } = await app.send('POST', '/v1/guest-sessions', { token: null })
        const { token } = session.parse(body)
        const answer = await app.send('POST', '/v1/booking-requests', {
          token,
          headers: { Prefer: 'wait=20' },
          body: {
            resource: { type: 'event', id: event.eventId },
            tickets: [{ ticketTypeId: event.ticketTypeIds[0], quantity }],
            customer: { name: 'Script', email: `${randomUUID()}@example.org` },
          },
        })
        return answer
      }
      // Each guest takes what a customer may have, until the address has what it may; then the rest, one by one.
      for (let guest = 0; guest < 30; guest++) await hold(40)
      for (let guest = 0; guest < 30; guest++) await hold(1)
      const refused = await hold(1)
      expect(refused.body).toMatchObject({ code: 'too_many_holds', limit: 1_000, held: 1_000 })
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(await heldPlaces(hall)).toBe(1_000)
    },
  )
})

test('the former defaults shut most of them out', { timeout: 120_000 }, async () => {
  const played = async (environment: Record<string, string>, people: number) => {
    const hall = await givenHall(environment)
    onTestFinished(() => hall.app.close())
    return { refused: await play(hall, people), held: await heldPlaces(hall) }
  }
  const sessions = await played({ GUEST_SESSIONS_PER_ADDRESS: '60' }, 70)
  expect(sessions.refused).toEqual({ too_many_requests: 10 })
  const places = await played({ HOLDS_PER_ADDRESS: '200' }, 110)
  expect(places.refused).toEqual({ too_many_holds: expect.any(Number) as number })
  expect(places.refused['too_many_holds']).toBeGreaterThan(10)
  expect(places.held).toBeLessThanOrEqual(200)
})
