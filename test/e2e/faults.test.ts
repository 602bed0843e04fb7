import { wishesOf } from '@boxoffice/core/domain/wish.ts'
import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RequestView } from '@boxoffice/core/booking-requests/request-view.ts'
import { openRedisTransport } from '@boxoffice/core/queue/redis-transport.ts'
import { parseRedisUrl } from '@boxoffice/core/settings/redis-url.ts'
import type { Transport } from '@boxoffice/core/queue/transport.ts'
import { bookedOf, codesOf, readOutcomes } from '../concurrency/races.ts'
import { givenShowtime } from '../support/catalogue.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { holdLock, waitForBlocked } from '../support/locks.ts'
import { testLogger } from '../support/logger.ts'
import { startProcess, type TestApi, type TestProcess } from '../support/process.ts'
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { signTestToken, TEST_SECRETS } from '../support/tokens.ts'

/** Two APIs and a worker or two, each a process of its own, on PostgreSQL and Redis. One of them breaks. */
describe.runIf(hasRedis())('through the loss of a process', () => {
  let db: TestDatabase
  let redis: TestRedis
  let environment: Record<string, string>
  let apis: TestApi[] = []
  /** The workers that are alive. */
  let workers: TestProcess[] = []
  /** The test's own view of the queues. */
  let transport: Transport

  beforeAll(async () => {
    ;[db, redis] = await Promise.all([createTestDatabase(), startRedis()])
    environment = { DATABASE_URL: db.url, QUEUE_URL: redis.url, LOG_LEVEL: 'error', ...TEST_SECRETS }
    const [one, two] = await Promise.all([
      startProcess('api', environment),
      startProcess('api', environment),
      addWorker(),
    ])
    apis = [one, two]
    const target = parseRedisUrl(redis.url)
    if (target === null) throw new Error('no target')
    transport = await openRedisTransport({ target, namespace: 'boxoffice', logger: testLogger })
  })
  afterAll(async () => {
    await transport.close()
    await Promise.all([...apis, ...workers].map((process) => process.stop()))
    await redis.stop()
    await db.drop()
  })

  async function addWorker(): Promise<void> {
    workers.push(await startProcess('worker', environment))
  }

  function onlyWorker(): TestProcess {
    const [only, ...others] = workers
    if (only === undefined || others.length > 0) throw new Error(`there are ${workers.length} workers`)
    return only
  }

  interface Answer {
    readonly status: number
    readonly ms: number
    readonly headers: Headers
    readonly view: RequestView
  }

  /** Submits a request for seats; by default from a new customer. */
  async function submit(
    api: number,
    showtimeId: string,
    seats: readonly string[],
    { token, key, name = 'Ada Lovelace' }: { token?: string; key?: string; name?: string } = {},
  ): Promise<Answer> {
    const body = {
      resource: { type: 'showtime', id: showtimeId },
      seats,
      customer: { name, email: `${randomUUID()}@example.org` },
    }
    const headers = {
      'Content-Type': 'application/json',
      Authorization: `Bearer ${token ?? (await signTestToken('customer'))}`,
      ...(key !== undefined && { 'Idempotency-Key': key }),
    }
    const since = performance.now()
    const response = await fetch(`${apis[api % apis.length]?.url}/v1/booking-requests`, {
      method: 'POST',
      headers,
      body: JSON.stringify(key === undefined ? body : { ...body, customer: { name, email: 'same@example.org' } }),
    })
    const view = (await response.json()) as RequestView
    return { status: response.status, ms: performance.now() - since, headers: response.headers, view }
  }

  const decided = (showtimeId: string, count: number, withinMs = 10_000) =>
    eventually(
      async () => {
        const outcomes = await readOutcomes(db, showtimeId)
        expect(outcomes).toHaveLength(count)
        return outcomes
      },
      { withinMs },
    )

  /** Expects one outcome for every request, written once together with everything that follows from it. */
  async function expectOnce(showtimeId: string, requests: number, bookings: number): Promise<void> {
    expect(await bookedOf(db, showtimeId)).toEqual({
      bookings,
      places: bookings,
      audited: requests,
      announced: requests,
    })
  }

  const lockState = (showtimeId: string) =>
    holdLock(db, 'select from resource_state where resource_id = $1 for no key update', [showtimeId])

  it('books one seat for one request that is sent ten times at once, by one key, to two APIs', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 0 })
    const same = { token: await signTestToken('customer'), key: randomUUID() }
    const answers = await Promise.all(Array.from({ length: 10 }, (_, index) => submit(index, showtimeId, ['A1'], same)))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]))
    expect(new Set(answers.map(({ view }) => view.id)).size).toBe(1)
    expect(answers.filter(({ headers }) => headers.has('Idempotency-Replayed'))).toHaveLength(9)
    expect(codesOf(await decided(showtimeId, 1))).toEqual(['booked'])
    await expectOnce(showtimeId, 1, 1)
  })

  it('refuses the one request of 201 that holds U+0000, and books the others', async () => {
    const { showtimeId, seats } = await givenShowtime(db.database, { lane: 1, rows: 10, seatsPerRow: 21 })
    const answers = await Promise.all(
      seats
        .slice(0, 201)
        .map((seat, index) => submit(index, showtimeId, [seat], index === 100 ? { name: 'A\0a' } : {})),
    )
    expect(answers.flatMap(({ status }, index) => (status === 202 ? [] : [[index, status]]))).toEqual([[100, 400]])
    expect(new Set(codesOf(await decided(showtimeId, 200)))).toEqual(new Set(['booked']))
    await expectOnce(showtimeId, 200, 200)
  })

  const LANE_OF_KILLED = 2

  it('decides nothing twice when a worker is killed between its commit and the end of its job', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: LANE_OF_KILLED })
    // Once the worker has read the request it can write nothing.
    const bookings = await holdLock(db, 'lock table bookings in share mode')
    const first = await submit(0, showtimeId, ['A1'])
    await waitForBlocked(db, { by: bookings })
    // Comes after the worker's transaction and before the look at its outcome, without which the job does not end.
    const table = db.open({ name: 'test-table-lock', max: 1 })
    const locking = await table.pool.connect()
    try {
      await locking.query('begin')
      const locked = locking.query('lock table booking_requests in access exclusive mode')
      await waitForBlocked(db, { count: 2 })
      await bookings.release()
      await locked
      const { rows } = await locking.query('select state from booking_requests where id = $1', [first.view.id])
      expect(rows).toEqual([{ state: 'booked' }])
      await onlyWorker().kill()
      workers = []
    } finally {
      await locking.query('rollback')
      locking.release()
      await table.close()
      await bookings.release()
    }
    const [left] = await transport.queue(LANE_OF_KILLED).getJobs(['active'])
    expect(left?.data.requestIds).toEqual([first.view.id])
    // Ends the 15 s for which a job belongs to its worker: sooner or later another worker repeats it.
    const client = new Redis(redis.url)
    expect(await client.del(`boxoffice:{lane-02}:bookings-02:${left?.id}:lock`)).toBe(1)
    client.disconnect()

    const second = await submit(1, showtimeId, ['A1'])
    await submit(0, showtimeId, ['A2'])
    await addWorker()
    const outcomes = await decided(showtimeId, 3)
    expect(outcomes.slice(0, 2).map(({ id }) => id)).toEqual([first.view.id, second.view.id])
    expect(codesOf(outcomes)).toEqual(['booked', 'seat_unavailable', 'booked'])
    await expectOnce(showtimeId, 3, 2)
  })

  it('goes on deciding within 5 s when a worker is frozen inside its transaction, and with it when it is back', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 3 })
    const frozen = onlyWorker()
    const inventory = await lockState(showtimeId)
    try {
      await submit(0, showtimeId, ['A1'])
      await waitForBlocked(db, { by: inventory })
      await addWorker()
      frozen.freeze()
      await inventory.release()
      const since = performance.now()
      await submit(1, showtimeId, ['A1'])
      expect(codesOf(await decided(showtimeId, 2, 5_000))).toEqual(['booked', 'seat_unavailable'])
      expect(performance.now() - since).toBeLessThan(5_000)
    } finally {
      await inventory.release()
      frozen.resume()
    }
    await expectOnce(showtimeId, 2, 1)

    workers = workers.filter((worker) => worker !== frozen)
    expect(await onlyWorker().stop()).toEqual({ code: 0, signal: null })
    workers = [frozen]
    await submit(0, showtimeId, ['A2'])
    expect(codesOf(await decided(showtimeId, 3))).toEqual(['booked', 'seat_unavailable', 'booked'])
    await addWorker()
  })

  it('answers as fast as ever while Redis hangs, and decides all the same', async () => {
    const { showtimeId, seats } = await givenShowtime(db.database, { lane: 4, rows: 10, seatsPerRow: 20 })
    redis.freeze()
    try {
      const times: number[] = []
      const customers = Array.from({ length: 20 }, async (_, customer) => {
        for (let index = customer; index < seats.length; index += 20) {
          const { status, ms } = await submit(index, showtimeId, [seats[index] ?? ''])
          expect(status).toBe(202)
          times.push(ms)
        }
      })
      await Promise.all(customers)
      times.sort((a, b) => a - b)
      expect(times.at(Math.floor(times.length * 0.99))).toBeLessThan(1_000)
      expect(new Set(codesOf(await decided(showtimeId, seats.length)))).toEqual(new Set(['booked']))
    } finally {
      redis.resume()
    }
    await expectOnce(showtimeId, seats.length, seats.length)
  })

  it(
    'finishes the job of the killed worker by another one, with nothing left to decide',
    { timeout: 40_000 },
    async () => {
      const queue = transport.queue(LANE_OF_KILLED)
      await eventually(
        async () => {
          const jobs = await queue.getJobs(['completed'])
          expect(jobs.map(({ data, returnvalue }) => [data.lines[0].from, returnvalue])).toContainEqual([
            1,
            { booked: 1 },
          ])
        },
        { withinMs: 30_000, everyMs: 100 },
      )
      expect(await queue.getActiveCount()).toBe(0)
      expect(await queue.getFailedCount()).toBe(0)
    },
  )

  it('keeps every place in line while Redis is flushed, killed and started again', { timeout: 40_000 }, async () => {
    const { showtimeId, seats } = await givenShowtime(db.database, { lane: 5, rows: 15, seatsPerRow: 10 })
    const firsts = new Map<string, string>()
    let sent = 0
    const faults = new Map([
      [40, () => redis.flush()],
      [80, () => redis.kill()],
      [120, () => redis.restart()],
    ])
    const customers = Array.from({ length: 10 }, async (_, customer) => {
      for (let index = customer; index < seats.length; index += 10) {
        const seat = seats[index] ?? ''
        const first = await submit(index, showtimeId, [seat])
        firsts.set(seat, first.view.id)
        const second = await submit(index + 1, showtimeId, [seat])
        expect([first.status, second.status]).toEqual([202, 202])
        sent += 1
        await faults.get(sent)?.()
      }
    })
    await Promise.all(customers)
    for (const { id, state, payload } of await decided(showtimeId, 2 * seats.length)) {
      expect({ id, state }).toEqual({
        id,
        state: firsts.get(wishesOf(payload)[0]?.seats[0]?.label ?? '') === id ? 'booked' : 'refused',
      })
    }
    await expectOnce(showtimeId, 2 * seats.length, seats.length)

    // The workers have found the new Redis by now, or will: jobs are done again, not only swept up.
    const next = await givenShowtime(db.database, { lane: 6 })
    await eventually(
      async () => {
        await submit(0, next.showtimeId, ['A1'])
        expect(await transport.queue(6).getCompletedCount()).toBeGreaterThan(0)
      },
      { withinMs: 20_000, everyMs: 200 },
    )
  })
})
