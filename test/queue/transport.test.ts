import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { createLogger } from '@boxoffice/core/runtime/logger.ts'
import type { Outcome } from '@boxoffice/core/domain/booking-request.ts'
import {
  type DecideJob,
  type DecideResult,
  PAYLOAD_VERSION,
  type ReceivedDecideJob,
  type Signal,
} from '@boxoffice/core/queue/payloads.ts'
import { narrow, openPostgresTransport } from '@boxoffice/core/queue/postgres-transport.ts'
import { openRedisTransport } from '@boxoffice/core/queue/redis-transport.ts'
import { parseRedisUrl } from '@boxoffice/core/settings/redis-url.ts'
import type { LaneConsumer, Transport } from '@boxoffice/core/queue/transport.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { TEST_LANES } from '../support/lanes.ts'
import { testLogger } from '../support/logger.ts'
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { startRedisCluster } from '../support/redis-cluster.ts'
import { shared } from '../support/shared.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'

/** The service behind a transport, and the ways in which it breaks. */
interface Backend {
  start(): Promise<void>
  /** Opens the transport of another process. */
  open(): Promise<Transport>
  /** Keeps connections open and answers nothing. */
  freeze(): void
  resume(): void
  /** Makes the service unreachable; state that is not durable is lost. */
  takeAway(): Promise<void>
  bringBack(): Promise<void>
  /** Publishes something that no transport would. */
  publishRaw(message: string): Promise<void>
  stop(): Promise<void>
}

function redisBackend(): Backend {
  let redis: TestRedis
  return {
    start: async () => {
      redis = await startRedis()
    },
    open: () => openRedis(redis.url),
    freeze: () => redis.freeze(),
    resume: () => redis.resume(),
    takeAway: () => redis.kill(),
    bringBack: () => redis.restart(),
    publishRaw: async (message) => {
      const client = new Redis(redis.url)
      await client.publish('test:signals', message)
      client.disconnect()
    },
    stop: () => redis.stop(),
  }
}

function openRedis(url: string, namespace = 'test'): Promise<Transport> {
  const target = parseRedisUrl(url)
  if (target === null) throw new Error(`not a Redis URL: ${url}`)
  return openRedisTransport({ target, namespace, logger: testLogger })
}

/** Breaks the network to PostgreSQL instead of the server, which all test files share. */
function postgresBackend(): Backend {
  let db: TestDatabase
  let network: TcpProxy
  return {
    start: async () => {
      db = await createTestDatabase()
      const { hostname, port } = new URL(db.url)
      network = await startTcpProxy({ host: hostname, port: Number(port) })
    },
    open: () => {
      const url = new URL(db.url)
      url.hostname = '127.0.0.1'
      url.port = String(network.port)
      return openPostgresTransport({ url: url.href, lanes: TEST_LANES, logger: testLogger })
    },
    freeze: () => network.freeze(),
    resume: () => network.resume(),
    takeAway: () => network.cut(),
    bringBack: () => network.restore(),
    publishRaw: async (message) => {
      await db.database.pool.query(`select pg_notify('boxoffice_signals', $1)`, [message])
    },
    stop: async () => {
      await network.close()
      await db.drop()
    },
  }
}

const jobFor = (from = 1, to = from): DecideJob => ({
  v: PAYLOAD_VERSION,
  lines: [{ id: randomUUID(), name: 'The Third Man · One', from, to }],
  requestIds: Array.from({ length: to - from + 1 }, () => randomUUID()),
})

/** Returns the first place that a job notifies of; 0 for a job of the version before. */
const fromOf = (job: ReceivedDecideJob): number => job.lines?.[0]?.from ?? 0

const signalFor = (watermark: number, outcomes?: readonly Outcome[]): Signal => ({
  v: PAYLOAD_VERSION,
  lines: [{ id: randomUUID(), watermark }],
  ...(outcomes && { outcomes }),
  versions: { [randomUUID()]: watermark },
})

