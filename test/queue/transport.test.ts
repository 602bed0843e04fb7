import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { createLogger } from '@boxoffice/core/runtime/logger.ts'
import type { Outcome } from '@boxoffice/core/domain/booking-request.ts'
import type { DecideJob, DecideResult, Signal } from '@boxoffice/core/queue/payloads.ts'
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

const jobFor = (lane: number, from = 1, to = from): DecideJob => ({
  v: 1,
  lane,
  from,
  to,
  requestIds: Array.from({ length: to - from + 1 }, () => randomUUID()),
})

const signalFor = (lane: number, watermark: number, outcomes?: readonly Outcome[]): Signal => ({
  v: 1,
  lane: { id: lane, watermark, ...(outcomes && { outcomes }) },
  versions: { [randomUUID()]: watermark },
})

const ascending = (a: number, b: number) => a - b

/** Returns a signal as every transport carries it: outcomes are left out if they do not fit. */
const withoutOutcomes = ({ lane, ...rest }: Signal) => ({
  ...rest,
  ...(lane && { lane: { id: lane.id, watermark: lane.watermark } }),
})

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
    const work = (on: Transport, handle: (job: DecideJob) => Promise<DecideResult>, inLane = lane) => {
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
      const job = jobFor(lane, 5, 7)
      const received: DecideJob[] = []
      work(transport(1), (data) => {
        received.push(data)
        return Promise.resolve({ booked: 2, seat_unavailable: 1 })
      })
      await transport().notify(job)
      const done = await eventually(async () => {
        const [found] = await transport().queue(lane).getJobs(['completed'])
        expect(found).toBeDefined()
        return found
      })
      expect(received).toEqual([job])
      expect(done).toMatchObject({ name: 'decide', data: job, returnvalue: { booked: 2, seat_unavailable: 1 } })
    })

    it('brings each job to one of the processes, and the jobs of a lane to each of them one at a time', async () => {
      nextLane()
      const jobs = Array.from({ length: 30 }, (_, index) => jobFor(lane, index + 1))
      const received: number[] = []
      for (const on of transports) {
        let atOnce = 0
        work(on, async (data) => {
          atOnce += 1
          await new Promise(setImmediate)
          expect(atOnce).toBe(1)
          atOnce -= 1
          received.push(data.from)
          return {}
        })
      }
      await Promise.all(jobs.map((job) => transport().notify(job)))
      await eventually(() => expect(received).toHaveLength(30))
      expect(received.toSorted(ascending)).toEqual(jobs.map(({ from }) => from))
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
      await transport().notify(jobFor(slow))
      await eventually(async () => expect(await transport().queue(slow).getActiveCount()).toBe(1))
      await transport().notify(jobFor(quick))
      await slowDone.promise
    })

    it('keeps a notification until somebody consumes it', async () => {
      nextLane()
      const job = jobFor(lane)
      await transport().notify(job)
      const received = Promise.withResolvers<DecideJob>()
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
        if (data.from === 1) attempts.push(performance.now())
        else others.push(attempts.length)
        if (data.from === 1 && attempts.length < 3) throw new Error('the database is away')
        return Promise.resolve({ booked: 1 })
      })
      await transport().notify(jobFor(lane, 1))
      await eventually(() => expect(attempts).toHaveLength(1))
      await transport().notify(jobFor(lane, 2))
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
      const received: DecideJob[] = []
      work(transport(), (data) => {
        received.push(data)
        return Promise.resolve({})
      })
      const job = jobFor(lane, 2)
      await transport()
        .queue(lane)
        .add('decide', { ...jobFor(lane, 1), v: 2, gate: 'unheard of' })
      await transport().notify(job)
      await eventually(() => expect(received).toEqual([job]))
      const [failed] = await eventually(async () => {
        const jobs = await transport().queue(lane).getJobs(['failed'])
        expect(jobs).toHaveLength(1)
        return jobs
      })
      expect(failed).toMatchObject({
        attemptsMade: 1,
        data: { v: 2 },
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

      it('tells both of a lane, its versions and, where there is room, its outcomes', async () => {
        const decided: Outcome = {
          id: randomUUID(),
          state: 'refused',
          decidedAt: new Date().toISOString(),
          booking: null,
          refusal: { code: 'seat_unavailable', detail: 'Already taken: A5.', seats: ['A5'] },
        }
        const signal = signalFor(0, 12, [decided])
        await transport().publish(signal)
        await eventually(() => {
          for (const signals of heard) {
            expect(signals.map(withoutOutcomes)).toEqual([withoutOutcomes(signal)])
            expect(signals[0]?.lane?.outcomes ?? [decided]).toEqual([decided])
          }
        })
      })

      it('tells both of a change outside any lane, and of many at once', async () => {
        const versions = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [randomUUID(), index]))
        for (const signals of heard) signals.length = 0
        await transport(1).publish({ v: 1, versions })
        await eventually(() => {
          for (const signals of heard) {
            expect(Object.assign({}, ...signals.map((signal) => signal.versions))).toEqual(versions)
            expect(signals.some(({ lane: of }) => of !== undefined)).toBe(false)
          }
        })
      })

      it('tells nobody of a signal of another version, or of what is none at all', async () => {
        for (const signals of heard) signals.length = 0
        await backend.publishRaw(JSON.stringify({ v: 2, versions: {} }))
        await backend.publishRaw('not a signal')
        await backend.publishRaw('[]')
        const signal = signalFor(0, 13)
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
            received.push(data.from)
            return Promise.resolve({})
          })
          const before = [...gaps]
          await backend.takeAway()
          await expect(transport().notify(jobFor(lane, 1))).rejects.toBeInstanceOf(Error)
          await expect(transport().publish(signalFor(0, 14))).rejects.toBeInstanceOf(Error)
          await backend.bringBack()
          await eventually(() => {
            for (const [index, count] of gaps.entries()) expect(count).toBeGreaterThan(before[index] ?? 0)
          })

          for (const signals of heard) signals.length = 0
          const signal = signalFor(0, 15)
          await eventually(() => transport().publish(signal))
          await eventually(() => {
            for (const signals of heard) expect(signals).toContainEqual(signal)
          })
          await eventually(() => transport().notify(jobFor(lane, 2)))
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
          received.push(data.from)
          return Promise.resolve({})
        })
        await transport().notify(jobFor(lane, 1))
        await eventually(() => expect(received).toEqual([1]))
        backend.freeze()
        try {
          const since = performance.now()
          const results = await Promise.allSettled([
            transport().notify(jobFor(lane, 2)),
            transport().publish(signalFor(lane, 1)),
            transport().availability.get('somewhere'),
            transport().availability.setIfNewer('somewhere', 1, '{}'),
          ])
          expect(performance.now() - since).toBeLessThan(3_500)
          expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled', 'fulfilled'])
          expect(results[2]).toMatchObject({ value: null })
        } finally {
          backend.resume()
        }
        await eventually(() => transport().notify(jobFor(lane, 3)))
        await eventually(() => expect(received).toContain(3), { withinMs: 10_000 })
      },
    )

    it('is used for the first time while it is away, and works once it is back', { timeout: 20_000 }, async () => {
      nextLane()
      const received: number[] = []
      await backend.takeAway()
      work(transport(1), (data) => {
        received.push(data.from)
        return Promise.resolve({})
      })
      await expect(transport().notify(jobFor(lane, 1))).rejects.toBeInstanceOf(Error)
      await backend.bringBack()
      await eventually(() => transport().notify(jobFor(lane, 2)))
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
      await closing.notify(jobFor(lane))
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
      const signal = signalFor(0, times)
      await transport.publish(signal)
      await eventually(() => expect(heard.at(-1)).toEqual(signal))
    }
  })

  it('goes on when the server ends all of its connections', async () => {
    const received: number[] = []
    const consumer = transport.work(1, (job) => {
      received.push(job.from)
      return Promise.resolve({})
    })
    await transport.notify(jobFor(1, 1))
    await eventually(() => expect(received).toEqual([1]))
    await db.database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name = 'boxoffice-queue'`,
    )
    await eventually(() => transport.notify(jobFor(1, 2)))
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
      const gate = Promise.withResolvers<DecideResult>()
      const received: number[] = []
      const consumers = [2, 3].map((lane) =>
        breaking.work(lane, (job) => {
          received.push(job.from)
          return gate.promise
        }),
      )
      try {
        for (const lane of [2, 3]) for (const from of [1, 2, 3]) await breaking.notify(jobFor(lane, from))
        await eventually(() => expect(received).toHaveLength(2))
        network.reset()
        gate.resolve({})
        const since = performance.now()
        await eventually(() => expect(errors).toBeGreaterThan(4))
        expect(performance.now() - since).toBeGreaterThan(300)
        network.resume()
        await eventually(() => expect(new Set(received)).toEqual(new Set([1, 2, 3])))
      } finally {
        network.resume()
        await Promise.all(consumers.map((consumer) => consumer.close(2_000)))
        await breaking.close()
        await network.close()
      }
    },
  )

  it('has no more connections than its lanes need', async () => {
    const consumers = Array.from({ length: TEST_LANES }, (_, lane) => transport.work(lane, () => Promise.resolve({})))
    await Promise.all(Array.from({ length: 40 }, (_, index) => transport.notify(jobFor(index % TEST_LANES, index + 1))))
    const { rows } = await db.database.pool.query(
      `select count(*) from pg_stat_activity where datname = current_database() and application_name like 'boxoffice-%'`,
    )
    expect(rows[0].count).toBeLessThanOrEqual(TEST_LANES + 5)
    await Promise.all(consumers.map((consumer) => consumer.close(2_000)))
  })
})

describe('a signal on its way through NOTIFY', () => {
  const bytes = (message: string) => Buffer.byteLength(message)
  const signalOver = (resources: number, lane = true): Signal => ({
    v: 1,
    ...(lane && { lane: { id: 63, watermark: Number.MAX_SAFE_INTEGER } }),
    versions: Object.fromEntries(Array.from({ length: resources }, () => [randomUUID(), 2_147_483_647])),
  })

  it('is one message without outcomes while it is small', () => {
    const signal = signalFor(3, 7, [])
    expect(narrow(signal).map((message) => JSON.parse(message))).toEqual([withoutOutcomes(signal)])
  })

  it('is as many as it takes when it is large, each below 8,000 bytes, and nothing is lost', async () => {
    const client = new pg.Client({ connectionString: inject('postgresUrl') })
    await client.connect()
    try {
      for (const resources of [0, 1, 128, 129, 150, 151, 152, 153, 256, 257, 500, 1_000]) {
        for (const lane of [true, false]) {
          const signal = signalOver(resources, lane)
          const messages = narrow(signal)
          for (const message of messages) {
            expect(bytes(message)).toBeLessThan(8_000)
            await client.query(`select pg_notify('nobody', $1)`, [message])
          }
          const parts = messages.map((message) => JSON.parse(message) as Signal)
          expect(Object.assign({}, ...parts.map(({ versions }) => versions))).toEqual(signal.versions)
          for (const part of parts) expect(part.lane).toEqual(signal.lane)
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
      received.push(job.from)
      return Promise.resolve({})
    })
    for (let times = 1; times <= 3; times++) {
      await transport.notify(jobFor(0, times))
      await eventually(() => expect(received).toEqual(Array.from({ length: times }, (_, index) => index + 1)))
      await redis.flush()
    }
    await consumer.close(2_000)
  })

  it('keeps namespaces apart', async () => {
    const other = await openRedis(redis.url, 'other')
    try {
      const heard: Signal[] = []
      const received: DecideJob[] = []
      await other.subscribe({ onSignal: (signal) => void heard.push(signal), onGap: () => {} })
      const consumer = other.work(1, (job) => {
        received.push(job)
        return Promise.resolve({})
      })
      await transport.availability.setIfNewer('same', 1, 'mine')
      expect(await other.availability.get('same')).toBeNull()
      const [job, signal] = [jobFor(1), signalFor(1, 1)]
      for (const on of [transport, other]) {
        await on.notify(on === other ? job : jobFor(1))
        await on.publish(on === other ? signal : signalFor(1, 2))
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
        received.push(job.lane)
        return Promise.resolve({ booked: 1 })
      }),
    )
    await Promise.all(lanes.map((lane) => transport.notify(jobFor(lane))))
    await eventually(() => expect(received.toSorted(ascending)).toEqual(lanes))
    await Promise.all(consumers.map((consumer) => consumer.close(2_000)))
    expect(await cluster.nodesWithKeys()).toBeGreaterThan(1)
  })

  it('tells subscribers and shares availability', async () => {
    const heard: Signal[] = []
    await transport.subscribe({ onSignal: (signal) => void heard.push(signal), onGap: () => {} })
    const signal = signalFor(2, 5)
    await transport.publish(signal)
    await eventually(() => expect(heard).toEqual([signal]))
    for (const key of ['a', 'b', 'c', 'd']) {
      await transport.availability.setIfNewer(key, 2, key)
      await transport.availability.setIfNewer(key, 1, 'old')
      expect(await transport.availability.get(key)).toEqual({ version: 2, body: key })
    }
  })
})
