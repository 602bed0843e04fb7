import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { ProviderRefusedError, type RefundOrder } from '@boxoffice/core/payments/provider.ts'
import { createSandboxProvider } from '@boxoffice/core/payments/sandbox/sandbox-provider.ts'
import { holdBefore, withoutRowLocks } from '../support/intercepted-database.ts'
import { waitForBlocked } from '../support/locks.ts'
import { WEBHOOK_SECRET, sharedSandbox } from './sandbox-harness.ts'

const sandbox = sharedSandbox()

const providerOn = (database: Database) =>
  createSandboxProvider({ database, publicUrl: () => '', webhookSecret: WEBHOOK_SECRET })

async function givenPaid(amount: number, currency = 'EUR') {
  const { order, checkout } = await sandbox.begin({ amount, currency })
  await sandbox.play(checkout, 'approve')
  const refund = (part: number, changes: Partial<RefundOrder> = {}): RefundOrder => ({
    refundId: randomUUID(),
    paymentId: order.paymentId,
    providerReference: checkout.providerReference,
    amount: part,
    currency,
    ...changes,
  })
  const refunded = async () => {
    const { rows } = await sandbox.db.database.pool.query<{ amount: number }>(
      'select amount from sandbox_refunds where checkout_id = $1',
      [checkout.providerReference],
    )
    return rows.reduce((sum, row) => sum + row.amount, 0)
  }
  return { refund, refunded }
}

describe('two refunds of 600 out of 1000 at the same moment', () => {
  /**
   * Races two refunds. The first has read what is left and is held before it writes; the second follows, on connections
   * of its own.
   */
  async function raceRefunds(orders: readonly [RefundOrder, RefundOrder], guard?: (database: Database) => Database) {
    const databases = [sandbox.db.open(), sandbox.db.open()] as const
    const [one, two] = databases.map((database) => (guard === undefined ? database : guard(database)))
    const hold = holdBefore('sandbox-insert-refund')
    try {
      const first = providerOn(hold.wrap(one ?? databases[0])).refund(orders[0])
      await hold.reached
      const second = providerOn(two ?? databases[1]).refund(orders[1])
      await (guard === undefined ? waitForBlocked(sandbox.db) : second)
      hold.release()
      return await Promise.allSettled([first, second])
    } finally {
      hold.release()
      await Promise.all(databases.map((database) => database.close()))
    }
  }

  it('both go back when nobody locks the checkout: the race is real', async () => {
    const { refund, refunded } = await givenPaid(1_000)
    const unguarded = (database: Database) => withoutRowLocks(database, /^sandbox-lock-checkout$/)
    const results = await raceRefunds([refund(600), refund(600)], unguarded)
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
    expect(await refunded()).toBe(1_200)
  })

  it('one goes back and the other is refused', async () => {
    const { refund, refunded } = await givenPaid(1_000)
    const results = await raceRefunds([refund(600), refund(600)])
    expect(results).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: expect.any(ProviderRefusedError) },
    ])
    expect(await refunded()).toBe(600)
  })

  it('are one where they have one id', async () => {
    const { refund, refunded } = await givenPaid(1_000)
    const order = refund(600)
    const [first, second] = await raceRefunds([order, order])
    expect(second).toEqual(first)
    expect(await refunded()).toBe(600)
  })
})

describe('a refund', () => {
  it('never adds up to more than was captured, however many come at once', async () => {
    const { refund, refunded } = await givenPaid(1_000)
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => sandbox.provider.refund(refund(150))))
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(6)
    expect(await refunded()).toBe(900)
  })

  it('is refused in another currency than was captured, above what is left, and of nothing', async () => {
    const { refund } = await givenPaid(1_000)
    const rejected = (order: RefundOrder, reason: string) =>
      expect(sandbox.provider.refund(order)).rejects.toThrow(reason)
    await rejected(refund(100, { currency: 'USD' }), 'It was paid in EUR, not in USD.')
    await rejected(refund(1_001), 'At most 10.00 EUR can be sent back.')
    await rejected(refund(0), 'At most 10.00 EUR')
    await rejected(refund(0.5), 'At most 10.00 EUR')
  })

  it('is refused under the id of another refund', async () => {
    const { refund } = await givenPaid(1_000)
    const order = refund(100)
    await sandbox.provider.refund(order)
    await expect(sandbox.provider.refund({ ...order, amount: 101 })).rejects.toThrow(ProviderRefusedError)
    const other = await givenPaid(1_000)
    await expect(sandbox.provider.refund(other.refund(100, { refundId: order.refundId }))).rejects.toThrow(
      ProviderRefusedError,
    )
  })

  it('is refused after a card was declined, for nothing was taken', async () => {
    const { order, checkout } = await sandbox.begin()
    await sandbox.play(checkout, 'decline')
    const { paymentId, currency } = order
    const refund = { paymentId, providerReference: null, refundId: randomUUID(), amount: 1, currency }
    await expect(sandbox.provider.refund(refund)).rejects.toThrow('Nothing was paid')
  })

  it('cannot be found where there is none', async () => {
    await expect(sandbox.provider.findRefund({ providerReference: 'sbr_none' })).rejects.toThrow(ProviderRefusedError)
  })
})
