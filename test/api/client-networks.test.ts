import type { Request } from 'express'
import { describe, expect, onTestFinished, test } from 'vitest'
import { MemoryHitCounter } from '@boxoffice/core/limits/memory-hit-counter.ts'
import { clientNetworks } from '../../apps/api/src/admission/client-address.ts'
import { GuessBudgets, REFERENCES } from '../../apps/api/src/admission/rates/guess-budgets.ts'
import { givenShowtime } from '../support/catalogue.ts'
import { hasRedis, startRedis } from '../support/redis.ts'
import { startApp } from './start-app.ts'
import { startLifecycleApp } from './start-lifecycle-app.ts'

const networksOf = (ip: string) => clientNetworks({ ip } as Request)

describe('a call counts for', () => {
  test('one network of IPv4, however it is written', () => {
    const one = [{ name: '198.51.100.7', times: 1 }]
    for (const ip of ['198.51.100.7', '::ffff:198.51.100.7', '::ffff:c633:6407', '198.51.100.7:40123']) {
      expect(networksOf(ip)).toEqual(one)
    }
  })

  test('three networks of IPv6, the wider with more', () => {
    const three = [
      { name: '2001:db8:1:203::/64', times: 1 },
      { name: '2001:db8:1:200::/56', times: 4 },
      { name: '2001:db8:1::/48', times: 16 },
    ]
    for (const ip of ['2001:db8:1:203::1', '2001:0db8:0001:0203:ffff:1:2:3', '[2001:db8:1:203::9]:443']) {
      expect(networksOf(ip)).toEqual(three)
    }
  })

  test('the unknown where it has no address', () => {
    for (const ip of ['', '<script>', 'unknown', '1.2.3'])
      expect(networksOf(ip)).toEqual([{ name: 'unknown', times: 1 }])
  })
})

const STORES = hasRedis() ? (['memory', 'redis'] as const) : (['memory'] as const)

/** Returns an address in the given /56 and /64 of one /48. */
const within = (wide: number, narrow: number) => `2001:db8:7:${((wide << 8) | narrow).toString(16)}::1`

describe.each(STORES)('IPv6 counted in %s', (store) => {
  async function environment(limits: Record<string, string>): Promise<Record<string, string>> {
    const settings = { ...limits, TRUSTED_PROXIES: 'loopback' }
    if (store === 'memory') return settings
    const redis = await startRedis()
    onTestFinished(() => redis.stop())
    return { ...settings, QUEUE_URL: redis.url }
  }

  test('a /56 may do four times what an address may, and a /48 sixteen times', { timeout: 60_000 }, async () => {
    const app = await startApp({
      limited: true,
      environment: await environment({ GUEST_SESSIONS_PER_ADDRESS: '2' }),
      redisTimeoutMs: 10_000,
    })
    onTestFinished(() => app.close())
    const begin = async (address: string) =>
      (await fetch(`${app.url}/v1/guest-sessions`, { method: 'POST', headers: { 'X-Forwarded-For': address } })).status
    // Each call is from another /64, which is always within its own limit: counted by that alone, all would be let in.
    const letIn = async (wide: number, times: number) => {
      let count = 0
      for (let narrow = 0; narrow < times; narrow++) if ((await begin(within(wide, narrow))) === 201) count++
      return count
    }
    expect(await letIn(0, 12)).toBe(8)
    expect([await letIn(1, 8), await letIn(2, 8)]).toEqual([8, 8])
    // The /48 has 32. Those that a /56 was refused count as well, and are few.
    expect(await letIn(3, 12)).toBeLessThanOrEqual(8)
    expect(await letIn(4, 4)).toBe(0)
    expect(await begin('2001:db8:8::1')).toBe(201)
  })

  test('refusals of one /64 do not use up the budget of its neighbours', async () => {
    const app = await startApp({
      limited: true,
      environment: await environment({ GUEST_SESSIONS_PER_ADDRESS: '2' }),
      redisTimeoutMs: 10_000,
    })
    onTestFinished(() => app.close())
    const begin = async (narrow: number) =>
      (
        await fetch(`${app.url}/v1/guest-sessions`, {
          method: 'POST',
          headers: { 'X-Forwarded-For': within(0, narrow) },
        })
      ).status
    for (let flood = 0; flood < 30; flood++) await begin(0)
    expect([await begin(1), await begin(1), await begin(2)]).toEqual([201, 201, 201])
  })
})

test('streams are counted for the wider networks too', { timeout: 60_000 }, async () => {
  const app = await startLifecycleApp({
    limited: true,
    environment: { STREAMS_PER_ADDRESS: '1', TRUSTED_PROXIES: 'loopback' },
  })
  onTestFinished(() => app.close())
  const { showtimeId } = await givenShowtime(app.db.database)
  const open = (narrow: number) =>
    fetch(`${app.url}/v1/showtimes/${showtimeId}/availability/stream`, {
      headers: { 'X-Forwarded-For': within(0, narrow) },
    })
  const streams = [await open(0), await open(1), await open(2), await open(3)]
  expect(streams.map(({ status }) => status)).toEqual([200, 200, 200, 200])
  expect((await open(4)).status).toBe(429)
  const [first, ...others] = streams
  await first?.body?.cancel()
  await expect
    .poll(async () => {
      const again = await open(4)
      await again.body?.cancel()
      return again.status
    })
    .toBe(200)
  for (const { body } of others) await body?.cancel()
})

test('guesses are counted for the wider networks too', async () => {
  const guesses = new GuessBudgets(new MemoryHitCounter())
  const guesser = (narrow: number) => ({
    shared: networksOf(within(0, narrow)).map(({ name, times }) => ({ key: name, times })),
  })
  for (let miss = 0; miss < 4 * 300; miss++) {
    await expect(guesses.refuseGuesser(REFERENCES, guesser(miss % 256))).resolves.toBeUndefined()
    await guesses.noteMiss(REFERENCES, guesser(miss % 256))
  }
  await expect(guesses.refuseGuesser(REFERENCES, guesser(0))).rejects.toMatchObject({ code: 'too_many_requests' })
  const elsewhere = { shared: networksOf('2001:db8:7:9900::1').map(({ name, times }) => ({ key: name, times })) }
  await expect(guesses.refuseGuesser(REFERENCES, elsewhere)).resolves.toBeUndefined()
})
