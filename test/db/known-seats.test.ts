import { describe, expect, it } from 'vitest'
import { KnownSeats } from '@boxoffice/core/inventory/queries/read-seats.ts'
import { givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { observePool } from '../support/observed-pool.ts'

const db = sharedDatabase()

const wanting = (layoutId: string, labels: readonly string[]) => new Map([[layoutId, new Set(labels)]])

describe('seats that are asked for', () => {
  it('are read once, and no others of their house', async () => {
    const { layoutId } = await givenShowtime(db.database, { rows: 20, seatsPerRow: 20, disabledSeats: ['A2'] })
    const known = new KnownSeats()
    const first = await known.read(db.database.pool, wanting(layoutId, ['A1', 'A2', 'nowhere']))
    expect([...(first.get(layoutId) ?? [])].map(([label, { disabled }]) => [label, disabled])).toEqual([
      ['A1', false],
      ['A2', true],
    ])
    expect(known.size, 'kept, of 400 in the house').toBe(2)
    const { pool, statements } = observePool(db.database.pool)
    await known.read(pool, wanting(layoutId, ['A2', 'A1']))
    expect(statements).toEqual([])
  })

  it('that do not exist are not kept, however many are made up', async () => {
    const { layoutId } = await givenShowtime(db.database)
    const known = new KnownSeats()
    for (let made = 0; made < 3; made++) {
      await known.read(
        db.database.pool,
        wanting(
          layoutId,
          Array.from({ length: 100 }, (_, n) => `X${made}-${n}`),
        ),
      )
    }
    expect(known.size).toBe(0)
  })

  it('make room for others, the layout used longest ago first', async () => {
    const houses = [
      await givenShowtime(db.database),
      await givenShowtime(db.database),
      await givenShowtime(db.database),
    ]
    // Room for two layouts with ten short labels each.
    const known = new KnownSeats(2 * (400 + 10 * 90))
    for (const { layoutId, seats } of houses) {
      const found = await known.read(db.database.pool, wanting(layoutId, seats.slice(0, 10)))
      expect(found.get(layoutId)?.size).toBe(10)
    }
    expect(known.size).toBe(20)
    const one = houses[0]
    const found = await known.read(db.database.pool, wanting(one?.layoutId ?? '', one?.seats ?? []))
    expect(found.get(one?.layoutId ?? '')?.size, 'more than there is room for').toBe(50)
    expect(known.size).toBe(0)
  })
})
