import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { givenEvent, type GivenShowtime, givenPromoCode, givenShowtime } from '../support/catalogue.ts'
import { createTestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { startProcess } from '../support/process.ts'
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { signTestToken } from '../support/tokens.ts'
import { type Answer, BUSY, type LifecycleApp, startLifecycleApp } from './start-lifecycle-app.ts'

/** The budgets: three foreseeable refusals of a caller, twelve of an address; four and eight requests a minute. */
const BUDGETS = {
  REFUSALS_PER_CALLER: '30',
  REFUSALS_PER_ADDRESS: '120',
  REFUSALS_PER_SELLER: '60',
  TRUSTED_PROXIES: 'loopback',
}
const STORES = hasRedis() ? (['memory', 'redis'] as const) : (['memory'] as const)

interface Wish {
  readonly token: string
  readonly seats?: readonly string[]
  readonly promoCode?: string
  readonly address: string
  readonly wait?: number
  readonly key?: string
}

const newCustomer = () => signTestToken('customer')

/** A seat that is not in any seat map. */
const NOWHERE = ['ZZ99']

function ask(app: LifecycleApp, { showtimeId }: GivenShowtime, wish: Wish): Promise<Answer> {
  const { token, seats = NOWHERE, promoCode, address, wait = 20, key } = wish
  return app.send('POST', '/v1/booking-requests', {
    token,
    headers: {
      Prefer: `wait=${wait}`,
      'X-Forwarded-For': address,
      ...(key !== undefined && { 'Idempotency-Key': key }),
    },
    body: {
      resource: { type: 'showtime', id: showtimeId },
      seats,
      ...(promoCode !== undefined && { promoCode }),
      // A key makes it the same request again; otherwise it is another one.
      customer: { name: 'Ada Lovelace', email: `${key ?? randomUUID()}@example.org` },
    },
  })
}

/** Asks until the answer is 429, at most `most` times. Returns how often it was let in. */
async function letIn(app: LifecycleApp, showtime: GivenShowtime, wish: Wish, most: number): Promise<number> {
  for (let sent = 0; sent < most; sent++) {
    const { status, body, headers } = await ask(app, showtime, wish)
    if (status === 429) {
      expect(body).toMatchObject({ code: 'too_many_requests' })
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
      return sent
    }
    expect(status).toBe(200)
  }
  return most
}

async function refusedRows(app: LifecycleApp): Promise<number | undefined> {
  const { rows } = await app.db.database.pool.query<{ count: number }>(
    `select count(*)::int as count from booking_requests where state = 'refused'`,
  )
  return rows[0]?.count
}

test('without limits, one script has a refusal written for each call', { timeout: 60_000 }, async () => {
  const app = await startLifecycleApp()
  onTestFinished(() => app.close())
  const showtime = await givenShowtime(app.db.database)
  expect(await letIn(app, showtime, { token: await newCustomer(), address: '203.0.113.1' }, 200)).toBe(200)
  expect(await refusedRows(app)).toBe(200)
})

describe.each(STORES)('refusals counted in %s', (store) => {
  let redis: TestRedis | null = null
  let app: LifecycleApp
  let showtime: GivenShowtime
  let fresh = 0
  let address = ''

  beforeAll(async () => {
    if (store === 'redis') redis = await startRedis()
    app = await startLifecycleApp({
      limited: true,
      environment: { ...BUDGETS, ...(redis !== null && { QUEUE_URL: redis.url }) },
    })
    showtime = await givenShowtime(app.db.database)
  }, 60_000)
  afterAll(async () => {
    await app.close()
    await redis?.stop()
  })
  // Each test calls from an address of its own.
  beforeEach(() => {
    address = `203.0.113.${++fresh}`
  })

  test('a caller who asks for what there is not is stopped after a few', async () => {
    const before = await refusedRows(app)
    const token = await newCustomer()
    expect(await letIn(app, showtime, { token, address }, 20)).toBe(3)
    expect(await refusedRows(app)).toBe((before ?? 0) + 3)
    // This holds from any address, and for other seats as well; other callers at its address are let in.
    expect(await letIn(app, showtime, { token, address: '198.51.100.1', seats: showtime.seats.slice(0, 1) }, 1)).toBe(0)
    expect(await letIn(app, showtime, { token: await newCustomer(), address }, 1)).toBe(1)
  })

  test('a customer who was merely too slow is let in ten times as often', { timeout: 60_000 }, async () => {
    const seats = showtime.seats.slice(-1)
    const [winner, loser] = [await newCustomer(), await newCustomer()]
    await ask(app, showtime, { token: winner, address: '198.51.100.2', seats })
    expect(await letIn(app, showtime, { token: loser, address, seats }, 40)).toBe(30)
  })

  test('an address over its budget has its guessers stopped and its newcomers let in', async () => {
    const guessers = await Promise.all(Array.from({ length: 5 }, newCustomer))
    const sent: number[] = []
    for (const token of guessers) sent.push(await letIn(app, showtime, { token, address }, 5))
    // Twelve use the address up; then one each.
    expect(sent).toEqual([3, 3, 3, 3, 1])
    const honest = await newCustomer()
    expect(await letIn(app, showtime, { token: honest, address, seats: showtime.seats.slice(2, 4) }, 1)).toBe(1)
    // Elsewhere, the last of them has two left.
    expect(await letIn(app, showtime, { token: guessers.at(-1) ?? '', address: '198.51.100.3' }, 5)).toBe(2)
  })

  test('a repetition does not count again, and nobody has to wait for an outcome for it to count', async () => {
    const token = await newCustomer()
    for (const key of ['one', 'one', 'one', 'two', 'two']) {
      expect((await ask(app, showtime, { token, address, key })).body).toMatchObject({ state: 'refused' })
    }
    expect((await ask(app, showtime, { token, address, key: 'three', wait: 0 })).status).toBe(202)
    await eventually(async () => {
      const { status } = await ask(app, showtime, { token, address, key: 'three', wait: 0 })
      if (status !== 429) throw new Error('not counted yet')
    }, BUSY)
  })

  test('a seller has a budget of its own, and does not count for its address', async () => {
    const staff = await signTestToken('staff', { organizerId: showtime.organizerId })
    expect(await letIn(app, showtime, { token: staff, address }, 10)).toBe(6)
    const guest = await newCustomer()
    expect(await letIn(app, showtime, { token: guest, address }, 5)).toBe(3)
  })

  test('an organizer has ten times that, however many people and keys it has', { timeout: 60_000 }, async () => {
    const own = await givenShowtime(app.db.database)
    const letInAll = []
    for (let index = 0; index < 12; index++) {
      const { organizerId } = own
      const token = await signTestToken('staff', { organizerId, subject: `staff:${address}:${index}` })
      letInAll.push(await letIn(app, own, { token, address }, 10))
    }
    expect(letInAll).toEqual([...Array.from({ length: 10 }, () => 6), 0, 0])
    // Its customers are no business of it.
    expect(await letIn(app, own, { token: await newCustomer(), address, seats: own.seats.slice(0, 1) }, 1)).toBe(1)
  })

  test(
    'codes that are tried at once are no more than those tried one after the other',
    { timeout: 60_000 },
    async () => {
      const token = await newCustomer()
      const guess = (promoCode: string) =>
        app.send('POST', '/v1/quotes', {
          token,
          headers: { 'X-Forwarded-For': address },
          body: { resource: { type: 'showtime', id: showtime.showtimeId }, seats: ['A1'], promoCode },
        })
      const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => guess(`GUESS${index}`)))
      const told = answers.filter(({ status }) => status === 200)
      expect(told[0]?.body).toMatchObject({ refusal: { code: 'promo_invalid' } })
      expect(told.length).toBeLessThanOrEqual(60)
      // None is under way any more: the rest of the sixty is there, and no more.
      for (let left = 60 - told.length; left > 0; left--) expect((await guess('GUESS')).status).toBe(200)
      expect((await guess('GUESS')).status).toBe(429)
    },
  )

  test('a webhook that is too large to be signed counts as if it were forged', async () => {
    const send = () =>
      app.send('POST', '/v1/payment-webhooks/sandbox', {
        token: null,
        headers: { 'X-Forwarded-For': address },
        body: { filling: 'x'.repeat(70_000) },
      })
    for (let sent = 0; sent < 300; sent++) expect((await send()).status).toBe(413)
    expect((await send()).status).toBe(429)
  })

  test('a promo code that is none counts as a guess, in quotes and in requests', { timeout: 60_000 }, async () => {
    const token = await newCustomer()
    const quote = async (promoCode: string | null, as = token) => {
      const resource = { type: 'showtime', id: showtime.showtimeId }
      const seats = showtime.seats.slice(10, 11)
      return await app.send('POST', '/v1/quotes', {
        token: as,
        headers: { 'X-Forwarded-For': address },
        body: { resource, seats, ...(promoCode !== null && { promoCode }) },
      })
    }
    const { code } = await givenPromoCode(app.db.database, { organizerId: showtime.organizerId })
    for (let round = 0; round < 70; round++) {
      expect((await quote(code)).body).toMatchObject({ bookable: true })
    }
    const seats = showtime.seats.slice(12, 13)
    expect((await ask(app, showtime, { token, address, seats, promoCode: 'GUESS' })).body).toMatchObject({
      refusal: { code: 'promo_invalid' },
    })
    for (let guess = 1; guess < 60; guess++) {
      expect((await quote(`GUESS${guess}`)).body).toMatchObject({ refusal: { code: 'promo_invalid' } })
    }
    // Now the right code is of no use either; a request without a code is let in.
    expect((await quote(code)).status).toBe(429)
    expect((await ask(app, showtime, { token, address, seats, promoCode: code })).status).toBe(429)
    expect((await quote(null)).body).toMatchObject({ bookable: true })
    expect((await quote(code, await newCustomer())).status).toBe(200)
  })

  test(
    'a promo code that opens no hidden ticket type counts as a guess, in wishes too',
    { timeout: 60_000 },
    async () => {
      const token = await newCustomer()
      const { eventId, ticketTypeIds } = await givenEvent(app.db.database, {
        ticketTypes: [{ capacity: 5, hidden: true }],
      })
      const [ticketTypeId] = ticketTypeIds
      const wish = { tickets: [{ ticketTypeId, quantity: 1 }] }
      const quote = (promoCode: string | null, wishes: number) =>
        app.send('POST', '/v1/quotes', {
          token,
          headers: { 'X-Forwarded-For': address },
          body: {
            resource: { type: 'event', id: eventId },
            ...(wishes === 1 ? wish : { wishes: Array.from({ length: wishes }, () => wish) }),
            ...(promoCode !== null && { promoCode }),
          },
        })
      // Without a code nobody guesses.
      for (let sent = 0; sent < 70; sent++) {
        expect((await quote(null, 1)).body).toMatchObject({ refusal: { code: 'code_required' } })
      }
      for (let guess = 0; guess < 60; guess++) {
        expect((await quote(`GUESS${guess}`, 1 + (guess % 2))).body).toMatchObject({
          refusal: { code: 'code_required' },
        })
      }
      expect((await quote('GUESS', 2)).status).toBe(429)
    },
  )
})

