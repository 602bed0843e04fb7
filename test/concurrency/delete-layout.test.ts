import { describe, expect, it } from 'vitest'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { inTransaction, type Transaction } from '@boxoffice/core/db/transaction.ts'
import { createLayout } from '@boxoffice/core/catalogue/create-layout.ts'
import { deleteLayout } from '@boxoffice/core/catalogue/delete-layout.ts'
import { scheduleShowtimes } from '@boxoffice/core/catalogue/create-showtime.ts'
import { updateShowtime } from '@boxoffice/core/catalogue/update-showtime.ts'
import { newId } from '@boxoffice/core/runtime/new-id.ts'
import { givenShowtime, type GivenShowtime } from '../support/catalogue.ts'
import { type TestDatabase, sharedDatabase } from '../support/database.ts'
import { interceptTransactions } from '../support/intercepted-database.ts'
import { inBareDatabase } from '../support/lifecycle.ts'
import { waitForBlocked } from '../support/locks.ts'

/** A showtime is put on a version of the seating while that version is deleted: one of the two must give way. */

const BY = { actor: 'test', requestId: null }

const db = sharedDatabase()

/** Creates an auditorium whose versions 2 and 3 no showtime uses. */
async function givenVersions(on: TestDatabase): Promise<GivenShowtime> {
  const house = await givenShowtime(on.database, { rows: 1, seatsPerRow: 2 })
  for (const x of [1, 2]) {
    await inTransaction(on.database, (tx) =>
      createLayout(tx, {
        ...BY,
        organizerId: house.organizerId,
        auditoriumId: house.auditoriumId,
        categories: ['Standard'],
        rows: [{ label: 'A', seats: [1, 2].map((number) => ({ number, x: x * number, y: 0, category: 'Standard' })) }],
      }),
    )
  }
  return house
}

const remove = (tx: Transaction, { auditoriumId, organizerId }: GivenShowtime, version = 2) =>
  deleteLayout(tx, { ...BY, auditoriumId, organizerId, version })

const schedule = (tx: Transaction, { auditoriumId, organizerId, movieId }: GivenShowtime) =>
  scheduleShowtimes(tx, {
    ...BY,
    auditoriumId,
    organizerId,
    movieId,
    layoutVersion: 2,
    startsAt: new Date(Date.now() + 86_400_000),
    currency: 'EUR',
    lane: 0,
    lanes: 1,
    prices: [{ category: 'Standard', price: 100 }],
    idOf: () => newId(),
  })

/** Counts showtimes whose layout is missing or has no seats. */
async function unseated({ database }: TestDatabase, { auditoriumId }: GivenShowtime): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>(
    `select count(*)::int as count from showtimes s
     where auditorium_id = $1 and not exists (select from seats where layout_id = s.layout_id)`,
    [auditoriumId],
  )
  return rows[0]?.count ?? -1
}

/** Runs `first` in a transaction that stays open until `second`, which begins meanwhile, waits for it or has ended. */
async function race(
  on: TestDatabase,
  guard: (database: Database) => Database,
  first: (tx: Transaction) => Promise<unknown>,
  second: (tx: Transaction) => Promise<unknown>,
) {
  const pools = [on.open(), on.open()] as const
  try {
    let other: Promise<unknown> = Promise.resolve()
    await inTransaction(guard(pools[0]), async (tx) => {
      await first(tx)
      other = inTransaction(guard(pools[1]), second).catch((error: unknown) => error)
      await Promise.race([waitForBlocked(on), other])
    })
    return await other
  } finally {
    await Promise.all(pools.map((pool) => pool.close()))
  }
}

const withoutLocks = (database: Database) =>
  interceptTransactions(database, ({ text, run }) =>
    run(text.replace(/\bfor (?:no key update|update|key share)(?: of "\w+")?/g, '')),
  )
const asIs = (database: Database) => database

const NO_GUARDS = [
  'drop trigger seats_go_with_an_unused_layout on seats',
  'drop trigger seat_categories_go_with_an_unused_layout on seat_categories',
  'alter table showtimes drop constraint showtimes_layout_id_layouts_id_fk',
  'alter table showtime_prices drop constraint showtime_prices_category_id_seat_categories_id_fk',
]

describe('deleting a version of the seating', () => {
  it('takes the seats of a showtime that is made on it, without locks: the control', () =>
    inBareDatabase(
      async (bare) => {
        const house = await givenVersions(bare)
        const removed = await race(
          bare,
          withoutLocks,
          (tx) => schedule(tx, house),
          (tx) => remove(tx, house),
        )
        expect(removed).toBeUndefined()
        expect(await unseated(bare, house)).toBe(1)
      },
      ...NO_GUARDS,
    ))

  it('waits for a showtime that is being made on it, and leaves it its seats', async () => {
    const house = await givenVersions(db)
    const removed = await race(
      db,
      asIs,
      (tx) => schedule(tx, house),
      (tx) => remove(tx, house),
    )
    expect(removed).toMatchObject({ code: 'layout_in_use', facts: { showtimes: 1 } })
    expect(await unseated(db, house)).toBe(0)
  })

  it('waits for a showtime that is being moved to it', async () => {
    const house = await givenVersions(db)
    const { showtimeId, organizerId } = house
    const removed = await race(
      db,
      asIs,
      (tx) => updateShowtime(tx, { ...BY, showtimeId, organizerId, layoutVersion: 2 }),
      (tx) => remove(tx, house),
    )
    expect(removed).toMatchObject({ code: 'layout_in_use' })
    // The one that it was moved from is free.
    await inTransaction(db.database, (tx) => remove(tx, house, 1))
    expect(await unseated(db, house)).toBe(0)
  })

  it('that came first leaves no such version to whoever makes a showtime', async () => {
    const house = await givenVersions(db)
    const made = await race(
      db,
      asIs,
      (tx) => remove(tx, house),
      (tx) => schedule(tx, house),
    )
    expect(made).toMatchObject({
      code: 'invalid_request',
      errors: [{ pointer: '/layoutVersion', detail: 'The auditorium has no layout of version 2.' }],
    })
    expect(await unseated(db, house)).toBe(0)
  })

  it('is refused by the database too while a showtime is being made on it', async () => {
    const house = await givenVersions(db)
    const { rows } = await db.database.pool.query<{ id: string }>(
      'select id from layouts where auditorium_id = $1 and version = 2',
      [house.auditoriumId],
    )
    const removed = await race(
      db,
      asIs,
      (tx) => schedule(tx, house),
      ({ client }) => client.query('delete from seats where layout_id = $1', [rows[0]?.id]),
    )
    expect(String(removed)).toContain('showtimes use this one')
    expect(await unseated(db, house)).toBe(0)
  })
})
