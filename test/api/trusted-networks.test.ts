import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type GivenEvent, givenEvent } from '../support/catalogue.ts'
import { eventually } from '../support/eventually.ts'
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { signTestToken } from '../support/tokens.ts'
import { BUSY, expectBody, type LifecycleApp, sharedLifecycleApp, startLifecycleApp } from './start-lifecycle-app.ts'

/** Networks that the organizer of the tests trusts. They are read once in a while, so they have to be there early. */
const NETWORKS = ['198.51.100.0/24', '192.0.2.0/24']
const CAMPUS = '198.51.100.7'
const ELSEWHERE = '203.0.113.7'

const STORES = hasRedis() ? (['memory', 'redis'] as const) : (['memory'] as const)

const newCustomer = () => signTestToken('customer')

interface Wish {
  readonly token?: string
  readonly from: string
  readonly quantity?: number
  readonly key?: string
}

/** Sends a booking request for tickets and waits for its outcome. */
async function ask(app: LifecycleApp, event: GivenEvent, { token, from, quantity = 1, key }: Wish) {
  return await app.send('POST', '/v1/booking-requests', {
    token: token ?? (await newCustomer()),
    headers: {
      Prefer: 'wait=20',
      'X-Forwarded-For': from,
      ...(key !== undefined && { 'Idempotency-Key': key }),
    },
    body: {
      resource: { type: 'event', id: event.eventId },
      tickets: [{ ticketTypeId: event.ticketTypeIds[0], quantity }],
      customer: { name: 'Ada', email: key === undefined ? `${randomUUID()}@example.org` : `${key}@example.org` },
    },
  })
}

/** Sends requests of new customers until one is answered 429. Returns how many were let in. */
async function letIn(app: LifecycleApp, event: GivenEvent, wish: Wish, most: number): Promise<number> {
  for (let sent = 0; sent < most; sent++) {
    if ((await ask(app, event, wish)).status === 429) return sent
  }
  return most
}

/** Creates an event whose organizer trusts these networks. */
async function trustedEvent(app: LifecycleApp, networks: readonly string[] = NETWORKS): Promise<GivenEvent> {
  const event = await givenEvent(app.db.database, { ticketTypes: [{ capacity: 10_000 }] })
  const token = await signTestToken('organizer', { organizerId: event.organizerId })
  const changed = await app.send('PATCH', `/v1/organizers/${event.organizerId}`, {
    token,
    body: { trustedNetworks: networks },
  })
  expect(changed.status).toBe(200)
  return event
}

describe.each(STORES)('limits per address counted in %s', (store) => {
  let redis: TestRedis | null = null
  let holding: LifecycleApp
  let requesting: LifecycleApp
  let held: GivenEvent
  let requested: GivenEvent
  beforeAll(async () => {
    if (store === 'redis') redis = await startRedis()
    const open = (namespace: string, environment: Record<string, string>) =>
      startLifecycleApp({
        limited: true,
        environment: {
          ...environment,
          TRUSTED_PROXIES: 'loopback',
          ...(redis !== null && { QUEUE_URL: redis.url, QUEUE_NAMESPACE: namespace }),
        },
      })
    holding = await open('holding', { HOLDS_PER_ADDRESS: '4', HOLDS_PER_CUSTOMER: '3' })
    requesting = await open('requesting', {
      BOOKING_REQUESTS_PER_ADDRESS: '3',
      BOOKING_REQUESTS_PER_CALLER: '20',
      REFUSALS_PER_ADDRESS: '1000',
    })
    held = await trustedEvent(holding)
    requested = await trustedEvent(requesting)
  }, 60_000)
  afterAll(async () => {
    await holding.close()
    await requesting.close()
    await redis?.stop()
  })

  test(
    'on unpaid places are ten times as high for what is sold by whoever trusts it',
    { timeout: 60_000 },
    async () => {
      const stranger = await givenEvent(holding.db.database)
      // What an address may hold of anything, and then ten times as much here.
      expect(await letIn(holding, held, { from: CAMPUS, quantity: 2 }, 40)).toBe(2 + 20)
      const refused = await ask(holding, held, { from: CAMPUS })
      expect(refused.body).toMatchObject({ code: 'too_many_holds', limit: 40, held: 40 })
      // Nobody may hold more elsewhere for it, and other addresses are not trusted.
      expect(await letIn(holding, stranger, { from: CAMPUS }, 10)).toBe(0)
      expect(await letIn(holding, held, { from: ELSEWHERE }, 10)).toBe(4)
    },
  )

  test('do not let one customer hold more', async () => {
    const token = await newCustomer()
    expect(await letIn(holding, held, { from: '192.0.2.1', token }, 10)).toBe(3)
    // Another one uses up what the address has.
    expect(await letIn(holding, held, { from: '192.0.2.1', quantity: 3 }, 1)).toBe(1)
    expect((await ask(holding, held, { from: '192.0.2.1', token })).body).toMatchObject({ limit: 3 })
  })

  test('count a request that is sent again once', async () => {
    await letIn(holding, held, { from: '192.0.2.2' }, 4)
    const token = await newCustomer()
    const first = await ask(holding, held, { from: '192.0.2.2', token, key: 'again', quantity: 3 })
    expect(first.status).toBe(200)
    for (let round = 0; round < 3; round++) {
      const again = await ask(holding, held, { from: '192.0.2.2', token, key: 'again', quantity: 3 })
      expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([200, 'true'])
    }
    expect(await letIn(holding, held, { from: '192.0.2.2' }, 60)).toBe(37)
  })

  test('on booking requests are ten times as high there, and one caller has no more', { timeout: 60_000 }, async () => {
    const stranger = await givenEvent(requesting.db.database)
    const one = await newCustomer()
    expect(await letIn(requesting, requested, { from: CAMPUS, token: one }, 40)).toBe(20)
    // The first three counted for the address, and seventeen of those thirty that it has here.
    expect(await letIn(requesting, requested, { from: CAMPUS }, 40)).toBe(13)
    expect(await letIn(requesting, stranger, { from: CAMPUS }, 5)).toBe(0)
    expect(await letIn(requesting, requested, { from: ELSEWHERE }, 10)).toBe(3)
    // Whoever is not trusted by anybody is refused before the body is read.
    const unread = await requesting.send('POST', '/v1/booking-requests', {
      token: await newCustomer(),
      headers: { 'X-Forwarded-For': ELSEWHERE },
      body: '{',
    })
    expect(unread.status).toBe(429)
  })
})