const ascending = (a: number, b: number) => a - b

/** Returns a signal as every transport carries it: outcomes are left out if they do not fit. */
const withoutOutcomes = ({ outcomes: _left, ...rest }: Signal): Signal => rest

function contract(name: string, backend: Backend): void {
  describe(`the transport on ${name}`, () => {
    let transports: Transport[]
    let consumers: LaneConsumer[] = []
    /** A lane of its own for every test, because jobs of an earlier one must not disturb it. */
    let lane = -1
    const transport = (index = 0): Transport => {
      const found = transports[index]
      if (found === undefined) throw new Error('no such transport')
      return found
    }
    const work = (on: Transport, handle: (job: ReceivedDecideJob) => Promise<DecideResult>, inLane = lane) => {
      consumers.push(on.work(inLane, handle))
    }

    beforeAll(async () => {
      await backend.start()
      transports = [await backend.open(), await backend.open()]
    })
    afterEach(async () => {
      await Promise.all(consumers.map((consumer) => consumer.close(2_000)))
      consumers = []
    })
    afterAll(async () => {
      await Promise.all(transports.map((open) => open.close()))
      await backend.stop()
    })

    const nextLane = () => (lane += 1)

    it('brings a job to its lane as it was sent, and keeps its result', async () => {
      nextLane()
      const job = jobFor(5, 7)
      const received: ReceivedDecideJob[] = []
      work(transport(1), (data) => {
        received.push(data)
        return Promise.resolve({ booked: 2, seat_unavailable: 1 })
      })
      await transport().notify(lane, job)
      const done = await eventually(async () => {
        const [found] = await transport().queue(lane).getJobs(['completed'])
        expect(found).toBeDefined()
        return found
      })
      expect(received).toEqual([job])
      expect(done).toMatchObject({
        name: 'The Third Man · One',
        data: job,
        returnvalue: { booked: 2, seat_unavailable: 1 },
      })
    })

    it('brings each job to one of the processes, and of the jobs of a lane at most 50 at once to each', async () => {
      nextLane()
      const jobs = Array.from({ length: 120 }, (_, index) => jobFor(index + 1))
      const received: number[] = []
      const atOnce = [0, 0]
      const gate = Promise.withResolvers<void>()
      for (const [process, on] of transports.entries()) {
        work(on, async (data) => {
          received.push(fromOf(data))
          atOnce[process] = (atOnce[process] ?? 0) + 1
          expect(atOnce[process]).toBeLessThanOrEqual(50)
          await gate.promise
          atOnce[process] -= 1
          return {}
        })
      }
      await Promise.all(jobs.map((job) => transport().notify(lane, job)))
      await eventually(() => expect(atOnce).toEqual([50, 50]))
      expect(await transport().waiting(lane)).toBe(20)
      gate.resolve()
      await eventually(() => expect(received).toHaveLength(120))
      expect(received.toSorted(ascending)).toEqual(jobs.map(fromOf))
    })

    it('counts the jobs of a lane that nobody has taken yet', async () => {
      const [one, other] = [nextLane(), nextLane()]
      expect(await transport().waiting(one)).toBe(0)
      for (const from of [1, 2, 3]) await transport().notify(one, jobFor(from))
      expect(await transport(1).waiting(one)).toBe(3)
      expect(await transport(1).waiting(other)).toBe(0)
      const held = Promise.withResolvers<DecideResult>()
      work(transport(), () => held.promise, one)
      await eventually(async () => expect(await transport(1).waiting(one)).toBe(0))
      held.resolve({})
      await eventually(async () => expect(await transport().queue(one).getCompletedCount()).toBe(3))
      expect(await transport(1).waiting(one)).toBe(0)
    })

    it('names a job by what is sold, and how many more there are', async () => {
      nextLane()
      const line = (name: string) => ({ id: randomUUID(), name, from: 1, to: 1 })
      const named = async (...names: string[]) => {
        const job: DecideJob = { v: PAYLOAD_VERSION, lines: names.map(line), requestIds: names.map(() => randomUUID()) }
        await transport().notify(lane, job)
        const jobs = await transport().queue(lane).getJobs(['waiting'])
        return jobs.find(({ data }) => data.requestIds[0] === job.requestIds[0])?.name
      }
      expect(await named('Winter Lights')).toBe('Winter Lights')
      expect(await named('The Third Man · One', 'Winter Lights', 'Playtime · Two')).toBe(
        'The Third Man · One and 2 more',
      )
      expect(await named('🎬'.repeat(100))).toBe('🎬'.repeat(80))
    })

    it('brings a job of the version before, as far as it is understood', async () => {
      nextLane()
      const received: ReceivedDecideJob[] = []
      work(transport(1), (data) => {
        received.push(data)
        return Promise.resolve({ booked: 2 })
      })
      const requestIds = [randomUUID(), randomUUID()]
      await transport().queue(lane).add('decide', { v: 1, lane, from: 7, to: 8, requestIds })
      const [done] = await eventually(async () => {
        const jobs = await transport().queue(lane).getJobs(['completed'])
        expect(jobs).toHaveLength(1)
        return jobs
      })
      expect(received).toEqual([{ v: 1, requestIds }])
      expect(done?.returnvalue).toEqual({ booked: 2 })
    })

    it('lets no lane wait for another one', async () => {
      const [slow, quick] = [nextLane(), nextLane()]
      const quickDone = Promise.withResolvers<DecideResult>()
      const slowDone = Promise.withResolvers<void>()
      const waitForQuick = async () => {
        const result = await quickDone.promise
        slowDone.resolve()
        return result
      }
      work(transport(), waitForQuick, slow)
      work(
        transport(),
        () => {
          quickDone.resolve({ booked: 1 })
          return quickDone.promise
        },
        quick,
      )
      await transport().notify(slow, jobFor())
      await eventually(async () => expect(await transport().queue(slow).getActiveCount()).toBe(1))
      await transport().notify(quick, jobFor())
      await slowDone.promise
    })

    it('keeps a notification until somebody consumes it', async () => {
      nextLane()
      const job = jobFor()
      await transport().notify(lane, job)
      const received = Promise.withResolvers<ReceivedDecideJob>()
      work(transport(1), (data) => {
        received.resolve(data)
        return Promise.resolve({})
      })
      expect(await received.promise).toEqual(job)
    })

    it('tries a job again, with growing pauses, while its handler throws, and does others meanwhile', async () => {
      nextLane()
      const attempts: number[] = []
      const others: number[] = []
      work(transport(), (data) => {
        if (fromOf(data) === 1) attempts.push(performance.now())
        else others.push(attempts.length)
        if (fromOf(data) === 1 && attempts.length < 3) throw new Error('the database is away')
        return Promise.resolve({ booked: 1 })
      })
      await transport().notify(lane, jobFor(1))
      await eventually(() => expect(attempts).toHaveLength(1))
      await transport().notify(lane, jobFor(2))
      await eventually(async () => expect(await transport().queue(lane).getCompletedCount()).toBe(2))
      expect(others).toEqual([1])
      const [first = 0, second = 0, third = 0] = attempts
      expect(second - first).toBeGreaterThan(100)
      expect(third - second).toBeGreaterThan(200)
      const jobs = await transport().queue(lane).getJobs(['completed'])
      expect(jobs.map(({ attemptsMade }) => attemptsMade).toSorted(ascending)).toEqual([1, 3])
    })

    it('leaves a job of a newer version alone, and goes on with the next one', async () => {
      nextLane()
      const received: ReceivedDecideJob[] = []
      work(transport(), (data) => {
        received.push(data)
        return Promise.resolve({})
      })
      const job = jobFor(2)
      await transport()
        .queue(lane)
        .add('decide', { ...jobFor(1), v: 3, gate: 'unheard of' })
      await transport().notify(lane, job)
      await eventually(() => expect(received).toEqual([job]))
      const [failed] = await eventually(async () => {
        const jobs = await transport().queue(lane).getJobs(['failed'])
        expect(jobs).toHaveLength(1)
        return jobs
      })
      expect(failed).toMatchObject({
        attemptsMade: 1,
        data: { v: 3 },
        failedReason: expect.stringContaining('version'),
      })
    })

    describe('with two processes listening', () => {
      const heard: Signal[][] = [[], []]
      const gaps = [0, 0]
      beforeAll(async () => {
        for (const [index, on] of transports.entries()) {
          await on.subscribe({
            onSignal: (signal) => void heard[index]?.push(signal),
            onGap: () => {
              gaps[index] = (gaps[index] ?? 0) + 1
            },
          })
        }
      })

      it('tells both of lines, their versions and, where there is room, their outcomes', async () => {
        const decided: Outcome = {
          id: randomUUID(),
          state: 'refused',
          decidedAt: new Date().toISOString(),
          booking: null,
          refusal: { code: 'seat_unavailable', detail: 'Already taken: A5.', seats: ['A5'] },
        }
        const signal = signalFor(12, [decided])
        await transport().publish(signal)
        await eventually(() => {
          for (const signals of heard) {
            expect(signals.map(withoutOutcomes)).toEqual([withoutOutcomes(signal)])
            expect(signals[0]?.outcomes ?? [decided]).toEqual([decided])
          }
        })
      })

      it('tells both of a change outside any line, and of many at once', async () => {
        const versions = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [randomUUID(), index]))
        for (const signals of heard) signals.length = 0
        await transport(1).publish({ v: PAYLOAD_VERSION, versions })
        await eventually(() => {
          for (const signals of heard) {
            expect(Object.assign({}, ...signals.map((signal) => signal.versions))).toEqual(versions)
            expect(signals.some(({ lines }) => lines !== undefined)).toBe(false)
          }
        })
      })

      it('tells nobody of a signal of another version, or of what is none at all', async () => {
        for (const signals of heard) signals.length = 0
        await backend.publishRaw(JSON.stringify({ v: 3, versions: {} }))
        await backend.publishRaw('not a signal')
        await backend.publishRaw('[]')
        const signal = signalFor(13)
        await transport().publish(signal)
        await eventually(() => {
          for (const signals of heard) expect(signals).toEqual([signal])
        })
      })

      it('tells both what has not changed since of a signal of the version before', async () => {
        for (const signals of heard) signals.length = 0
        const versions = { [randomUUID()]: 7 }
        await backend.publishRaw(JSON.stringify({ v: 1, lane: { id: 3, watermark: 12, outcomes: [] }, versions }))
        await backend.publishRaw(JSON.stringify({ v: 1, versions }))
        await eventually(() => {
          const signal = { v: PAYLOAD_VERSION, versions }
          for (const signals of heard) expect(signals).toEqual([signal, signal])
        })
      })

      it('tells nobody of a signal with malformed lines or outcomes', async () => {
        for (const signals of heard) signals.length = 0
        const id = randomUUID()
        for (const malformed of [
          { lines: {} },
          { lines: [null] },
          { lines: [{ id }] },
          { lines: [{ id: 7, watermark: 7 }] },
          { lines: [{ id, watermark: '7' }] },
          { lines: [{ id, watermark: 7 }], outcomes: [{}] },
          { outcomes: 'none' },
        ]) {
          await backend.publishRaw(JSON.stringify({ v: PAYLOAD_VERSION, versions: {}, ...malformed }))
        }
        await backend.publishRaw(JSON.stringify({ v: PAYLOAD_VERSION, lines: [{ id, watermark: 7 }] }))
        const signal = signalFor(14)
        await transport().publish(signal)
        await eventually(() => {
          for (const signals of heard) expect(signals).toEqual([signal])
        })
      })

      it(
        'says that signals may have been lost once it is connected again, and goes on',
        { timeout: 20_000 },
        async () => {
          nextLane()
          const received: number[] = []
          work(transport(1), (data) => {
            received.push(fromOf(data))
            return Promise.resolve({})
          })
          const before = [...gaps]
          await backend.takeAway()
          await expect(transport().notify(lane, jobFor(1))).rejects.toBeInstanceOf(Error)
          await expect(transport().publish(signalFor(14))).rejects.toBeInstanceOf(Error)
          await backend.bringBack()
          await eventually(() => {
            for (const [index, count] of gaps.entries()) expect(count).toBeGreaterThan(before[index] ?? 0)
          })

          for (const signals of heard) signals.length = 0
          const signal = signalFor(15)
          await eventually(() => transport().publish(signal))
          await eventually(() => {
            for (const signals of heard) expect(signals).toContainEqual(signal)
          })
          await eventually(() => transport().notify(lane, jobFor(2)))
          await eventually(() => expect(received).toContain(2), { withinMs: 10_000 })
        },
      )
    })

    it(
      'is not felt for more than two or three seconds while it hangs, and works again after',
      { timeout: 20_000 },
      async () => {
        nextLane()
        const received: number[] = []
        work(transport(1), (data) => {
          received.push(fromOf(data))
          return Promise.resolve({})
        })
        await transport().notify(lane, jobFor(1))
        await eventually(() => expect(received).toEqual([1]))
        backend.freeze()
        try {
          const since = performance.now()
          const results = await Promise.allSettled([
            transport().notify(lane, jobFor(2)),
            transport().publish(signalFor(1)),
            transport().waiting(lane),
            transport().availability.get('somewhere'),
            transport().availability.setIfNewer('somewhere', 1, '{}'),
          ])
          expect(performance.now() - since).toBeLessThan(3_500)
          expect(results.map(({ status }) => status)).toEqual([
            'rejected',
            'rejected',
            'rejected',
            'fulfilled',
            'fulfilled',
          ])
          expect(results[3]).toMatchObject({ value: null })
        } finally {
          backend.resume()
        }
        await eventually(() => transport().notify(lane, jobFor(3)))
        await eventually(() => expect(received).toContain(3), { withinMs: 10_000 })
      },
    )

    it('is used for the first time while it is away, and works once it is back', { timeout: 20_000 }, async () => {
      nextLane()
      const received: number[] = []
      await backend.takeAway()
      work(transport(1), (data) => {
        received.push(fromOf(data))
        return Promise.resolve({})
      })
      await expect(transport().notify(lane, jobFor(1))).rejects.toBeInstanceOf(Error)
      await backend.bringBack()
      await eventually(() => transport().notify(lane, jobFor(2)))
      await eventually(() => expect(received).toContain(2), { withinMs: 10_000 })
    })

    it('is closed in bounded time while it hangs, with a job in hand', { timeout: 30_000 }, async () => {
      nextLane()
      const closing = await backend.open()
      const held = Promise.withResolvers<DecideResult>()
      const started = Promise.withResolvers<void>()
      await closing.subscribe({ onSignal: () => {}, onGap: () => {} })
      const consumer = closing.work(lane, () => {
        started.resolve()
        return held.promise
      })
      for (let each = 0; each < TEST_LANES; each++) await closing.queue(each).getWaitingCount()
      await closing.notify(lane, jobFor())
      await started.promise
      backend.freeze()
      try {
        const since = performance.now()
        await consumer.close(500)
        expect(performance.now() - since).toBeLessThan(2_500)
        await closing.close()
        expect(performance.now() - since).toBeLessThan(6_000)
      } finally {
        backend.resume()
        held.resolve({})
      }
    })

    it('is closed in bounded time while it is away', { timeout: 30_000 }, async () => {
      const closing = await backend.open()
      await closing.subscribe({ onSignal: () => {}, onGap: () => {} })
      const consumer = closing.work(nextLane(), () => Promise.resolve({}))
      await closing.queue(lane).getWaitingCount()
      await backend.takeAway()
      try {
        const since = performance.now()
        await consumer.close(500)
        await closing.close()
        expect(performance.now() - since).toBeLessThan(6_000)
      } finally {
        await backend.bringBack()
      }
    })
  })
}

