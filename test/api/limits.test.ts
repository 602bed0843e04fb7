import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { createLogger, type Logger } from '@boxoffice/core/runtime/logger.ts'
import { createTestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { startProcess } from '../support/process.ts'
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { startRedisCluster } from '../support/redis-cluster.ts'
import { signTestToken } from '../support/tokens.ts'
import { givenShowtime } from '../support/catalogue.ts'
import { type AppOptions, type RunningApp, showtimeBody, startApp, tokenFor } from './start-app.ts'
import { type LifecycleApp, startLifecycleApp } from './start-lifecycle-app.ts'

/** A long timeout, because counts must be right however slow the machine is. */
const PATIENCE_MS = 10_000

const STORES = hasRedis() ? (['memory', 'redis'] as const) : (['memory'] as const)

async function limitedApp(options: AppOptions): Promise<RunningApp> {
  const app = await startApp({ ...options, limited: true })
  onTestFinished(() => app.close())
  return app
}

async function ask(url: string, token: string | null, headers: Record<string, string> = {}): Promise<Response> {
  const response = await fetch(`${url}/v1/booking-requests`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      ...(token !== null && { Authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: JSON.stringify(showtimeBody()),
  })
  await response.arrayBuffer()
  return response
}

/** Makes `count` calls, one after the other, and returns their statuses. */
async function statuses(count: number, call: (index: number) => Promise<Response>): Promise<number[]> {
  const all: number[] = []
  for (let index = 0; index < count; index++) all.push((await call(index)).status)
  return all
}

const beginSession = (url: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/v1/guest-sessions`, { method: 'POST', headers })

/** Returns a logger whose messages can be read. */
function recordingLogger(): { readonly logger: Logger; lines(): string[] } {
  const messages: string[] = []
  const logger = createLogger('test', 'info')
  for (const level of ['info', 'warn', 'error'] as const) {
    logger[level] = (_context: unknown, message?: string) => void messages.push(`${level}: ${message ?? ''}`)
  }
  return { logger, lines: () => messages }
}

test('metrics count as calls of their address, and probes do not', async () => {
  const METRICS_TOKEN = 'a token for the monitor of the tests'
  const app = await limitedApp({ environment: { RATE_LIMIT_ADDRESS: '3', METRICS_TOKEN } })
  const asked = (path: string) => statuses(4, () => fetch(`${app.url}${path}`))
  expect(await asked('/livez')).toEqual([200, 200, 200, 200])
  expect(await asked('/metrics')).toEqual([401, 401, 401, 429])
  expect(await asked('/livez')).toEqual([200, 200, 200, 200])
})

describe.each(STORES)('limits counted in %s', (store) => {
  let redis: TestRedis | null = null

  beforeAll(async () => {
    if (store === 'redis') redis = await startRedis()
  })
  beforeEach(() => redis?.flush())
  afterAll(() => redis?.stop())

  const counted = (environment: Record<string, string>) => ({
    environment: { ...environment, ...(redis !== null && { QUEUE_URL: redis.url }) },
    redisTimeoutMs: PATIENCE_MS,
  })

  test('an address that calls too often is answered 429 with when to come back', async () => {
    const app = await limitedApp(counted({ RATE_LIMIT_ADDRESS: '3' }))
    expect(await statuses(3, async (index) => ask(app.url, await tokenFor(`a-${index}`)))).toEqual([202, 202, 202])
    const refused = await fetch(`${app.url}/v1/booking-requests`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${await tokenFor('another')}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(showtimeBody()),
    })
    expect(refused.status).toBe(429)
    expect(refused.headers.get('content-type')).toBe('application/problem+json')
    expect(await refused.json()).toMatchObject({ code: 'too_many_requests', status: 429 })
    const retryAfter = Number(refused.headers.get('retry-after'))
    expect(retryAfter).toBeGreaterThan(50)
    expect(retryAfter).toBeLessThanOrEqual(60)
    expect(refused.headers.get('ratelimit')).toMatch(/"address"; r=0; t=\d+/)
    expect(app.line.submissions).toHaveLength(3)
  })

  test('every answer that was counted says what is left, whatever it is', async () => {
    const app = await limitedApp(counted({ RATE_LIMIT_ADDRESS: '100', RATE_LIMIT_CALLER: '10' }))
    const token = await tokenFor('ada')
    const first = await ask(app.url, token)
    expect(first.headers.get('ratelimit')).toMatch(/^"address"; r=99; t=\d+, "caller"; r=9; t=\d+$/)
    expect(first.headers.get('ratelimit-policy')).toMatch(
      /^"address"; q=100; w=60; pk=:[^:]+:, "caller"; q=10; w=60; pk=:[^:]+:$/,
    )
    const missing = await fetch(`${app.url}/v1/booking-requests/01890000-0000-7000-8000-000000000009`, {
      headers: { Authorization: `Bearer ${token}` },
    })
    expect(missing.status).toBe(404)
    expect(missing.headers.get('ratelimit')).toMatch(/"address"; r=98; .*"caller"; r=8;/)
    const stranger = await ask(app.url, null)
    expect(stranger.status).toBe(401)
    expect(stranger.headers.get('ratelimit')).toMatch(/^"address"; r=97; t=\d+$/)
  })

  test('a caller has a limit of its own, wherever it calls from', async () => {
    const app = await limitedApp(counted({ RATE_LIMIT_CALLER: '2', TRUSTED_PROXIES: 'loopback' }))
    const ada = await tokenFor('ada')
    const from = (index: number) => ({ 'X-Forwarded-For': `203.0.113.${index}` })
    expect(await statuses(3, (index) => ask(app.url, ada, from(index)))).toEqual([202, 202, 429])
    expect((await ask(app.url, await tokenFor('grace'), from(1))).status).toBe(202)
  })

  test('tokens that are not valid count against their address', async () => {
    const app = await limitedApp(counted({ RATE_LIMIT_ADDRESS: '3' }))
    expect(await statuses(5, () => ask(app.url, 'bo_guess'))).toEqual([401, 401, 401, 429, 429])
  })

  test('guest sessions are few, and do not use up what others of the address have', async () => {
    const app = await limitedApp(counted({ GUEST_SESSIONS_PER_ADDRESS: '2' }))
    expect(await statuses(3, () => beginSession(app.url))).toEqual([201, 201, 429])
    expect((await ask(app.url, await tokenFor('ada'))).status).toBe(202)
  })

  test('calls sent at once cannot overshoot', async () => {
    const app = await limitedApp(counted({ GUEST_SESSIONS_PER_ADDRESS: '7' }))
    const answers = await Promise.all(Array.from({ length: 40 }, () => beginSession(app.url)))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(7)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(33)
  })

  test('an address may have so many streams open, and more once it closes some', async () => {
    const app = await startLifecycleApp({ ...counted({ STREAMS_PER_ADDRESS: '2' }), limited: true })
    onTestFinished(() => app.close())
    const { showtimeId } = await givenShowtime(app.db.database)
    const open = () => fetch(`${app.url}/v1/showtimes/${showtimeId}/availability/stream`)
    const [first, second] = await Promise.all([open(), open()])
    expect([first.status, second.status]).toEqual([200, 200])
    const refused = await open()
    expect(refused.status).toBe(429)
    expect(refused.headers.get('retry-after')).toBe('30')
    expect(await refused.json()).toMatchObject({ code: 'too_many_requests' })
    // Polling goes on, and a stream opened after another was closed is let in.
    expect((await fetch(`${app.url}/v1/showtimes/${showtimeId}/availability`)).status).toBe(200)
    await first.body?.cancel()
    await expect
      .poll(async () => {
        const again = await open()
        await again.body?.cancel()
        return again.status
      })
      .toBe(200)
    await second.body?.cancel()
  })

  test('a sender of unsigned webhooks is stopped, and the form of a person who asks too often is not read', async () => {
    const app = await limitedApp(counted({ RATE_LIMIT_ADDRESS: '1000' }))
    const forge = () => fetch(`${app.url}/v1/payment-webhooks/nobody`, { method: 'POST', body: '{"forged": true}' })
    expect(new Set(await statuses(300, forge))).toEqual(new Set([404]))
    expect((await forge()).status).toBe(429)

    const lookup = () =>
      fetch(`${app.url}/recover`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{' })
    expect(new Set(await statuses(60, lookup))).toEqual(new Set([400]))
    const refused = await lookup()
    expect(refused.status).toBe(429)
    // A person with a browser is here, who can do nothing with JSON.
    expect(refused.headers.get('Content-Type')).toMatch(/^text\/html/)
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0)
    expect(await refused.text()).toContain('Wait a minute')
  })

  test('the board of queues counts against the address', async () => {
    const app = await limitedApp(counted({ RATE_LIMIT_ADDRESS: '3' }))
    expect(await statuses(4, () => fetch(`${app.url}/admin/queues`))).toEqual([401, 401, 401, 429])
  })

  test('so do the documentation and paths that there are not', async () => {
    const app = await limitedApp(counted({ RATE_LIMIT_ADDRESS: '5' }))
    const get = (path: string) => fetch(`${app.url}${path}`, { redirect: 'manual' })
    const paths = ['/', '/docs', '/docs/init.js', '/openapi.json', '/no/such/path', '/no/such/path', '/docs']
    expect(await statuses(paths.length, (index) => get(paths[index] ?? ''))).toEqual([
      302, 200, 200, 200, 404, 429, 429,
    ])
    expect((await fetch(`${app.url}/livez`, { method: 'DELETE' })).status).toBe(429)
  })

  test('probes are not counted', async () => {
    const app = await limitedApp(counted({ RATE_LIMIT_ADDRESS: '1' }))
    const answers = await Promise.all(Array.from({ length: 5 }, () => fetch(`${app.url}/livez`)))
    for (const { status, headers } of answers) {
      expect(status).toBe(200)
      expect(headers.has('ratelimit')).toBe(false)
    }
  })

  test('a whole IPv6 network of one customer counts as one address, IPv4 in IPv6 clothes as itself', async () => {
    const app = await limitedApp(counted({ GUEST_SESSIONS_PER_ADDRESS: '2', TRUSTED_PROXIES: 'loopback' }))
    const from = (address: string) => () => beginSession(app.url, { 'X-Forwarded-For': address })
    expect(await statuses(1, from('2001:db8:1:2::1'))).toEqual([201])
    expect(await statuses(1, from('2001:db8:1:2:ffff:ffff:ffff:ffff'))).toEqual([201])
    expect(await statuses(1, from('2001:db8:1:2:3::7'))).toEqual([429])
    expect(await statuses(1, from('2001:db8:1:3::1'))).toEqual([201])
    expect(await statuses(2, from('198.51.100.7'))).toEqual([201, 201])
    expect(await statuses(1, from('::ffff:198.51.100.7'))).toEqual([429])
    expect(await statuses(1, from('198.51.100.7:40123'))).toEqual([429])
  })

  describe('guessing references', () => {
    const LETTERS = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789'
    const nowhere = (index: number) =>
      index % 3 === 0 ? 'nonsense' : `ZZZZZZ${LETTERS[Math.floor(index / 31) % 31]}${LETTERS[index % 31]}`

    test('is throttled after 60 misses of a caller, and honest looks do not count', { timeout: 60_000 }, async () => {
      const app = await startLifecycleApp({ ...counted({}), limited: true })
      onTestFinished(() => app.close())
      const { showtimeId, seats } = await givenShowtime(app.db.database)
      const token = await signTestToken('customer')
      const { reference } = await app.book(
        { resource: { type: 'showtime', id: showtimeId }, seats: seats.slice(0, 1) },
        { token },
      )
      const look = async (wanted: string) => (await app.send('GET', `/v1/bookings/${wanted}`, { token })).status
      for (let index = 0; index < 70; index++) expect(await look(reference)).toBe(200)
      for (let index = 0; index < 60; index++) expect(await look(nowhere(index))).toBe(404)
      const refused = await app.send('GET', `/v1/bookings/${reference}`, { token })
      expect(refused.status).toBe(429)
      expect(refused.body).toMatchObject({ code: 'too_many_requests' })
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
      // Somebody else at the same address is not.
      expect(await lookAs(app, await signTestToken('customer'), 'ZZZZZZZZ')).toBe(404)
      // Calls that guess nothing go on.
      expect((await app.send('GET', '/v1/bookings', { token })).status).toBe(200)
    })

    test(
      'is throttled after 300 misses of an address, for its guests and not for who sells',
      { timeout: 60_000 },
      async () => {
        const app = await startLifecycleApp({ ...counted({}), limited: true })
        onTestFinished(() => app.close())
        const { showtimeId, seats, organizerId } = await givenShowtime(app.db.database)
        const { reference } = await app.book({
          resource: { type: 'showtime', id: showtimeId },
          seats: seats.slice(0, 1),
        })
        for (let guest = 0; guest < 6; guest++) {
          const token = await signTestToken('customer')
          for (let index = 0; index < 50; index++) expect(await lookAs(app, token, nowhere(index))).toBe(404)
        }
        expect(await lookAs(app, await signTestToken('customer'), 'ZZZZZZZZ')).toBe(429)
        expect(await lookAs(app, await signTestToken('staff', { organizerId }), reference)).toBe(200)
      },
    )
  })
})

const lookAs = async (app: LifecycleApp, token: string, reference: string) =>
  (await app.send('GET', `/v1/bookings/${reference}`, { token })).status

describe('proxies', () => {
  const CASES: readonly {
    readonly name: string
    readonly trusted: string
    readonly forwarded: readonly [string, string]
    readonly same: boolean
  }[] = [
    { name: 'nobody is trusted', trusted: '', forwarded: ['203.0.113.1', '203.0.113.2'], same: true },
    { name: 'another proxy is trusted', trusted: '10.0.0.0/8', forwarded: ['203.0.113.1', '203.0.113.2'], same: true },
    { name: 'the proxy is trusted', trusted: 'loopback', forwarded: ['203.0.113.1', '203.0.113.2'], same: false },
    { name: 'its network is', trusted: '127.0.0.0/8', forwarded: ['203.0.113.1', '203.0.113.2'], same: false },
    {
      name: 'a client says something in front of what the proxy adds',
      trusted: 'loopback',
      forwarded: ['1.1.1.1, 203.0.113.1', '2.2.2.2, 203.0.113.1'],
      same: true,
    },
    {
      name: 'both proxies are trusted',
      trusted: 'loopback,10.0.0.0/8',
      forwarded: ['203.0.113.1, 10.1.2.3', '203.0.113.2, 10.1.2.3'],
      same: false,
    },
    {
      name: 'what is forwarded is no address',
      trusted: 'loopback',
      forwarded: ['<script>', 'unknown'],
      same: true,
    },
  ]

  test.each(CASES)('$name: one address is $same', async ({ trusted, forwarded: [one, other], same }) => {
    const app = await limitedApp({ environment: { GUEST_SESSIONS_PER_ADDRESS: '1', TRUSTED_PROXIES: trusted } })
    expect((await beginSession(app.url, { 'X-Forwarded-For': one })).status).toBe(201)
    expect((await beginSession(app.url, { 'X-Forwarded-For': other })).status).toBe(same ? 429 : 201)
  })
})

describe('pages of other origins', () => {
  const preflight = (url: string, origin: string, path = '/v1/booking-requests') =>
    fetch(`${url}${path}`, {
      method: 'OPTIONS',
      headers: {
        Origin: origin,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'authorization,content-type,idempotency-key,prefer',
      },
    })

  test.each([
    { name: 'nobody is let in', origins: '', origin: 'https://shop.example', allowed: null },
    {
      name: 'the shop is',
      origins: 'https://shop.example',
      origin: 'https://shop.example',
      allowed: 'https://shop.example',
    },
    {
      name: 'a look-alike is not',
      origins: 'https://shop.example',
      origin: 'https://shop.example.evil.example',
      allowed: null,
    },
    { name: 'another scheme is not', origins: 'https://shop.example', origin: 'http://shop.example', allowed: null },
    { name: 'a null origin is not', origins: 'https://shop.example', origin: 'null', allowed: null },
    {
      name: 'the second of two is',
      origins: 'https://a.example,https://b.example',
      origin: 'https://b.example',
      allowed: 'https://b.example',
    },
    { name: 'everybody is', origins: '*', origin: 'https://anybody.example', allowed: '*' },
  ])('$name', async ({ origins, origin, allowed }) => {
    const app = await limitedApp({ environment: { CORS_ORIGINS: origins } })
    const asked = await preflight(app.url, origin)
    expect(asked.headers.get('access-control-allow-origin')).toBe(allowed)
    // If no origins are set, it is an OPTIONS request like any other.
    expect(asked.status).toBe(origins === '' ? 200 : 204)
    const called = await ask(app.url, await tokenFor('ada'), { Origin: origin })
    expect(called.status).toBe(202)
    expect(called.headers.get('access-control-allow-origin')).toBe(allowed)
    expect(called.headers.get('access-control-allow-credentials')).toBeNull()
  })

  test('may send what the API takes and read what it answers, errors and limits too', async () => {
    const app = await limitedApp({ environment: { CORS_ORIGINS: 'https://shop.example', RATE_LIMIT_ADDRESS: '1' } })
    const asked = await preflight(app.url, 'https://shop.example')
    const sent = asked.headers.get('access-control-allow-headers')?.toLowerCase().split(',')
    for (const name of [
      'authorization',
      'content-type',
      'idempotency-key',
      'prefer',
      'if-none-match',
      'last-event-id',
    ]) {
      expect(sent).toContain(name)
    }
    expect(Number(asked.headers.get('access-control-max-age'))).toBeGreaterThan(0)
    await ask(app.url, await tokenFor('ada'))
    const refused = await ask(app.url, await tokenFor('ada'), { Origin: 'https://shop.example' })
    expect(refused.status).toBe(429)
    expect(refused.headers.get('access-control-allow-origin')).toBe('https://shop.example')
    expect(refused.headers.get('vary')).toContain('Origin')
    const read = refused.headers.get('access-control-expose-headers')?.toLowerCase().split(',')
    for (const name of [
      'location',
      'retry-after',
      'etag',
      'ratelimit',
      'ratelimit-policy',
      'idempotency-replayed',
      'x-request-id',
      'preference-applied',
    ]) {
      expect(read).toContain(name)
    }
  })

  test('preflights are answered for any path and are not counted', async () => {
    const app = await limitedApp({ environment: { CORS_ORIGINS: '*', RATE_LIMIT_ADDRESS: '1' } })
    for (const path of ['/v1/booking-requests', '/v1/bookings/K7QXM2PA', '/no/such/path', '/v1/venues/x']) {
      const asked = await preflight(app.url, 'https://shop.example', path)
      expect(asked.status).toBe(204)
      expect(asked.headers.has('ratelimit')).toBe(false)
    }
    expect((await ask(app.url, await tokenFor('ada'))).status).toBe(202)
  })
})

test('a proxy that is not trusted is told of in the log, once', async () => {
  const { logger, lines } = recordingLogger()
  const app = await limitedApp({ logger })
  await beginSession(app.url)
  expect(lines()).toEqual([])
  for (let call = 0; call < 3; call++) await beginSession(app.url, { 'X-Forwarded-For': '203.0.113.1' })
  expect(lines()).toEqual([expect.stringContaining('TRUSTED_PROXIES')])
})

describe('security headers', () => {
  test('are on every kind of answer', async () => {
    const app = await limitedApp({ environment: { RATE_LIMIT_CALLER: '2' } })
    const token = await tokenFor('ada')
    const accepted = await ask(app.url, token)
    const stream = await fetch(`${app.url}/v1/booking-requests/${app.line.lastId()}/stream`, {
      headers: { Authorization: `Bearer ${token}` },
    })
    onTestFinished(() => stream.body?.cancel())
    const answers = {
      202: accepted,
      200: stream,
      429: await ask(app.url, token),
      401: await ask(app.url, null),
      404: await fetch(`${app.url}/no/such/path`),
      405: await fetch(`${app.url}/livez`, { method: 'DELETE' }),
    }
    expect(stream.headers.get('content-type')).toBe('text/event-stream')
    for (const [status, { status: answered, headers }] of Object.entries(answers)) {
      expect(answered).toBe(Number(status))
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('content-security-policy')).toContain("default-src 'none'")
      expect(headers.get('strict-transport-security')).toContain('max-age=')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.has('x-powered-by')).toBe(false)
    }
  })
})

describe.runIf(hasRedis())('Redis that counts', () => {
  let redis: TestRedis

  beforeEach(async () => {
    redis = await startRedis()
  })
  afterEach(() => redis.stop())

  test('is asked once for address, caller and guesses, and once for what is held', async () => {
    const app = await limitedApp({ environment: { QUEUE_URL: redis.url, TRUSTED_PROXIES: 'loopback' } })
    const admin = new Redis(redis.url)
    onTestFinished(() => admin.disconnect())
    const scripts = async () => {
      const stats = await admin.info('commandstats')
      return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0)
    }
    const customer = await tokenFor('ada')
    app.line.organizerId = randomUUID()
    const staff = await tokenFor('counter', 'staff', 60, app.line.organizerId)
    // The first of each teaches Redis its script.
    await ask(app.url, customer)
    await ask(app.url, staff)
    await eventually(async () => {
      const before = await scripts()
      await ask(app.url, staff)
      expect(await scripts()).toBe(before + 1)
    })
    await eventually(async () => {
      const before = await scripts()
      await ask(app.url, staff, { 'X-Forwarded-For': '2001:db8::1' })
      // This holds for any number of networks that the address stands for.
      expect(await scripts()).toBe(before + 1)
    })
    await eventually(async () => {
      const before = await scripts()
      await fetch(`${app.url}/v1/bookings/nonsense`, { headers: { Authorization: `Bearer ${staff}` } })
      // Ask once more, now that the process knows that there is no such booking.
      expect(await scripts()).toBe(before + 2)
    })
  })

  test('and hangs is not felt: calls are let in, and counted by the process meanwhile', async () => {
    const app = await limitedApp({ environment: { QUEUE_URL: redis.url, RATE_LIMIT_CALLER: '4' } })
    const token = await tokenFor('ada')
    expect((await ask(app.url, token)).status).toBe(202)
    redis.freeze()
    const started = performance.now()
    expect((await ask(app.url, token)).status).toBe(202)
    // 100 ms once; the rest is room for a busy machine.
    expect(performance.now() - started).toBeLessThan(1_500)
    const again = performance.now()
    expect(await statuses(2, () => ask(app.url, token))).toEqual([202, 202])
    expect(performance.now() - again).toBeLessThan(1_000)
    // This does not last: the process counts by itself.
    expect((await statuses(3, () => ask(app.url, token))).at(-1)).toBe(429)
    redis.resume()
    await eventually(async () => {
      const { headers } = await ask(app.url, await tokenFor(`grace-${Math.random()}`))
      expect(headers.get('ratelimit')).toContain('"caller"; r=3')
      const admin = new Redis(redis.url)
      try {
        expect((await admin.keys('*count:caller:*')).length).toBeGreaterThan(1)
      } finally {
        admin.disconnect()
      }
    })
  })

  test('and is gone is not felt either', async () => {
    const { logger, lines } = recordingLogger()
    const app = await limitedApp({ environment: { QUEUE_URL: redis.url }, logger })
    await redis.kill()
    const started = performance.now()
    expect(await statuses(5, async (index) => ask(app.url, await tokenFor(`a-${index}`)))).toEqual(
      Array<number>(5).fill(202),
    )
    expect(performance.now() - started).toBeLessThan(2_000)
    expect(lines()).toEqual([expect.stringContaining('every process counts by itself')])
  })

  test('holds no address, subject or e-mail in its keys and values', async () => {
    const app = await limitedApp({ environment: { QUEUE_URL: redis.url, TRUSTED_PROXIES: 'loopback' } })
    await ask(app.url, await tokenFor('ada.lovelace'), { 'X-Forwarded-For': '203.0.113.77' })
    const admin = new Redis(redis.url)
    onTestFinished(() => admin.disconnect())
    const keys = await admin.keys('*')
    expect(keys.length).toBeGreaterThan(3)
    expect(keys.join(' ')).not.toMatch(/\bada\b|example|203\.0\.113/)
    // All in one slot of a cluster, and all of them end.
    for (const key of keys) {
      expect(key).toContain('{limits}')
      expect(await admin.pttl(key)).toBeGreaterThan(0)
    }
  })

  test('may be a cluster', { timeout: 60_000 }, async () => {
    const cluster = await startRedisCluster()
    onTestFinished(() => cluster.stop())
    const environment = { QUEUE_URL: cluster.url, RATE_LIMIT_CALLER: '2', HOLDS_PER_ADDRESS: '5' }
    const one = await limitedApp({ environment, redisTimeoutMs: PATIENCE_MS })
    const other = await limitedApp({ environment, redisTimeoutMs: PATIENCE_MS })
    const ada = await tokenFor('ada')
    expect(await statuses(3, (index) => ask([one, other][index % 2]?.url ?? '', ada))).toEqual([202, 202, 429])
    // Four of five places are held. Whether they still are, only a database would know, and there is none.
    expect(await statuses(1, async () => ask(other.url, await tokenFor('grace')))).toEqual([503])
    expect(await cluster.nodesWithKeys()).toBe(1)
  })

  test('counts for two processes together', { timeout: 60_000 }, async () => {
    const db = await createTestDatabase()
    onTestFinished(() => db.drop())
    const environment = {
      DATABASE_URL: db.url,
      QUEUE_URL: redis.url,
      LIMITS: 'on',
      GUEST_SESSIONS_PER_ADDRESS: '6',
    }
    const one = await startProcess('api', environment)
    onTestFinished(async () => void (await one.stop()))
    const other = await startProcess('api', environment)
    onTestFinished(async () => void (await other.stop()))
    const answers = await statuses(10, (index) => beginSession(index % 2 === 0 ? one.url : other.url))
    expect(answers).toEqual([201, 201, 201, 201, 201, 201, 429, 429, 429, 429])
  })
})