test('outcomes that no signal brings are looked for', { timeout: 60_000 }, async () => {
  const app = await startLifecycleApp({ limited: true, signals: false, environment: BUDGETS })
  onTestFinished(() => app.close())
  const showtime = await givenShowtime(app.db.database)
  const token = await newCustomer()
  const wish = { token, address: '203.0.113.1' }
  for (let sent = 0; sent < 3; sent++) expect((await ask(app, showtime, wish)).status).toBe(200)
  await eventually(async () => {
    const { status } = await ask(app, showtime, { ...wish, key: 'again' })
    if (status !== 429) throw new Error('not counted yet')
  }, BUSY)
})

describe('booking requests in a minute', () => {
  const LIMITS = {
    BOOKING_REQUESTS_PER_CALLER: '2',
    BOOKING_REQUESTS_PER_ADDRESS: '5',
    BOOKING_REQUESTS_PER_SELLER: '8',
    TRUSTED_PROXIES: 'loopback',
  }

  test('have limits per customer, per address and for who sells', { timeout: 60_000 }, async () => {
    const app = await startLifecycleApp({ limited: true, environment: LIMITS })
    onTestFinished(() => app.close())
    const showtime = await givenShowtime(app.db.database)
    const address = '203.0.113.1'
    const send = async (token: string, from = address) => (await ask(app, showtime, { token, address: from })).status
    const [ada, bob, cyd] = [await newCustomer(), await newCustomer(), await newCustomer()]
    expect([await send(ada), await send(ada), await send(ada), await send(ada)]).toEqual([200, 200, 429, 429])
    // A refused excess of one caller does not use up the budget of others.
    expect([await send(bob), await send(bob), await send(cyd), await send(cyd)]).toEqual([200, 200, 429, 429])
    expect(await send(cyd, '203.0.113.2')).toBe(429)
    expect(await send(await newCustomer(), '203.0.113.2')).toBe(200)
    // Looking goes on.
    const looked = await app.send('GET', '/v1/bookings', { token: ada, headers: { 'X-Forwarded-For': address } })
    expect(looked.status).toBe(200)
    const staff = await signTestToken('staff', { organizerId: showtime.organizerId })
    const sold: number[] = []
    for (let sale = 0; sale < 9; sale++) sold.push(await send(staff))
    expect(sold).toEqual([...Array<number>(8).fill(200), 429])
  })
})