contract('PostgreSQL', postgresBackend())
describe.runIf(hasRedis())('with Redis', () => {
  contract('Redis', redisBackend())
})

describe('the transport on PostgreSQL, alone', () => {
  let db: TestDatabase
  let transport: Transport
  beforeAll(async () => {
    db = await createTestDatabase()
    transport = await openPostgresTransport({ url: db.url, lanes: TEST_LANES, logger: testLogger })
  })
  afterAll(async () => {
    await transport.close()
    await db.drop()
  })

  it('listens again when the server ends its connection, and says that signals may have been lost', async () => {
    const heard: Signal[] = []
    let gaps = 0
    await transport.subscribe({ onSignal: (signal) => void heard.push(signal), onGap: () => void (gaps += 1) })
    for (let times = 1; times <= 2; times++) {
      const { rowCount } = await db.database.pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and application_name = 'boxoffice-signals'`,
      )
      expect(rowCount).toBe(1)
      await eventually(() => expect(gaps).toBe(times))
      const signal = signalFor(times)
      await transport.publish(signal)
      await eventually(() => expect(heard.at(-1)).toEqual(signal))
    }
  })

  it('goes on when the server ends all of its connections', async () => {
    const received: number[] = []
    const consumer = transport.work(1, (job) => {
      received.push(fromOf(job))
      return Promise.resolve({})
    })
    await transport.notify(1, jobFor(1))
    await eventually(() => expect(received).toEqual([1]))
    await db.database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name = 'boxoffice-queue'`,
    )
    await eventually(() => transport.notify(1, jobFor(2)))
    await eventually(() => expect(received).toContain(2), { withinMs: 10_000 })
    await consumer.close(2_000)
  })

  it(
    'is not asked without end by workers with jobs to fetch while its connections break at once',
    { timeout: 20_000 },
    async () => {
      const { hostname, port } = new URL(db.url)
      const network = await startTcpProxy({ host: hostname, port: Number(port) })
      const url = new URL(db.url)
      url.port = String(network.port)
      let errors = 0
      // It is logged at `warn` first, and then at `debug`.
      const count = ({ err }: { err?: unknown }) => void (errors += String(err).includes('ECONNRESET') ? 1 : 0)
      const logger = Object.assign(createLogger('test', 'silent'), { warn: count, debug: count })
      const breaking = await openPostgresTransport({ url: url.href, lanes: TEST_LANES, logger })
      // One job of each lane ends meanwhile, after which its worker has another one to fetch.
      const gate = Promise.withResolvers<DecideResult>()
      const rest = Promise.withResolvers<DecideResult>()
      const received: number[] = []
      const consumers = [2, 3].map((lane) =>
        breaking.work(lane, (job) => {
          received.push(fromOf(job))
          return fromOf(job) === 1 ? gate.promise : rest.promise
        }),
      )
      try {
        // Of each lane 50 are in hand at once, so that there are more to fetch.
        const places = Array.from({ length: 53 }, (_, index) => index + 1)
        for (const lane of [2, 3]) for (const from of places) await breaking.notify(lane, jobFor(from))
        await eventually(() => expect(received).toHaveLength(100))
        network.reset()
        gate.resolve({})
        const since = performance.now()
        await eventually(() => expect(errors).toBeGreaterThan(4))
        expect(performance.now() - since).toBeGreaterThan(300)
        network.resume()
        rest.resolve({})
        await eventually(() => expect(new Set(received)).toEqual(new Set(places)))
      } finally {
        network.resume()
        rest.resolve({})
        await Promise.all(consumers.map((consumer) => consumer.close(2_000)))
        await breaking.close()
        await network.close()
      }
    },
  )

  it('has no more connections than its lanes need', async () => {
    const consumers = Array.from({ length: TEST_LANES }, (_, lane) => transport.work(lane, () => Promise.resolve({})))
    await Promise.all(Array.from({ length: 40 }, (_, index) => transport.notify(index % TEST_LANES, jobFor(index + 1))))
    const { rows } = await db.database.pool.query(
      `select count(*) from pg_stat_activity where datname = current_database() and application_name like 'boxoffice-%'`,
    )
    expect(rows[0].count).toBeLessThanOrEqual(TEST_LANES + 5)
    await Promise.all(consumers.map((consumer) => consumer.close(2_000)))
  })
})

