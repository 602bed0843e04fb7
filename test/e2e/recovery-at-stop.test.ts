import { expect, it } from 'vitest'
import { givenShowtime } from '../support/catalogue.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { seatsRequest } from '../support/engine.ts'
import { givenBookings } from '../support/lifecycle.ts'
import { holdLock } from '../support/locks.ts'
import { startProcess } from '../support/process.ts'

/** Counts the connections of the API, without the one that waits for the lock. */
async function connectionsOf({ database }: TestDatabase): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity
     where datname = current_database() and application_name like 'boxoffice-%' and application_name not like '%test%'`,
  )
  return rows[0]?.count ?? 0
}

async function atMost(ms: number, isDone: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + ms
  while (performance.now() < end && !(await isDone())) continue
}

it('an API that is stopped has seen to all who asked for a link to their booking', { timeout: 60_000 }, async () => {
  const db = await createTestDatabase()
  const api = await startProcess('api', { DATABASE_URL: db.url })
  try {
    const { showtimeId, seats } = await givenShowtime(db.database)
    const bookings = await givenBookings(
      db,
      seats.slice(0, 5).map((seat) => seatsRequest(showtimeId, [seat])),
    )
    const { rows } = await db.database.pool.query<{ reference: string; email: string }>(
      'select reference, customer_email as email from bookings order by reference',
    )
    expect(rows).toHaveLength(bookings.length)
    // The first one is kept waiting, and all others behind it, until the API has been asked to stop.
    const lock = await holdLock(db, 'select from bookings for update')
    for (const { reference, email } of rows) {
      const answer = await fetch(`${api.url}/v1/booking-recoveries`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ reference, email }),
      })
      expect(answer.status).toBe(202)
    }
    const stopped = api.stop()
    // Its pools would be closed by then, were it not waiting for those who asked.
    await atMost(500, async () => (await connectionsOf(db)) <= 1)
    await lock.release()
    expect(await stopped).toEqual({ code: 0, signal: null })
    const mails = await db.database.pool.query(`select from mails where kind = 'recovery'`)
    expect(mails.rowCount).toBe(bookings.length)
  } finally {
    await api.stop()
    await db.drop()
  }
})
