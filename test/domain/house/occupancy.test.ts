import { bestSeats } from '@boxoffice/core/domain/house/best-seats.ts'
import { categoryTable } from '@boxoffice/core/domain/house/house.ts'
import { Occupancy } from '@boxoffice/core/domain/house/occupancy.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ALL, drawHouse, enter, situations, STANDARD } from './houses.ts'

describe('an occupancy', () => {
  test('counts the free seats: those that are neither taken nor disabled', () => {
    const { occupancy } = drawHouse(['..X#', 'XX'])
    expect(occupancy.free).toBe(2)
    expect(['A1', 'A3', 'A4', 'B2'].map((label) => occupancy.isTaken(label))).toEqual([false, true, false, true])
  })

  test('takes and releases a seat once, however often that is said', () => {
    const { occupancy } = drawHouse(['..X'])
    occupancy.take('A1')
    occupancy.take('A1')
    expect([occupancy.free, occupancy.isTaken('A1')]).toEqual([1, true])
    occupancy.release('A1')
    occupancy.release('A1')
    expect([occupancy.free, occupancy.isTaken('A1')]).toEqual([2, false])
  })

  test('ignores labels that the house does not have', () => {
    const { house } = drawHouse(['..'])
    const occupancy = new Occupancy(house, ['A1', 'Z9'])
    occupancy.take('Z8')
    occupancy.release('Z9')
    expect([occupancy.free, occupancy.isTaken('Z8'), occupancy.isTaken('Z9')]).toEqual([1, false, false])
  })

  test('knows that a disabled seat was taken, and never frees it', () => {
    const { house, occupancy } = drawHouse(['.#.'])
    occupancy.take('A2')
    expect([occupancy.free, occupancy.isTaken('A2')]).toEqual([2, true])
    occupancy.release('A2')
    expect([occupancy.free, occupancy.isTaken('A2')]).toEqual([2, false])
    expect(bestSeats(house, occupancy, { quantity: 3, categoryIds: ALL, together: false })).toBeNull()
  })

  test('has a copy that changes by itself', () => {
    const { house, occupancy } = drawHouse(['..X#'])
    const copy = occupancy.copy()
    expect([copy.free, copy.isTaken('A3'), copy.isTaken('A1')]).toEqual([2, true, false])
    copy.take('A1')
    copy.release('A3')
    const wanted = { quantity: 2, categoryIds: ALL, together: true }
    expect(bestSeats(house, copy, wanted)).toEqual(['A2', 'A3'])
    expect(bestSeats(house, occupancy, wanted)).toEqual(['A1', 'A2'])
    expect([occupancy.free, occupancy.isTaken('A1'), occupancy.isTaken('A3')]).toEqual([2, false, true])
  })

  test('keeps the 16 finders that were used last', () => {
    const { house, occupancy } = drawHouse(['....p'])
    const finderFor = (quantity: number, ids = STANDARD, soldIds = ALL, keepsSingles = false) => {
      const [usable, sold] = [categoryTable(house, ids), categoryTable(house, soldIds)]
      return occupancy.finderFor({ quantity, usable, sold, keepsSingles })
    }
    const first = finderFor(1)
    const second = finderFor(2)
    const others = [finderFor(1, ALL), finderFor(1, STANDARD, STANDARD), finderFor(1, STANDARD, ALL, true)]
    expect(new Set([first, second, ...others]).size).toBe(5)
    for (let quantity = 3; quantity <= 13; quantity += 1) finderFor(quantity)
    expect(finderFor(1)).toBe(first)
    finderFor(14)
    expect(finderFor(1)).toBe(first)
    expect(finderFor(2)).not.toBe(second)
  })

  test('after any changes equals one that is made anew', () => {
    const change = fc.record({ takes: fc.boolean(), at: fc.nat(99), quantity: fc.integer({ min: 1, max: 3 }) })
    const changes = fc.array(change, { minLength: 30, maxLength: 60 })
    fc.assert(
      fc.property(situations, changes, (situation, steps) => {
        const { house, occupancy, seats } = enter(situation)
        const taken = new Set(situation.taken)
        for (const { takes, at, quantity } of steps) {
          const label = seats[at % seats.length]?.label ?? ''
          if (takes) {
            taken.add(label)
            occupancy.take(label)
          } else {
            taken.delete(label)
            occupancy.release(label)
          }
          // What an occupancy remembers of earlier searches must not be what it finds in later ones.
          const wanted = { quantity, categoryIds: situation.categoryIds, together: true }
          expect(bestSeats(house, occupancy, wanted)).toEqual(bestSeats(house, new Occupancy(house, taken), wanted))
        }
        const anew = new Occupancy(house, taken)
        expect(occupancy.free).toBe(anew.free)
        expect(occupancy.free).toBe(seats.filter(({ label, disabled }) => !disabled && !taken.has(label)).length)
        expect(seats.filter(({ label }) => occupancy.isTaken(label)).map(({ label }) => label)).toEqual(
          seats.filter(({ label }) => taken.has(label)).map(({ label }) => label),
        )
        expect(seats.map((_, index) => occupancy.categoryOfFree(index))).toEqual(
          seats.map((_, index) => anew.categoryOfFree(index)),
        )
      }),
    )
  })
})
