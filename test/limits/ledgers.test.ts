import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLogger } from '@boxoffice/core/runtime/logger.ts'
import type { HoldLedger } from '@boxoffice/core/limits/hold-ledger.ts'
import { LimitRedis } from '@boxoffice/core/limits/limit-redis.ts'
import { MemoryHitCounter } from '@boxoffice/core/limits/memory-hit-counter.ts'
import { MemoryHoldLedger } from '@boxoffice/core/limits/memory-hold-ledger.ts'
import { RedisHoldLedger } from '@boxoffice/core/limits/redis-hold-ledger.ts'
import { parseRedisUrl } from '@boxoffice/core/settings/redis-url.ts'
import { eventually } from '../support/eventually.ts'
import { hasRedis, startRedis } from '../support/redis.ts'
import { shared } from '../support/shared.ts'

const limit = (key: string, most = 10) => ({ key, limit: most })

describe('a ledger in memory', () => {
  test('keeps no more than so many entries, whoever floods it', async () => {
    const ledger = new MemoryHoldLedger(Date.now, 100)
    for (let request = 0; request < 1_000; request++) {
      await ledger.reserve(`m${request}`, 1, [limit(`o:${request}`), limit('a:one', 10_000)])
      expect(ledger.size).toBeLessThanOrEqual(100)
    }
    // The newest is counted, the oldest was forgotten.
    expect(await ledger.list('o:999')).toHaveLength(1)
    expect(await ledger.list('o:0')).toEqual([])
  })

  test('finds what has ended of those who never come back, a few with each reservation', async () => {
    let now = 0
    const ledger = new MemoryHoldLedger(() => now)
    for (let request = 0; request < 1_000; request++) await ledger.reserve(`m${request}`, 1, [limit(`o:${request}`)])
    expect(ledger.size).toBe(1_000)
    now = 3_600_000
    const sizes: number[] = []
    for (let request = 0; request < 200; request++) {
      await ledger.reserve(`n${request}`, 1, [limit(`p:${request}`)])
      sizes.push(ledger.size)
    }
    // No reservation pays for all of it.
    for (const [index, size] of sizes.entries()) expect((sizes[index - 1] ?? 1_000) - size).toBeLessThanOrEqual(8)
    expect(sizes.at(-1)).toBe(200)
  })
})

describe('a hit counter in memory', () => {
  test('keeps no more than so many counts', async () => {
    const counter = new MemoryHitCounter(Date.now, 100)
    for (let key = 0; key < 1_000; key++) await counter.hit(`k${key}`, 60_000)
    expect(counter.size).toBeLessThanOrEqual(100)
  })

  test('forgets ended counts a few at a time, and short windows though long ones go on', async () => {
    let now = 0
    const counter = new MemoryHitCounter(() => now)
    for (let key = 0; key < 100; key++) await counter.hit(`long${key}`, 600_000)
    for (let key = 0; key < 1_000; key++) await counter.hit(`short${key}`, 60_000)
    now = 61_000
    await counter.hit('next', 60_000)
    expect(counter.size).toBe(1_101 - 16)
    for (let hit = 0; hit < 100; hit++) await counter.hit('next', 60_000)
    expect(counter.size).toBe(101)
  })

  test('counts by weight', async () => {
    const counter = new MemoryHitCounter()
    await counter.hit('key', 60_000, 10)
    expect(await counter.hit('key', 60_000)).toMatchObject({ count: 11 })
    expect(await counter.peek('key')).toMatchObject({ count: 11 })
  })
})

describe.runIf(hasRedis())('a ledger in Redis', () => {
  let admin: Redis
  let limits: LimitRedis
  let ledger: HoldLedger

  const redis = shared(startRedis, (opened) => opened.stop())
  beforeAll(async () => {
    admin = new Redis(redis.url)
    const target = parseRedisUrl(redis.url)
    if (target === null) throw new Error('no Redis')
    const logger = createLogger('test', 'silent')
    limits = new LimitRedis({ target, namespace: 'test', logger, timeoutMs: 10_000 })
    await limits.ready(10_000)
    ledger = new RedisHoldLedger(limits)
  }, 60_000)
  afterAll(async () => {
    limits.close()
    admin.disconnect()
  })

  const keysOf = () => ['o:', 'e:', 'a:'].map((kind) => `${kind}${randomUUID().slice(0, 22)}`)

  test('has nothing left of what was released', async () => {
    const keys = keysOf()
    await ledger.reserve(
      'm',
      2,
      keys.map((key) => limit(key)),
    )
    ledger.keep({ member: 'm', places: 2, requestId: randomUUID() }, keys, 60_000)
    ledger.release('m', keys)
    await eventually(async () => {
      for (const key of keys) expect(await admin.keys(`*${key}`)).toEqual([])
    })
  })

  test('has struck out what is struck, once that is done', async () => {
    const [key = ''] = keysOf()
    await ledger.reserve('m', 10, [limit(key)])
    await ledger.strike(['m'], key)
    expect(await ledger.reserve('n', 10, [limit(key)])).toMatchObject({ kind: 'reserved' })
    expect(await ledger.list(key)).toEqual([{ member: 'n', places: 10, requestId: null }])
  })

  test('is asked a few times for the outcomes of a whole batch', async () => {
    const requests = Array.from({ length: 500 }, () => ({ member: randomUUID().slice(0, 22), keys: keysOf() }))
    for (const { member, keys } of requests)
      await ledger.reserve(
        member,
        1,
        keys.map((key) => limit(key)),
      )
    const scripts = async () => {
      const calls = /cmdstat_evalsha:calls=(\d+)/.exec(await admin.info('commandstats'))?.[1]
      return Number(calls ?? 0)
    }
    const before = await scripts()
    const [{ keys: [last = ''] } = { keys: [] }] = requests.slice(-1)
    for (const { member, keys } of requests) ledger.release(member, keys)
    await eventually(async () => expect(await admin.keys(`*${last}`)).toEqual([]))
    expect((await scripts()) - before).toBeLessThanOrEqual(Math.ceil(1_500 / 256))
  })

  test('lets entries of queued requests end soon, and those of bookings when they say', async () => {
    const [key = ''] = keysOf()
    ledger.keep({ member: 'queued', places: 1, requestId: 'r' }, [key], 150_000)
    await eventually(async () => expect(await ledger.list(key)).toHaveLength(1))
    const [ends = ''] = await admin.keys(`*ends:${key}`)
    expect(await admin.pttl(ends)).toBeLessThanOrEqual(151_000)
    ledger.keep({ member: 'booked', places: 1, requestId: 's' }, [key], 1_200_000)
    await eventually(async () => expect(await admin.pttl(ends)).toBeGreaterThan(1_190_000))
  })
})
