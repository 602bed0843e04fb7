import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from './database.ts'
import { holdLock, waitForBlocked } from './locks.ts'
import { startProcess } from './process.ts'
import { hasRedis, startRedis } from './redis.ts'
import { shared } from './shared.ts'
import { signTestToken } from './tokens.ts'

describe('a test database', () => {
  let db: TestDatabase
  beforeAll(async () => {
    db = await createTestDatabase()
  })
  afterAll(() => db.drop())

  it('runs under the Node version the project brings', () => {
    expect(process.versions.node).toMatch(/^24\./)
  })

  it('is migrated', async () => {
    const { rows } = await db.database.pool.query('select count(*)::int as lines from lines')
    expect(rows).toEqual([{ lines: 0 }])
  })

  it('shows who waits for a lock, and who waits behind them', async () => {
    const lock = 'select from event_feed where id = 1 for no key update'
    const held = await holdLock(db, lock)
    const others = [holdLock(db, lock), holdLock(db, lock)]
    expect(await waitForBlocked(db, { by: held, count: 2 })).toHaveLength(2)
    await held.release()
    const first = await Promise.race(others)
    await first.release()
    await Promise.all(others.map(async (other) => (await other).release()))
  })

  it('refuses to be dropped quietly while a pool is leaked', async () => {
    const other = await createTestDatabase()
    const leaked = other.open({ name: 'forgotten' })
    await leaked.pool.query('select 1')
    await expect(other.drop()).rejects.toThrow('forgotten')
    await leaked.close()
  })
})

describe('the real processes', () => {
  let db: TestDatabase
  beforeAll(async () => {
    db = await createTestDatabase()
  })
  afterAll(() => db.drop())

  it('start on a test database, stop when asked to and leave no connection', async () => {
    const environment = { DATABASE_URL: db.url }
    const [api, worker] = await Promise.all([startProcess('api', environment), startProcess('worker', environment)])
    const headers = { authorization: `Bearer ${await signTestToken('customer')}` }
    const response = await fetch(`${api.url}/v1/booking-requests/00000000-0000-4000-8000-000000000000`, { headers })
    expect(response.status).toBe(404)
    expect(await Promise.all([api.stop(), worker.stop()])).toEqual([
      { code: 0, signal: null },
      { code: 0, signal: null },
    ])
  })

  it('say why when they cannot start', async () => {
    await expect(startProcess('worker', { DATABASE_URL: '' })).rejects.toThrow('DATABASE_URL is not set')
  })
})

describe.runIf(hasRedis())('a test Redis', () => {
  const redis = shared(startRedis, (opened) => opened.stop())

  it('is flushed, killed and started again on its port', async () => {
    await redis.flush()
    await redis.kill()
    await redis.restart()
    await redis.flush()
  })
})
