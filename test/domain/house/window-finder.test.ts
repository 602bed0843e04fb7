import { categoryTable } from '@boxoffice/core/domain/house/house.ts'
import { type FreeSeats, WindowFinder } from '@boxoffice/core/domain/house/window-finder.ts'
import { describe, expect, test } from 'vitest'
import { drawHouse, STANDARD } from './houses.ts'

const ROWS = 40
const SEATS = 100

/** Returns a finder of pairs in a house of 40 rows of 100 seats, and the reads of its seats so far. */
function finderOfPairs(x: number) {
  const { house } = drawHouse(
    Array.from({ length: ROWS }, () => '.'.repeat(SEATS)),
    { x, y: 0 },
  )
  let reads = 0
  const free = house.categories.slice()
  const seats: FreeSeats = {
    free: new Proxy(free, {
      get(target, key) {
        reads += 1
        return Reflect.get(target, key) as unknown
      },
    }),
    freeInRun: house.seatsInRun.slice(),
    changes: new Int32Array(ROWS).fill(1),
  }
  const table = categoryTable(house, STANDARD)
  const finder = new WindowFinder(house, seats, { quantity: 2, usable: table, sold: table, keepsSingles: false })
  return {
    find: () => {
      reads = 0
      const start = finder.find()?.start ?? null
      return { start, reads }
    },
    take: (...taken: readonly number[]) => {
      for (const seat of taken) {
        const run = Math.floor(seat / SEATS)
        free[seat] = house.categoryIds.length
        seats.freeInRun[run] = (seats.freeInRun[run] ?? 0) - 1
        seats.changes[run] = (seats.changes[run] ?? 0) + 1
      }
    },
  }
}

describe('a finder', () => {
  test('walks through the runs once that can have the best window', () => {
    const { find } = finderOfPairs(49.5)
    const { start, reads } = find()
    expect(start).toBe(49)
    // Each seat is read twice. The first row has a pair that is better than any of the other rows.
    expect(reads).toBe(2 * SEATS)
    expect(find()).toEqual({ start: 49, reads: 0 })
  })

  test('walks through a run again only if it has changed', () => {
    const { find, take } = finderOfPairs(49.5)
    const first = find()
    for (let sold = 0; sold < 250; sold += 1) {
      const { start, reads } = find()
      if (start === null) throw new Error('the house is full')
      // The row of the last pair, and at most one more that was too far away so far.
      expect(reads).toBeLessThanOrEqual(4 * SEATS)
      take(start, start + 1)
    }
    expect(first.reads).toBeLessThanOrEqual(2 * ROWS * SEATS)
  })

  test('does not walk through runs without room', () => {
    const { find, take } = finderOfPairs(0)
    take(...Array.from({ length: ROWS * SEATS - 1 }, (_, index) => index))
    expect(find()).toEqual({ start: null, reads: 0 })
  })
})
