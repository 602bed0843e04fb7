import { bestSeats, type WantedSeats } from '@boxoffice/core/domain/house/best-seats.ts'
import { buildHouse } from '@boxoffice/core/domain/house/house.ts'
import { Occupancy } from '@boxoffice/core/domain/house/occupancy.ts'
import { singleSeatsLeft } from '@boxoffice/core/domain/house/single-seats.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ALL, drawHouse, enter, type Situation, situations, STANDARD } from './houses.ts'
import { Reference } from './reference.ts'

interface Case extends Partial<WantedSeats> {
  readonly rows: readonly string[]
  readonly x?: number
  /** Labels, or `null`. */
  readonly chosen: string | null
}

function choose({ rows, x = 0, chosen: _, ...more }: Case): string | null {
  const { house, occupancy } = drawHouse(rows, { x, y: 0 })
  const wanted = { quantity: 2, categoryIds: STANDARD, together: true, ...more }
  return bestSeats(house, occupancy, wanted)?.join(' ') ?? null
}

const wantedOf = ({ quantity, categoryIds }: Situation, together: boolean) => ({ quantity, categoryIds, together })

describe('the best seats', () => {
  test.each<[string, Case]>([
    ['are nearest to the focus', { rows: ['........'], x: 3.5, chosen: 'A4 A5' }],
    ['are the earlier ones of two that are equally near', { rows: ['........'], x: 4, chosen: 'A4 A5' }],
    ['may be at the end of a row', { rows: ['........'], x: 9, chosen: 'A7 A8' }],
    ['may be in any row', { rows: ['XXXX', '.XX.', '....'], x: 3, chosen: 'C3 C4' }],
    ['are not taken', { rows: ['..X.X..'], x: 3, chosen: 'A1 A2' }],
    ['are not disabled', { rows: ['..#.#...'], x: 3, chosen: 'A1 A2' }],
    ['are of categories that may be used', { rows: ['..pppp....'], x: 3, chosen: 'A1 A2' }],
    ['may be of several categories', { rows: ['X.pX....'], x: 0, categoryIds: ALL, chosen: 'A2 A3' }],
    ['do not reach across an aisle', { rows: ['X... ...X'], quantity: 4, chosen: null }],
    ['do not reach across rows', { rows: ['XX..', '..XX'], quantity: 3, chosen: null }],
    ['are a single one, of a pair', { rows: ['X..X....'], quantity: 1, chosen: 'A5' }],
    ['are all that there are', { rows: ['X...X'], quantity: 3, chosen: 'A2 A3 A4' }],
    ['do not exist if too few are free', { rows: ['X...X'], quantity: 4, chosen: null }],
    [
      'do not exist in categories that the house does not have',
      { rows: ['....'], categoryIds: new Set(['x']), chosen: null },
    ],
    ['do not exist in no categories', { rows: ['....'], categoryIds: new Set(), chosen: null }],
  ])('%s', (_, wanted) => {
    expect(choose(wanted)).toBe(wanted.chosen)
  })

  test('are not a whole number of seats less than one', () => {
    const { house, occupancy } = drawHouse(['....'])
    for (const quantity of [0, -1, 1.5, Number.NaN]) {
      expect(() => bestSeats(house, occupancy, { quantity, categoryIds: STANDARD, together: true })).toThrow(RangeError)
    }
  })
})

describe('a single seat', () => {
  test.each<[string, Case]>([
    ['is not left at the end of a row', { rows: ['.......'], x: 1.5, chosen: 'A1 A2' }],
    ['is not left at the other end', { rows: ['.......'], x: 4.5, chosen: 'A4 A5' }],
    ['is not left beside a taken seat', { rows: ['X.......'], x: 2.4, chosen: 'A2 A3' }],
    ['is not left beside an aisle', { rows: ['... ....'], x: 1.6, chosen: 'A5 A6' }],
    ['is not left beside a disabled seat', { rows: ['#......'], x: 2.4, chosen: 'A2 A3' }],
    ['is not left beside a category that may not be used', { rows: ['p......'], x: 2.4, chosen: 'A2 A3' }],
    ['is not left if another row has room, however far', { rows: ['...', 'XXX', '....'], x: 0, chosen: 'C1 C2' }],
    ['is left if nothing else is possible, by the best choice', { rows: ['...X...'], x: 6, chosen: 'A6 A7' }],
    ['is none if it stood alone before', { rows: ['.X..X...'], x: 0, chosen: 'A3 A4' }],
    ['is none if it is what is wanted', { rows: ['.X..'], x: 3, quantity: 1, chosen: 'A1' }],
    ['may be left if nobody minds', { rows: ['.......'], x: 1.5, keepsSingles: true, chosen: 'A2 A3' }],
    [
      'is none if its neighbour is sold here, in another category',
      { rows: ['p......'], x: 2.4, soldCategoryIds: ALL, chosen: 'A3 A4' },
    ],
    [
      'may be one of another category that is sold here',
      { rows: ['Xp......'], x: 0, soldCategoryIds: ALL, chosen: 'A4 A5' },
    ],
  ])('%s', (_, wanted) => {
    expect(choose(wanted)).toBe(wanted.chosen)
  })
})

