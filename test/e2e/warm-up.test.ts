import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { sharedDatabase } from '../support/database.ts'
import { findFreePort } from '../support/free-port.ts'
import { startProcess } from '../support/process.ts'
import { hasRedis, startRedis } from '../support/redis.ts'

const db = sharedDatabase()

/** Counts the rows of every table that anything is stored in. */
async function rowCounts(): Promise<Record<string, number>> {
  const { rows } = await db.database.pool.query<{ name: string }>(
    `select relname as name from pg_class
     where relkind = 'r' and relnamespace = 'public'::regnamespace and relname <> 'maintenance_runs' order by 1`,
  )
  const counts: Record<string, number> = {}
  for (const { name } of rows) {
    const found = await db.database.pool.query<{ count: number }>(`select count(*)::int as count from "${name}"`)
    counts[name] = found.rows[0]?.count ?? -1
  }
  return counts
}

/** Starts both processes until they are ready, and returns what an operator could see of them. */
async function whatIsSeen(redisUrl: string, port: number, warmUp: 'on' | 'off') {
  const keys = new Redis(redisUrl)
  await keys.flushall()
  const settings = {
    DATABASE_URL: db.url,
    QUEUE_URL: redisUrl,
    LIMITS: 'on',
    LOG_LEVEL: 'debug',
    WARM_UP: warmUp,
    WORKER_PORT: String(port),
  }
  const [api, worker] = await Promise.all([startProcess('api', settings), startProcess('worker', settings)])
  try {
    const ofApi = await (await fetch(`${api.url}/metrics`)).text()
    const ofWorker = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    return {
      keys: (await keys.keys('*')).filter((key) => !/:[0-9]+$|maintenance|stalled|events$/.test(key)).sort(),
      metrics: `${ofApi}\n${ofWorker}`
        .split('\n')
        .filter((line) => /^boxoffice_(accepted|intake|outcomes|decided|batch|deciding|swept)/.test(line))
        .filter((line) => !line.endsWith(' 0')),
      routes: [...ofApi.matchAll(/route="([^"]+)"/g)].map(([, route]) => route),
      requests: Number(/"requests":(\d+),"msg":"warmed up"/.exec(api.output())?.[1] ?? 0),
      log: `${api.output()}${worker.output()}`,
    }
  } finally {
    await Promise.all([api.stop(), worker.stop()])
    keys.disconnect()
  }
}

describe.runIf(hasRedis())('a process that warms up before it is ready', () => {
  it('has answered 500 requests that nobody ever sees, however slow the machine is', { timeout: 60_000 }, async () => {
    const redis = await startRedis()
    try {
      const before = await rowCounts()
      const cold = await whatIsSeen(redis.url, await findFreePort(), 'off')
      const warm = await whatIsSeen(redis.url, await findFreePort(), 'on')

      expect(cold.requests).toBe(0)
      expect(warm.requests).toBeGreaterThanOrEqual(500)
      expect(await rowCounts()).toEqual(before)
      expect(warm.keys).toEqual(cold.keys)
      expect(warm.metrics).toEqual(cold.metrics)
      expect(warm.routes).not.toContain('/v1/booking-requests')
      expect(warm.log).not.toMatch(/"level":(?:40|50)/)
      expect(warm.log).not.toContain('example.org')
    } finally {
      await redis.stop()
    }
  })
})
