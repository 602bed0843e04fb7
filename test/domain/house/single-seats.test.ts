import { leavesSingleNeedlessly, singleSeatsLeft } from '@boxoffice/core/domain/house/single-seats.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ALL, drawHouse, enter, situations, STANDARD } from './houses.ts'
import { Reference } from './reference.ts'

const at = (labels: string) => labels.split(' ')

describe('single seats left', () => {
  test.each([
    ['at the end of a row', ['.....'], 'A2 A3', ['A1']],
    ['at both ends', ['....'], 'A2 A3', ['A1', 'A4']],
    ['between taken seats', ['..X..'], 'A1', ['A2']],
    ['between two that are asked for', ['......'], 'A3 A5', ['A4', 'A6']],
    ['beside an aisle', ['... ...'], 'A1 A2', ['A3']],
    ['beside a disabled seat', ['#...'], 'A3 A4', ['A2']],
    ['beside a category that is not sold', ['p...'], 'A3 A4', ['A2']],
    ['in the order of the layout', ['...', '...'], 'B1 B2 A2 A3', ['A1', 'B3']],
    ['by a seat that is named twice', ['...'], 'A1 A1 A2', ['A3']],
    ['by some that the house has, and one that it has not', ['...'], 'A1 A2 Z9', ['A3']],
    ['not by a pair at the end', ['....'], 'A1 A2', []],
    ['not beside the last of a run', ['X..X'], 'A2 A3', []],
    ['not if it stood alone before, between seats that are taken', ['X.X'], 'A1 A3', []],
    ['not if it stood alone before, between disabled seats', ['#.#'], 'A1 A3', []],
    ['not if it is asked for itself', ['..X..'], 'A2 A4 A5', ['A1']],
    ['not if it is not sold', ['.p.'], 'A1', []],
    ['not by nobody', ['...'], 'Z9', []],
  ])('%s', (_, rows, labels, singles) => {
    const { house, occupancy } = drawHouse(rows)
    expect(singleSeatsLeft(house, occupancy, at(labels), STANDARD)).toEqual(singles)
  })

  test('counts seats of all categories that are sold', () => {
    const { house, occupancy } = drawHouse(['p...'])
    expect(singleSeatsLeft(house, occupancy, at('A3 A4'), ALL)).toEqual([])
    expect(singleSeatsLeft(house, occupancy, at('A2 A3'), ALL)).toEqual(['A1', 'A4'])
  })

  test('takes nothing', () => {
    const { house, occupancy } = drawHouse(['.....'])
    singleSeatsLeft(house, occupancy, at('A2 A3'), STANDARD)
    expect([occupancy.free, occupancy.isTaken('A2')]).toEqual([5, false])
  })

  test('are those that stand alone after, and not before, in any house and for any seats', () => {
    fc.assert(
      fc.property(situations, fc.array(fc.nat(), { maxLength: 6 }), (situation, picks) => {
        const { house, occupancy, seats } = enter(situation)
        const { categoryIds } = situation
        const labels = picks.map((pick) => seats[pick % seats.length]?.label ?? '')
        expect(singleSeatsLeft(house, occupancy, labels, categoryIds)).toEqual(
          new Reference(situation).singlesOf(labels),
        )
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('a single seat is left needlessly', () => {
  test.each([
    ['if the same row has a better choice', ['.....'], 'A2 A3', ['A1']],
    ['if another row has one', ['...', 'XXX', '..'], 'A1 A2', ['A3']],
    ['even if other choices leave one too', ['...', '...', '....'], 'A1 A2', ['A3']],
    ['not if all are as bad', ['...', '...'], 'A1 A2', []],
    ['not if only fewer neighbours are left elsewhere', ['....X..'], 'A1 A2 A3', []],
    ['not if only another category has a better choice', ['...', 'pp'], 'A1 A2', []],
    ['if one of the same categories has', ['.p.X....'], 'A1 A2', ['A3']],
    ['if two that are apart could be neighbours', ['...', '..'], 'A1 A3', ['A2']],
    ['not if they could not', ['...'], 'A1 A3', []],
    ['if one that is named twice could be another one', ['...', '.'], 'A2 A2', ['A1', 'A3']],
  ])('%s', (_, rows, labels, singles) => {
    const { house, occupancy } = drawHouse(rows)
    expect(leavesSingleNeedlessly(house, occupancy, at(labels), ALL)).toEqual(singles)
  })

  test('in any house exactly if some choice in the same categories leaves none', () => {
    fc.assert(
      fc.property(situations, fc.nat(), (situation, pick) => {
        const { house, occupancy, seats } = enter(situation)
        const { quantity, categoryIds } = situation
        const choices = new Reference(situation).choices(quantity)
        const labels = choices[pick % choices.length]
        if (labels === undefined) return
        const same = new Set(seats.filter(({ label }) => labels.includes(label)).map(({ categoryId }) => categoryId))
        const inSame = new Reference({ ...situation, categoryIds: same }).choices(quantity)
        const reference = new Reference(situation)
        const isNeedless = inSame.some((choice) => reference.singlesOf(choice).length === 0)
        expect(leavesSingleNeedlessly(house, occupancy, labels, categoryIds)).toEqual(
          isNeedless ? reference.singlesOf(labels) : [],
        )
      }),
      { numRuns: 1_000 },
    )
  })
})