describe('a signal on its way through NOTIFY', () => {
  const bytes = (message: string) => Buffer.byteLength(message)
  const signalOver = (resources: number, lines: number | null): Signal => ({
    v: PAYLOAD_VERSION,
    ...(lines !== null && {
      lines: Array.from({ length: lines }, () => ({ id: randomUUID(), watermark: Number.MAX_SAFE_INTEGER })),
    }),
    versions: Object.fromEntries(Array.from({ length: resources }, () => [randomUUID(), 2_147_483_647])),
  })

  it('is one message without outcomes while it is small', () => {
    const signal = signalFor(7, [])
    expect(narrow(signal).map((message) => JSON.parse(message))).toEqual([withoutOutcomes(signal)])
  })

  it('says which requests were decided before their turn, however many', () => {
    const early = Array.from({ length: 500 }, () => randomUUID())
    for (const some of [early.slice(0, 1), early]) {
      const messages = narrow({ ...signalFor(7), early: some })
      for (const message of messages) expect(bytes(message)).toBeLessThan(8_000)
      const parts = messages.map((message) => JSON.parse(message) as Signal)
      expect(parts.flatMap((part) => part.early ?? [])).toEqual(some)
      // Whoever listens looks at no signal without lines.
      for (const part of parts.filter((one) => one.early !== undefined)) expect(part.lines).toBeDefined()
    }
  })

  it('is as many as it takes when it is large, each below 8,000 bytes, and nothing is lost', async () => {
    const client = new pg.Client({ connectionString: inject('postgresUrl') })
    await client.connect()
    try {
      for (const resources of [0, 1, 128, 129, 150, 151, 152, 153, 256, 257, 500, 1_000]) {
        for (const lines of [null, 0, 1, 2, 80, 95, 96, 97, 192, 193, 250, 500]) {
          const signal = signalOver(resources, lines)
          const messages = narrow(signal)
          for (const message of messages) {
            expect(bytes(message)).toBeLessThan(8_000)
            await client.query(`select pg_notify('nobody', $1)`, [message])
          }
          const parts = messages.map((message) => JSON.parse(message) as Signal)
          expect(Object.assign({}, ...parts.map(({ versions }) => versions))).toEqual(signal.versions)
          expect(parts.flatMap((part) => part.lines ?? [])).toEqual(signal.lines ?? [])
        }
      }
    } finally {
      await client.end()
    }
  })
})