describe('seats that need not be together', () => {
  const apart = { together: false } as const
  test.each<[string, Case]>([
    ['are together if they can be', { ...apart, rows: ['.X.X.X', 'XXXXXX', '....XX'], chosen: 'C1 C2' }],
    [
      'are in large groups rather than near',
      { ...apart, rows: ['.X.X.X', '...XXX'], quantity: 4, chosen: 'A1 B1 B2 B3' },
    ],
    ['are in the better of two groups', { ...apart, rows: ['..X..X..'], x: 4, quantity: 4, chosen: 'A4 A5 A7 A8' }],
    [
      'are in the first of two equal groups',
      { ...apart, rows: ['..X..X..'], x: 3.5, quantity: 4, chosen: 'A1 A2 A4 A5' },
    ],
    [
      'are single ones if there is nothing else',
      { ...apart, rows: ['.X.X.X.X.'], x: 8, quantity: 3, chosen: 'A5 A7 A9' },
    ],
    [
      'leave no single seat by their last group',
      { ...apart, rows: ['....X...X..'], x: 6, quantity: 6, chosen: 'A1 A2 A3 A4 A10 A11' },
    ],
    [
      'are in groups of three lengths',
      { ...apart, rows: ['.X..X...X.'], x: 9, quantity: 6, chosen: 'A3 A4 A6 A7 A8 A10' },
    ],
    ['are all that there are', { ...apart, rows: ['.X.X', '..X.'], quantity: 5, chosen: 'A1 A3 B1 B2 B4' }],
    ['may leave one of another category', { ...apart, rows: ['...X.pX.'], x: 4, quantity: 4, chosen: 'A1 A2 A3 A5' }],
    [
      'do not leave one of another category that is sold here',
      { ...apart, rows: ['...X.pX.'], x: 4, quantity: 4, soldCategoryIds: ALL, chosen: 'A1 A2 A3 A8' },
    ],
    [
      'do not leave one of another category beside a whole stretch',
      { ...apart, rows: ['...X..pX..'], x: 5, quantity: 5, soldCategoryIds: ALL, chosen: 'A1 A2 A3 A9 A10' },
    ],
    ['do not exist if too few are free', { ...apart, rows: ['.X.X', '..X.'], quantity: 6, chosen: null }],
    [
      'do not exist if too few are of categories that may be used',
      { ...apart, rows: ['.p.p'], quantity: 3, chosen: null },
    ],
  ])('%s', (_, wanted) => {
    expect(choose(wanted)).toBe(wanted.chosen)
  })
})

test('choosing takes nothing', () => {
  const { house, occupancy } = drawHouse(['.X..X...'])
  for (const quantity of [2, 5]) {
    bestSeats(house, occupancy, { quantity, categoryIds: STANDARD, together: false })
    expect([occupancy.free, ...['A1', 'A3', 'A6'].map((label) => occupancy.isTaken(label))]).toEqual([
      6,
      false,
      false,
      false,
    ])
  }
})

