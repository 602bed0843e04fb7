import { expect, it } from 'vitest'
import { openLifecyclePool } from '@boxoffice/core/db/pools.ts'
import { paymentProviders } from '@boxoffice/core/payments/providers.ts'
import { changeStatus } from '@boxoffice/core/bookings/change-status.ts'
import type { BookingStatus } from '@boxoffice/core/domain/booking-status.ts'
import { givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { openEngine, seatsRequest } from '../support/engine.ts'
import { staffOf } from '../support/lifecycle.ts'
import { testLogger } from '../support/logger.ts'
import { PlayedProvider } from '../support/played-provider.ts'

/*
 * A change of one booking, in a connection whose plans were made when there was one booking, reads as many index
 * entries among a thousand: an index that is walked through from end to end is no better than a table that is.
 */

const OTHERS = 1_000

const db = sharedDatabase()

it('confirming and cancelling a booking costs the same among a thousand others', async () => {
  const { showtimeId, seats, organizerId } = await givenShowtime(db.database, { rows: 26, seatsPerRow: 50 })
  const database = openLifecyclePool(db.url, 1, testLogger)
  const deps = {
    database,
    logger: testLogger,
    providers: paymentProviders(new PlayedProvider()),
    announce: () => undefined,
  }
  const engine = openEngine(db)
  const book = async (count: number) => {
    for (const seat of seats.splice(0, count)) await engine.line.accept(seatsRequest(showtimeId, [seat]))
    await engine.decideWaiting(0)
    const { rows } = await db.database.pool.query<{ reference: string }>(
      `select reference from bookings where status = 'pending' order by id desc limit 2`,
    )
    return rows.map(({ reference }) => reference)
  }
  const change = async (reference = '', status: BookingStatus) => {
    const before = await entriesRead()
    await changeStatus(deps, {
      reference,
      caller: { ...staffOf({ organizerId }, 'organizer'), subject: 'organizer-1' },
      requestId: 'test',
      status,
      reason: 'as they wish',
      keyed: null,
    })
    return (await entriesRead()) - before
  }
  /** Returns the number of index entries read so far, for everything that grows with the bookings. */
  async function entriesRead(): Promise<number> {
    await database.pool.query('select pg_stat_force_next_flush()')
    await db.database.pool.query('select pg_stat_clear_snapshot()')
    const { rows } = await db.database.pool.query<{ read: number }>(
      `select sum(idx_tup_read)::int as read from pg_stat_user_indexes
       where relname ~ '^(bookings|booking_items|tickets|payments|seat_allocations|audit|outbox)'`,
    )
    return rows[0]?.read ?? Number.NaN
  }

  const [confirmedFirst, cancelledFirst] = await book(2)
  const alone = [await change(confirmedFirst, 'confirmed'), await change(cancelledFirst, 'cancelled')]
  const [confirmed, cancelled] = await book(OTHERS)
  await engine.close()
  const among = [await change(confirmed, 'confirmed'), await change(cancelled, 'cancelled')]
  await database.close()
  for (const [index, read] of among.entries()) expect(read).toBeLessThan((alone[index] ?? 0) + 20)
})