describe.runIf(hasRedis())('the transport on Redis, alone', () => {
  let redis: TestRedis
  let transport: Transport
  beforeAll(async () => {
    redis = await startRedis()
    transport = await openRedis(redis.url)
  })
  afterAll(async () => {
    await transport.close()
    await redis.stop()
  })

  it('goes on after FLUSHALL', async () => {
    const received: number[] = []
    const consumer = transport.work(0, (job) => {
      received.push(fromOf(job))
      return Promise.resolve({})
    })
    for (let times = 1; times <= 3; times++) {
      await transport.notify(0, jobFor(times))
      await eventually(() => expect(received).toEqual(Array.from({ length: times }, (_, index) => index + 1)))
      await redis.flush()
    }
    await consumer.close(2_000)
  })

  it('keeps namespaces apart', async () => {
    const other = await openRedis(redis.url, 'other')
    try {
      const heard: Signal[] = []
      const received: ReceivedDecideJob[] = []
      await other.subscribe({ onSignal: (signal) => void heard.push(signal), onGap: () => {} })
      const consumer = other.work(1, (job) => {
        received.push(job)
        return Promise.resolve({})
      })
      await transport.availability.setIfNewer('same', 1, 'mine')
      expect(await other.availability.get('same')).toBeNull()
      const [job, signal] = [jobFor(), signalFor(1)]
      for (const on of [transport, other]) {
        await on.notify(1, on === other ? job : jobFor())
        await on.publish(on === other ? signal : signalFor(2))
      }
      await eventually(() => expect([received, heard]).toEqual([[job], [signal]]))
      await consumer.close(2_000)
    } finally {
      await other.close()
    }
  })

  it('shares what is newest: an older or equal version is ignored', async () => {
    const { availability } = transport
    expect(await availability.get('showtime')).toBeNull()
    await availability.setIfNewer('showtime', 9, 'nine')
    await availability.setIfNewer('showtime', 8, 'eight')
    await availability.setIfNewer('showtime', 9, 'nine again')
    expect(await availability.get('showtime')).toEqual({ version: 9, body: 'nine' })
    await availability.setIfNewer('showtime', 10, 'ten')
    expect(await availability.get('showtime')).toEqual({ version: 10, body: 'ten' })
    const versions = Array.from({ length: 50 }, (_, index) => 11 + ((index * 7) % 50))
    await Promise.all(versions.map((version) => availability.setIfNewer('showtime', version, `${version}`)))
    expect(await availability.get('showtime')).toEqual({ version: 60, body: '60' })
  })

  it('says at the start when it cannot be reached', async () => {
    const gone = await startRedis()
    await gone.stop()
    await expect(openRedis(gone.url)).rejects.toBeInstanceOf(Error)
  })

  it('says at the start when it does not answer', { timeout: 10_000 }, async () => {
    const frozen = await startRedis()
    frozen.freeze()
    try {
      await expect(openRedis(frozen.url)).rejects.toBeInstanceOf(Error)
    } finally {
      await frozen.stop()
    }
  })
})

