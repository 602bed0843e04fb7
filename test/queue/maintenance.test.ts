import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openPostgresTransport } from '@boxoffice/core/queue/postgres-transport.ts'
import { openRedisTransport } from '@boxoffice/core/queue/redis-transport.ts'
import { parseRedisUrl } from '@boxoffice/core/settings/redis-url.ts'
import type { LaneConsumer, Transport } from '@boxoffice/core/queue/transport.ts'
import { Cleaner } from '@boxoffice/core/maintenance/clean-up.ts'
import {
  isMaintenanceTask,
  MAINTENANCE_TASKS,
  maintenanceTasks,
  runTask,
  type Trigger,
} from '@boxoffice/core/maintenance/tasks.ts'
import { givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { seatsRequest } from '../support/engine.ts'
import { eventually } from '../support/eventually.ts'
import {
  closeLifecycles,
  givenBooking,
  givenBookings,
  type Lifecycle,
  openLifecycle,
  readBooking,
  runOutOfTime,
} from '../support/lifecycle.ts'
import { findViolations } from '../support/lifecycle-invariants.ts'
import { testLogger } from '../support/logger.ts'
import { startProcess, type TestProcess } from '../support/process.ts'
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { shared } from '../support/shared.ts'

/** The longest wait for the worker, which creates the schedulers again once a minute. */
const SCHEDULED_AGAIN_WITHIN_MS = 75_000

const db = sharedDatabase()
afterEach(closeLifecycles)

const observer = { onCleanedUp: () => undefined, onCleanUpFailed: () => undefined }
const cleanerOf = ({ database, logger }: Lifecycle, maxRunMs?: number) =>
  new Cleaner({
    database,
    logger,
    observer,
    refusedRequestsKeepMs: 3_600_000,
    ...(maxRunMs !== undefined && { maxRunMs }),
  })

const maintenanceOf = (lifecycle: Lifecycle, cleaner = cleanerOf(lifecycle)) => ({
  ...lifecycle,
  closeAfterMs: 3_600_000,
  cleaner,
  stopping: new AbortController().signal,
})

const run = (lifecycle: Lifecycle, trigger: Trigger) => runTask(maintenanceOf(lifecycle), 'expire-holds', trigger)

/** Lets an hour pass in which nobody has run the task. */
const letTimePass = (task = '%') =>
  db.database.pool.query(`update maintenance_runs set ran_at = ran_at - interval '1 hour' where task like $1`, [task])

async function givenExpired() {
  const { showtimeId } = await givenShowtime(db.database)
  const booking = await givenBooking(db, seatsRequest(showtimeId, ['A1']))
  await runOutOfTime(db, booking.id)
  return booking
}

const awaitCancelled = (id: string, withinMs = 8_000) =>
  eventually(
    async () => expect(await readBooking(db, id)).toMatchObject({ status: 'cancelled', cancelReason: 'expired' }),
    {
      withinMs,
    },
  )

describe('periodic work that several workers are asked for at once', () => {
  it('is run by every one that finds no trace of a run, and still ends each hold once: the control', async () => {
    const booking = await givenExpired()
    const workers = [openLifecycle(db), openLifecycle(db)] as const
    await letTimePass()
    expect(await run(workers[0], 'job')).toEqual({ expired: 1 })
    await letTimePass()
    expect(await run(workers[1], 'job')).toEqual({ expired: 0 })
    expect((await readBooking(db, booking.id)).status).toBe('cancelled')
    expect(await findViolations(db)).toEqual([])
  })

  it('is run by one of twenty', async () => {
    await letTimePass()
    const workers = [openLifecycle(db), openLifecycle(db)] as const
    // The one that comes round in an hour: however slow this machine is, a second run is not due.
    const ask = (at: number) => runTask(maintenanceOf(workers[at % 2 === 0 ? 0 : 1]), 'clean-up', 'job')
    const results = await Promise.all(Array.from({ length: 20 }, (_, at) => ask(at)))
    expect(results.filter((result) => result !== null)).toHaveLength(1)
  })

  it('is due again at once where a run was too short for all there is, and in its time where it was not', async () => {
    await letTimePass()
    const lifecycle = openLifecycle(db)
    const hurried = maintenanceOf(lifecycle, cleanerOf(lifecycle, 0))
    expect(await runTask(hurried, 'clean-up', 'job')).toEqual({ deleted: 0, failed: 0 })
    expect(await runTask(maintenanceOf(lifecycle), 'clean-up', 'sweep')).toEqual({ deleted: 0, failed: 0 })
    expect(await runTask(hurried, 'clean-up', 'job')).toBeNull()
  })

  it('is left to the jobs by the sweep, until none has come for two intervals', async () => {
    await givenExpired()
    const lifecycle = openLifecycle(db)
    const ranAgo = (ms: number) =>
      db.database.pool.query(
        `insert into maintenance_runs (task, ran_at) values ('expire-holds', clock_timestamp() - make_interval(secs => $1 / 1000.0))
         on conflict (task) do update set ran_at = excluded.ran_at`,
        [ms],
      )
    const { everyMs } = MAINTENANCE_TASKS['expire-holds']
    // A minute, not a moment: however slow this machine is, the time in between counts for nothing.
    await ranAgo(-60_000)
    expect(await run(lifecycle, 'sweep')).toBeNull()
    expect(await run(lifecycle, 'job')).toBeNull()
    await ranAgo(2 * everyMs + 1)
    expect(await run(lifecycle, 'sweep')).toEqual({ expired: 1 })
  })
})

interface Backend {
  start(): Promise<void>
  open(): Promise<Transport>
  stop(): Promise<void>
}

const openRedis = (url: string) => {
  const target = parseRedisUrl(url)
  if (target === null) throw new Error(`not a Redis URL: ${url}`)
  return openRedisTransport({ target, namespace: 'boxoffice', logger: testLogger })
}

let redis: TestRedis | undefined
const runningRedis = () => {
  if (redis === undefined) throw new Error('there is no Redis')
  return redis
}
const redisBackend: Backend = {
  start: async () => {
    redis = await startRedis()
  },
  open: () => openRedis(runningRedis().url),
  stop: () => runningRedis().stop(),
}
const postgresBackend: Backend = {
  start: () => Promise.resolve(),
  open: () => openPostgresTransport({ url: db.url, lanes: 1, logger: testLogger }),
  stop: () => Promise.resolve(),
}

const schedulersOf = async (transport: Transport) =>
  (await transport.maintenanceQueue().getJobSchedulers()).map(({ name }) => name).toSorted()

const schedule = (transport: Transport) =>
  transport.schedule(maintenanceTasks.map((name) => ({ name, ...MAINTENANCE_TASKS[name] })))

function jobSchedulers(name: string, backend: Backend): void {
  describe(`job schedulers on ${name}`, () => {
    let transports: readonly [Transport, Transport]
    const consumers: LaneConsumer[] = []
    beforeAll(async () => {
      await backend.start()
      transports = [await backend.open(), await backend.open()]
    })
    afterEach(async () => {
      await Promise.all(consumers.splice(0).map((consumer) => consumer.close(2_000)))
    })
    afterAll(async () => {
      await Promise.all(transports.map((transport) => transport.close()))
      await backend.stop()
    })

    it('have holds ended, by one of two workers, and the job says how many', async () => {
      const lifecycle = openLifecycle(db)
      for (const transport of transports) {
        const work = (task: string) => {
          if (!isMaintenanceTask(task)) throw new Error(`no such task: ${task}`)
          return runTask(maintenanceOf(lifecycle), task, 'job')
        }
        consumers.push(transport.maintain(maintenanceTasks.length, work))
        await schedule(transport)
      }
      expect(await schedulersOf(transports[0])).toEqual(maintenanceTasks.toSorted())
      const booking = await givenExpired()
      await awaitCancelled(booking.id)
      await eventually(async () => {
        const jobs = await transports[0].maintenanceQueue().getJobs(['completed'])
        const results = jobs.map((job) => [job.name, job.returnvalue])
        expect(results).toContainEqual(['expire-holds', { expired: 1 }])
      })
      // Jobs that the other worker's schedulers asked for at the same moment find nothing to do; none fails.
      expect(await transports[0].maintenanceQueue().getFailedCount()).toBe(0)
      expect(await findViolations(db)).toEqual([])
    })

    it('stay the same ones however often they are asked for', async () => {
      // At every moment of an interval, for the next jobs are made meanwhile.
      const until = Date.now() + 2 * MAINTENANCE_TASKS['expire-holds'].everyMs
      while (Date.now() < until) await Promise.all([...transports, ...transports].map(schedule))
      expect(await schedulersOf(transports[1])).toEqual(maintenanceTasks.toSorted())
    })
  })
}

jobSchedulers('PostgreSQL', postgresBackend)

describe.runIf(hasRedis())('with Redis', () => {
  jobSchedulers('Redis', redisBackend)
})

describe('a worker process', () => {
  const HOLD_TTL_MS = 500

  /** Books places whose holds last half a second, and expects a worker to end them. */
  async function expectHoldsToEnd() {
    const { showtimeId } = await givenShowtime(db.database, { holdTtlMs: HOLD_TTL_MS })
    const bookings = await givenBookings(db, [seatsRequest(showtimeId, ['A1']), seatsRequest(showtimeId, ['A2'])])
    for (const { id } of bookings) await awaitCancelled(id)
    // They can be booked again.
    await givenBooking(db, seatsRequest(showtimeId, ['A1', 'A2']))
    expect(await findViolations(db)).toEqual([])
  }

  it('ends holds with PostgreSQL as its queue', async () => {
    const worker = await startProcess('worker', { DATABASE_URL: db.url })
    try {
      await expectHoldsToEnd()
    } finally {
      await worker.stop()
    }
  })

  describe.runIf(hasRedis())('and a Redis that loses everything', () => {
    const workers: TestProcess[] = []
    const server = shared(startRedis, (opened) => opened.stop())
    beforeAll(async () => {
      const environment = { DATABASE_URL: db.url, QUEUE_URL: server.url }
      workers.push(await startProcess('worker', environment), await startProcess('worker', environment))
    })
    afterAll(() => Promise.all(workers.map((worker) => worker.stop())))

    const scheduled = async () => {
      const transport = await openRedis(server.url)
      try {
        return await schedulersOf(transport)
      } finally {
        await transport.close()
      }
    }

    it('ends holds while it is there', async () => {
      await eventually(async () => expect(await scheduled()).toEqual(maintenanceTasks.toSorted()))
      await expectHoldsToEnd()
    })

    it('ends them by its sweep within seconds after FLUSHALL', async () => {
      await server.flush()
      await expectHoldsToEnd()
    })

    it(
      'ends them while Redis is gone, and has its schedulers back within a minute of its return',
      { timeout: 120_000 },
      async () => {
        await server.kill()
        await expectHoldsToEnd()
        await server.restart()
        await eventually(async () => expect(await scheduled()).toEqual(maintenanceTasks.toSorted()), {
          withinMs: SCHEDULED_AGAIN_WITHIN_MS,
          everyMs: 500,
        })
        await expectHoldsToEnd()
      },
    )
  })
})
