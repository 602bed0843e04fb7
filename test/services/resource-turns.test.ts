import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cancelBooking } from '@boxoffice/core/bookings/cancel-booking.ts'
import { inTurn } from '@boxoffice/core/bookings/resource-turns.ts'
import { givenShowtime } from '../support/catalogue.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { seatsRequest } from '../support/engine.ts'
import { buyerOf, closeLifecycles, givenBookings, type Lifecycle, openLifecycle } from '../support/lifecycle.ts'
import { holdLock, waitForBlocked } from '../support/locks.ts'

let db: TestDatabase
let lifecycle: Lifecycle
beforeAll(async () => {
  db = await createTestDatabase()
  lifecycle = openLifecycle(db)
})
afterAll(async () => {
  await closeLifecycles()
  await db.drop()
})

describe('cancellations of one showtime', () => {
  it('wait for its lock with one connection, so that the pool is there for payments and gates', async () => {
    const { showtimeId, seats } = await givenShowtime(db.database, { price: 0 })
    const bookings = await givenBookings(
      db,
      seats.slice(0, 20).map((seat) => seatsRequest(showtimeId, [seat])),
    )
    const lock = await holdLock(db, 'select from resource_state where resource_id = $1 for no key update', [showtimeId])
    const cancelled = bookings.map((booking) =>
      cancelBooking(lifecycle, {
        reference: booking.reference,
        caller: buyerOf(booking),
        requestId: 'test',
        keyed: null,
      }),
    )
    try {
      expect(await waitForBlocked(db, { by: lock })).toHaveLength(1)
      // Twenty at the lock would be all connections, and this would wait behind them.
      await expect(lifecycle.database.pool.query('select 1 as free')).resolves.toMatchObject({ rowCount: 1 })
      expect(lifecycle.database.pool.waitingCount).toBe(0)
    } finally {
      await lock.release()
    }
    expect(await Promise.all(cancelled)).toHaveLength(20)
  })

  it('wait for so long at the most, and leave the queue then', async () => {
    const held = Promise.withResolvers<void>()
    const first = inTurn(lifecycle.database, 'slow', () => held.promise)
    const begun: string[] = []
    const late = inTurn(lifecycle.database, 'slow', () => Promise.resolve(begun.push('late')), 1)
    await expect(late).rejects.toMatchObject({
      code: 'unavailable',
      cause: { message: expect.stringContaining('take too long') },
    })
    const next = inTurn(lifecycle.database, 'slow', () => Promise.resolve(begun.push('next')))
    held.resolve()
    await Promise.all([first, next])
    expect(begun).toEqual(['next'])
  })

  it('are refused where too many wait, and go on after one that fails', async () => {
    const held = Promise.withResolvers<void>()
    const first = inTurn(lifecycle.database, 'crowded', () => held.promise)
    const waiting = Array.from({ length: 500 }, (_, index) =>
      inTurn(lifecycle.database, 'crowded', () =>
        index === 0 ? Promise.reject(new Error('mine')) : Promise.resolve(index),
      ),
    )
    await expect(inTurn(lifecycle.database, 'crowded', () => Promise.resolve(0))).rejects.toMatchObject({
      code: 'unavailable',
      cause: { message: expect.stringContaining('Too many changes') },
    })
    held.resolve()
    await first
    const ended = await Promise.allSettled(waiting)
    expect(ended.filter(({ status }) => status === 'rejected')).toHaveLength(1)
    await expect(inTurn(lifecycle.database, 'crowded', () => Promise.resolve('again'))).resolves.toBe('again')
  })
})