describe.runIf(hasRedis())('the transport on a Redis Cluster', () => {
  let transport: Transport
  const cluster = shared(startRedisCluster, (opened) => opened.stop())
  beforeAll(async () => {
    transport = await openRedis(cluster.url)
  })
  afterAll(() => transport.close())

  it('brings the jobs of every lane, wherever its keys are', async () => {
    const lanes = Array.from({ length: TEST_LANES }, (_, lane) => lane)
    const received: number[] = []
    const consumers = lanes.map((lane) =>
      transport.work(lane, (job) => {
        received.push(fromOf(job))
        return Promise.resolve({ booked: 1 })
      }),
    )
    await Promise.all(lanes.map((lane) => transport.notify(lane, jobFor(lane))))
    await eventually(() => expect(received.toSorted(ascending)).toEqual(lanes))
    await Promise.all(consumers.map((consumer) => consumer.close(2_000)))
    expect(await cluster.nodesWithKeys()).toBeGreaterThan(1)
  })

  it('tells subscribers and shares availability', async () => {
    const heard: Signal[] = []
    await transport.subscribe({ onSignal: (signal) => void heard.push(signal), onGap: () => {} })
    const signal = signalFor(5)
    await transport.publish(signal)
    await eventually(() => expect(heard).toEqual([signal]))
    for (const key of ['a', 'b', 'c', 'd']) {
      await transport.availability.setIfNewer(key, 2, key)
      await transport.availability.setIfNewer(key, 1, 'old')
      expect(await transport.availability.get(key)).toEqual({ version: 2, body: key })
    }
  })
})