test.runIf(hasRedis())(
  'two API processes and a worker count each refusal once, and forget what refused requests had reserved',
  { timeout: 90_000 },
  async () => {
    const redis = await startRedis()
    onTestFinished(() => redis.stop())
    const db = await createTestDatabase()
    onTestFinished(() => db.drop())
    const showtime = await givenShowtime(db.database)
    const environment = { DATABASE_URL: db.url, QUEUE_URL: redis.url, LIMITS: 'on' }
    const [one, other, worker] = await Promise.all([
      startProcess('api', environment),
      startProcess('api', environment),
      startProcess('worker', environment),
    ])
    for (const process of [one, other, worker]) onTestFinished(async () => void (await process.stop()))
    const admin = new Redis(redis.url)
    onTestFinished(() => admin.disconnect())
    const token = await newCustomer()
    const send = (url: string) =>
      fetch(`${url}/v1/booking-requests`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
        body: JSON.stringify({
          resource: { type: 'showtime', id: showtime.showtimeId },
          seats: NOWHERE,
          customer: { name: 'Ada', email: 'ada@example.org' },
        }),
      })
    for (let sent = 0; sent < 10; sent++) expect((await send(sent % 2 === 0 ? one.url : other.url)).status).toBe(202)
    await eventually(async () => {
      const keys = await admin.keys('*{limits}:count:refusals:*')
      const points = await Promise.all(keys.map(async (key) => await admin.get(key)))
      // The caller's, and its address'.
      expect(points).toEqual(['100', '100'])
      expect(await admin.keys('*{limits}:holds:*')).toEqual([])
      expect(await admin.keys('*{limits}:ends:*')).toEqual([])
    }, BUSY)
  },
)