describe('in any house', () => {
  test('the best seats are free, in one run, and of categories that may be used', () => {
    fc.assert(
      fc.property(situations, fc.boolean(), (situation, together) => {
        const { house, occupancy, seats } = enter(situation)
        const chosen = bestSeats(house, occupancy, wantedOf(situation, together))
        if (chosen === null) return
        expect(new Set(chosen).size).toBe(situation.quantity)
        const facts = seats.filter(({ label }) => chosen.includes(label))
        expect(facts.map(({ label }) => label)).toEqual(chosen)
        for (const { label, disabled, categoryId } of facts) {
          expect([disabled, situation.taken.includes(label)]).toEqual([false, false])
          expect(situation.categoryIds).toContain(categoryId)
        }
        if (together) expect(new Set(facts.map(({ section, row }) => `${section}/${row}`)).size).toBe(1)
        if (together) expect(new Reference(situation).choices(situation.quantity)).toContainEqual(chosen)
      }),
    )
  })

  test.each([true, false])('no choice is better by the order of the rules, together: %s', (together) => {
    fc.assert(
      fc.property(situations, (situation) => {
        const { house, occupancy } = enter(situation)
        expect(bestSeats(house, occupancy, wantedOf(situation, together))).toEqual(
          new Reference(situation).bestSeats(situation.quantity, together),
        )
      }),
      { numRuns: 1_000 },
    )
  })

  test('a single seat is left only if every choice leaves one', () => {
    fc.assert(
      fc.property(situations, (situation) => {
        const { house, occupancy } = enter(situation)
        const { quantity, categoryIds } = situation
        const chosen = bestSeats(house, occupancy, wantedOf(situation, true))
        if (chosen === null || singleSeatsLeft(house, occupancy, chosen, categoryIds).length === 0) return
        const reference = new Reference(situation)
        for (const choice of reference.choices(quantity)) expect(reference.singlesOf(choice)).not.toEqual([])
      }),
    )
  })

  test('a single seat of any category that is sold is left only if every choice leaves one', () => {
    fc.assert(
      fc.property(situations, (situation) => {
        const { house, occupancy } = enter(situation)
        const chosen = bestSeats(house, occupancy, { ...wantedOf(situation, true), soldCategoryIds: ALL })
        const choices = new Reference(situation).choices(situation.quantity)
        expect(chosen === null).toBe(choices.length === 0)
        if (chosen === null || singleSeatsLeft(house, occupancy, chosen, ALL).length === 0) return
        for (const choice of choices) expect(singleSeatsLeft(house, occupancy, choice, ALL)).not.toEqual([])
      }),
    )
  })

  test('the same seats are chosen again, in whichever order categories and taken seats are named', () => {
    fc.assert(
      fc.property(situations, fc.boolean(), (situation, together) => {
        const { house, occupancy } = enter(situation)
        const chosen = bestSeats(house, occupancy, wantedOf(situation, together))
        expect(bestSeats(house, occupancy, wantedOf(situation, together))).toEqual(chosen)
        const again = buildHouse(situation.seats, situation.focus)
        const turned = new Occupancy(again, situation.taken.toReversed())
        const categoryIds = new Set([...situation.categoryIds].toReversed())
        expect(bestSeats(again, turned, { ...wantedOf(situation, together), categoryIds })).toEqual(chosen)
      }),
    )
  })

  test('buyers one after the other get what each would get in a house counted anew, until it is full', () => {
    fc.assert(
      fc.property(situations, fc.boolean(), (situation, together) => {
        const { house, occupancy } = enter(situation)
        const taken = [...situation.taken]
        for (let buyer = 0; buyer <= situation.seats.length; buyer += 1) {
          const chosen = bestSeats(house, occupancy, wantedOf(situation, together))
          expect(chosen).toEqual(bestSeats(house, new Occupancy(house, taken), wantedOf(situation, together)))
          if (chosen === null) break
          for (const label of chosen) occupancy.take(label)
          taken.push(...chosen)
        }
        expect(new Set(taken).size).toBe(taken.length)
        const left = house.labels.filter((label) => !taken.includes(label))
        const { quantity, categoryIds } = situation
        const usable = situation.seats.filter(
          ({ label, disabled, categoryId }) => left.includes(label) && !disabled && categoryIds.has(categoryId),
        )
        if (!together) expect(usable.length).toBeLessThan(quantity)
      }),
    )
  })
})

describe('accessible seats', () => {
  test.each<[string, Case]>([
    ['are not chosen for others', { rows: ['ww......'], chosen: 'A3 A4' }],
    ['are chosen once nothing else is left', { rows: ['wwXX.'], chosen: 'A1 A2' }],
    ['are not chosen where others are free, but apart', { rows: ['wwXX.X.'], together: false, chosen: 'A5 A7' }],
    ['are company for the seat beside them', { rows: ['ww...'], chosen: 'A4 A5' }],
  ])('%s', (_, wanted) => {
    expect(choose(wanted)).toBe(wanted.chosen)
  })

  test('are the last choice in any house', () => {
    const marks = fc.array(fc.boolean(), { minLength: 12, maxLength: 12 })
    fc.assert(
      fc.property(situations, marks, fc.boolean(), (situation, accessible, together) => {
        const { seats, focus, taken, categoryIds } = situation
        const isAccessible = (index: number) => accessible[index % 12] === true
        const wanted = { ...wantedOf(situation, together), soldCategoryIds: new Set([...categoryIds, 'theirs']) }
        const chooseIn = (changes: (index: number) => object) => {
          const house = buildHouse(
            seats.map((seat, index) => ({ ...seat, ...changes(index) })),
            focus,
          )
          return bestSeats(house, new Occupancy(house, taken), wanted)
        }
        const others = chooseIn((index) =>
          isAccessible(index) && categoryIds.has(seats[index]?.categoryId ?? '') ? { categoryId: 'theirs' } : {},
        )
        const chosen = chooseIn((index) => ({ accessible: isAccessible(index) }))
        expect(chosen).toEqual(others ?? chooseIn(() => ({})))
      }),
    )
  })
})
