import { describe, expect, test } from 'vitest'
import { inTransaction } from '@boxoffice/core/db/transaction.ts'
import { changeThing } from '@boxoffice/core/catalogue/plain-thing.ts'
import { organizers } from '@boxoffice/core/catalogue/plain-things.ts'
import { StoredTrust } from '@boxoffice/core/limits/network-trust.ts'
import { networksOf } from '../../apps/api/src/admission/client-address.ts'
import { givenOrganizer } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { testLogger } from '../support/logger.ts'
import { observePool } from '../support/observed-pool.ts'

const db = sharedDatabase()

async function trusting(...trustedNetworks: string[]): Promise<string> {
  const { organizerId } = await givenOrganizer(db.database)
  await change(organizerId, trustedNetworks)
  return organizerId
}

async function change(organizerId: string, trustedNetworks: string[]): Promise<void> {
  const by = { actor: 'test', requestId: null }
  await inTransaction(db.database, (tx) =>
    changeThing(tx, organizers, by, { id: organizerId, organizerId, changes: { trustedNetworks } }),
  )
}

/** Returns what is trusted, with a clock of its own and the statements that it sends. */
function given(options: { readonly maxOrganizers?: number } = {}) {
  const { pool, statements } = observePool(db.database.pool)
  const clock = { nowMs: 0 }
  const trust = new StoredTrust({ pool, logger: testLogger, now: () => clock.nowMs, ...options })
  return {
    clock,
    statements,
    isTrusted: (ip: string) => trust.isTrusted(networksOf(ip)),
    isTrustedBy: (organizerId: string, ip: string) => trust.isTrustedBy(organizerId, networksOf(ip)),
  }
}

describe('a network is trusted', () => {
  test('by the organizer that named it, for the addresses in it', async () => {
    const campus = await trusting('198.51.0.0/16', '2001:db8:7::/48')
    const office = await trusting('203.0.113.9/32', '198.51.100.0/24')
    const { isTrusted, isTrustedBy } = given()
    for (const ip of ['198.51.7.7', '::ffff:198.51.7.7', '198.51.7.7:40123', '2001:db8:7:ffff::1']) {
      expect([ip, await isTrusted(ip), await isTrustedBy(campus, ip), await isTrustedBy(office, ip)]).toEqual([
        ip,
        true,
        true,
        false,
      ])
    }
    expect([await isTrustedBy(campus, '198.51.100.1'), await isTrustedBy(office, '198.51.100.1')]).toEqual([true, true])
    expect([await isTrustedBy(office, '203.0.113.9'), await isTrustedBy(office, '203.0.113.8')]).toEqual([true, false])
    for (const ip of ['198.52.0.1', '2001:db8:8::1', '203.0.113.8', 'unknown', '']) {
      expect([ip, await isTrusted(ip)]).toEqual([ip, false])
    }
  })

  test('from half a minute after it was named, and for no longer after it was taken back', async () => {
    const organizerId = await trusting('192.0.2.0/24')
    const { clock, isTrustedBy } = given()
    expect(await isTrustedBy(organizerId, '192.0.2.1')).toBe(true)
    await change(organizerId, [])
    clock.nowMs += 29_999
    expect(await isTrustedBy(organizerId, '192.0.2.1')).toBe(true)
    clock.nowMs += 1
    // This look has it read again, and does not wait for it.
    await isTrustedBy(organizerId, '192.0.2.1')
    await expect.poll(() => isTrustedBy(organizerId, '192.0.2.1')).toBe(false)
  })

  test('by the oldest organizers, where there are more than are kept', async () => {
    const first = await trusting('192.0.2.0/24')
    const { rows } = await db.database.pool.query<{ count: number }>(
      'select count(*)::int as count from organizers where cardinality(trusted_networks) > 0',
    )
    const last = await trusting('192.0.2.0/24')
    const { isTrustedBy } = given({ maxOrganizers: rows[0]?.count ?? 0 })
    expect([await isTrustedBy(first, '192.0.2.1'), await isTrustedBy(last, '192.0.2.1')]).toEqual([true, false])
  })
})

test('however many addresses ask, all networks are read once in half a minute', async () => {
  const { clock, statements, isTrusted } = given()
  const flood = () =>
    Promise.all(Array.from({ length: 1_000 }, (_, index) => isTrusted(`10.0.${index >> 8}.${index & 255}`)))
  await flood()
  await flood()
  expect(statements).toHaveLength(1)
  clock.nowMs += 30_000
  await flood()
  expect(statements).toHaveLength(2)
})

test('while the networks cannot be read, nobody is trusted and nobody is refused for it', async () => {
  const organizerId = await trusting('192.0.2.0/24')
  const { pool } = observePool(db.database.pool)
  const clock = { nowMs: 0 }
  let isBroken = true
  const breaking = new Proxy(pool, {
    get: (target, key) =>
      key === 'query' && isBroken ? () => Promise.reject(new Error('gone')) : Reflect.get(target, key, target),
  })
  const trust = new StoredTrust({ pool: breaking, logger: testLogger, now: () => clock.nowMs })
  const networks = networksOf('192.0.2.1')
  expect(await trust.isTrustedBy(organizerId, networks)).toBe(false)
  isBroken = false
  expect(await trust.isTrustedBy(organizerId, networks)).toBe(false)
  clock.nowMs += 1_000
  expect(await trust.isTrustedBy(organizerId, networks)).toBe(true)
})
