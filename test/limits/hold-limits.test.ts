import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { CountedHoldLimits, type WantedHold } from '@boxoffice/core/limits/hold-limits.ts'
import { MemoryHoldLedger } from '@boxoffice/core/limits/memory-hold-ledger.ts'
import { sharedDatabase } from '../support/database.ts'
import { testLogger } from '../support/logger.ts'
import { observePool } from '../support/observed-pool.ts'

const db = sharedDatabase()

const wanted = (owner: string): WantedHold => ({
  resourceId: randomUUID(),
  kind: 'showtime',
  owner,
  idempotencyKey: null,
  payload: { seats: ['A1'], customer: { name: 'Ada', email: 'ada@example.org' } },
  customerKeys: [`o:${owner}`],
  networks: [{ name: '198.51.100.7', times: 1 }],
  places: 1,
  organizerOf: () => Promise.resolve(null),
})

test('a script that goes on asking at a full address does not have its holds read each time', async () => {
  const { pool, statements } = observePool(db.database.pool)
  const ledger = new MemoryHoldLedger()
  const limits = new CountedHoldLimits({ ledger, pool, perCustomer: 3, perAddress: 10, logger: testLogger })
  for (let place = 0; place < 10; place++) await limits.reserve(wanted(`guest ${place}`))
  expect(statements).toEqual([])
  for (let call = 0; call < 100; call++) {
    await expect(limits.reserve(wanted(`another guest ${call}`))).rejects.toMatchObject({
      code: 'too_many_holds',
      facts: { limit: 10, held: 10 },
    })
  }
  // A second may have passed on a slow machine.
  expect(statements.length).toBeLessThan(5)
})