test('refusals count for a network at the organizer that trusts it', { timeout: 60_000 }, async () => {
  const app = await startLifecycleApp({
    limited: true,
    environment: { REFUSALS_PER_CALLER: '100', REFUSALS_PER_ADDRESS: '20', TRUSTED_PROXIES: 'loopback' },
  })
  try {
    const trusted = await trustedEvent(app)
    // Five foreseeable refusals of each person, who may have ten.
    const person = async (from: string) => {
      const token = await newCustomer()
      const sent: number[] = []
      for (let round = 0; round < 5; round++) sent.push((await ask(app, trusted, { from, token, quantity: 11 })).status)
      return sent.filter((status) => status === 200).length
    }
    // Two use up what an address has; from then on each person has one.
    expect([await person(ELSEWHERE), await person(ELSEWHERE)]).toEqual([2, 1])
    // Where it is trusted there is room for twenty more.
    const people: number[] = []
    for (let each = 0; each < 7; each++) people.push(await person(CAMPUS))
    expect(people).toEqual([5, 5, 5, 5, 5, 2, 1])
  } finally {
    await app.close()
  }
})

describe('networks of an organizer', () => {
  const app = sharedLifecycleApp()
  const organizer = z.looseObject({ trustedNetworks: z.array(z.string()) })

  test('are none at first, are kept in one form, and can be taken back', async () => {
    const { organizerId } = await givenEvent(app.db.database)
    const token = await signTestToken('organizer', { organizerId })
    const path = `/v1/organizers/${organizerId}`
    expect(expectBody(organizer, await app.send('GET', path, { token })).trustedNetworks).toEqual([])
    const change = async (trustedNetworks: readonly string[]) =>
      expectBody(organizer, await app.send('PATCH', path, { token, body: { trustedNetworks } })).trustedNetworks
    expect(await change(['198.51.100.7', '2001:DB8:7:0::/48', '198.51.100.7/32'])).toEqual([
      '198.51.100.7/32',
      '2001:db8:7::/48',
    ])
    expect(await change([])).toEqual([])
    const audit = z.object({ items: z.array(z.looseObject({ action: z.string(), after: z.unknown() })) })
    await eventually(async () => {
      const { items } = expectBody(audit, await app.send('GET', '/v1/audit?action=organizer.updated', { token }))
      expect(items.map(({ after }) => after)).toEqual([
        { trustedNetworks: [] },
        { trustedNetworks: ['198.51.100.7/32', '2001:db8:7::/48'] },
      ])
    }, BUSY)
  })

  test.each([
    ['no network', 'campus', 'Must be a network such as 198.51.100.0/24 or 2001:db8::/48.'],
    ['more than the length says', '198.51.100.7/24', 'Must be a network such as 198.51.100.0/24 or 2001:db8::/48.'],
    ['half of the internet', '128.0.0.0/1', 'Must have a length from /16 to /32 for IPv4.'],
    ['a large part of IPv6', '2001::/16', 'Must have a length from /32 to /64 for IPv6.'],
    ['less than a /64', '2001:db8::1', 'Must have a length from /32 to /64 for IPv6.'],
    ['text that is long', '1'.repeat(1_000), 'Must be a network such as 198.51.100.0/24 or 2001:db8::/48.'],
  ])('must not be %s', async (_what, network, detail) => {
    const { organizerId } = await givenEvent(app.db.database)
    const token = await signTestToken('organizer', { organizerId })
    const answer = await app.send('PATCH', `/v1/organizers/${organizerId}`, {
      token,
      body: { trustedNetworks: ['198.51.100.0/24', network] },
    })
    expect(answer.body).toMatchObject({ code: 'invalid_request', errors: [{ pointer: '/trustedNetworks/1', detail }] })
  })

  test('are twenty at the most', async () => {
    const { organizerId } = await givenEvent(app.db.database)
    const token = await signTestToken('organizer', { organizerId })
    const many = (count: number) => Array.from({ length: count }, (_, index) => `10.0.${index}.0/24`)
    const change = (count: number) =>
      app.send('PATCH', `/v1/organizers/${organizerId}`, { token, body: { trustedNetworks: many(count) } })
    expect([(await change(20)).status, (await change(21)).status]).toEqual([200, 400])
  })
})
