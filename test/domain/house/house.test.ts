import { bestSeats } from '@boxoffice/core/domain/house/best-seats.ts'
import { buildHouse, houseBytes, type SeatFacts } from '@boxoffice/core/domain/house/house.ts'
import { Occupancy } from '@boxoffice/core/domain/house/occupancy.ts'
import { describe, expect, test } from 'vitest'
import { drawHouse, STANDARD } from './houses.ts'

/** Makes a row of seats `A0`, `A1`, … at these places. */
const rowAt = (xs: readonly number[], more: Partial<SeatFacts> = {}): readonly SeatFacts[] =>
  xs.map((x, index) => ({
    section: null,
    row: 'A',
    x,
    y: 0,
    categoryId: 'standard',
    disabled: false,
    ...more,
    label: `${more.section ?? ''}${more.row ?? 'A'}${index}`,
  }))

/** Returns the groups of neighbours in a house in which nothing is taken, by taking the longest ones first. */
function groupsOf(seats: readonly SeatFacts[]): readonly string[] {
  const house = buildHouse(seats, { x: 0, y: 0 })
  const occupancy = new Occupancy(house, [])
  const groups: string[] = []
  for (let size = seats.length; size > 0; size -= 1) {
    const group = bestSeats(house, occupancy, { quantity: size, categoryIds: STANDARD, together: true })
    if (group === null) continue
    groups.push(group.join(' '))
    for (const label of group) occupancy.take(label)
    size += 1
  }
  return groups
}

describe('neighbours', () => {
  test.each([
    ['stand side by side', [0, 1, 2, 3], ['A0 A1 A2 A3']],
    ['are in the order of the layout, whichever way it goes', [3, 2, 1, 0], ['A0 A1 A2 A3']],
    ['are parted by an aisle', [0, 1, 3, 4], ['A0 A1', 'A2 A3']],
    ['are parted by a distance just above 1.75 times the usual one', [0, 4, 8, 15.001, 19], ['A0 A1 A2', 'A3 A4']],
    ['are not parted by a distance of 1.75 times the usual one', [0, 4, 8, 15, 19], ['A0 A1 A2 A3 A4']],
    ['are parted by an aisle in a row of three', [0, 1, 6], ['A0 A1', 'A2']],
    ['are parted where seats stand in pairs', [0, 1, 3, 4, 6, 7], ['A0 A1', 'A2 A3', 'A4 A5']],
    ['are two alone in a row, however far apart', [0, 9], ['A0 A1']],
    ['are nobody in a row of one', [0], ['A0']],
  ])('%s', (_, xs, groups) => {
    expect(groupsOf(rowAt(xs))).toEqual(groups)
  })

  test('stand on a curve: the distance counts in both directions', () => {
    const curve = rowAt([0, 3, 5, 5]).map((seat, index) => ({ ...seat, y: [0, 0, 2, 5][index] ?? 0 }))
    expect(groupsOf(curve)).toEqual(['A0 A1 A2 A3'])
    const steep = curve.map((seat, index) => (index === 3 ? { ...seat, y: 8 } : seat))
    expect(groupsOf(steep)).toEqual(['A0 A1 A2', 'A3'])
  })

  test('are measured by their own row', () => {
    const sofas = rowAt([0, 4, 8], { row: 'B', y: 1 })
    expect(groupsOf([...rowAt([0, 1, 2, 6, 7, 8]), ...sofas])).toEqual(['A0 A1 A2', 'B0 B1 B2', 'A3 A4 A5'])
  })

  test.each<[string, Partial<SeatFacts>, string]>([
    ['row', { row: 'B' }, 'B0 B1'],
    ['section', { section: 'Balcony' }, 'BalconyA0 BalconyA1'],
  ])('are in one %s', (_, more, second) => {
    expect(groupsOf([...rowAt([0, 1]), ...rowAt([2, 3], more)])).toEqual(['A0 A1', second])
  })

  test('are never disabled', () => {
    expect(groupsOf(rowAt([0, 1, 2]).map((seat) => ({ ...seat, disabled: seat.x === 1 })))).toEqual(['A0', 'A2'])
  })
})

describe('the focus', () => {
  const best = (rows: readonly string[], focus: { x: number; y: number } | null) => {
    const { house, occupancy } = drawHouse(rows, focus)
    return bestSeats(house, occupancy, { quantity: 1, categoryIds: STANDARD, together: true, keepsSingles: true })
  }

  test.each([
    ['a seat', { x: 1, y: 1 }, 'B2'],
    ['a point before the house', { x: 4, y: -100 }, 'A5'],
    ['a point behind the house', { x: 0, y: 100 }, 'C1'],
    ['a point between two seats: the earlier one is taken', { x: 1.5, y: 2 }, 'C2'],
    ['a point between two rows', { x: 3, y: 0.5 }, 'A4'],
    ['a point very far away', { x: -1_000_000, y: 1 }, 'B1'],
  ])('is %s', (_, focus, label) => {
    expect(best(['.....', '.....', '.....'], focus)).toEqual([label])
  })

  test('is the middle of the front row if the layout has none', () => {
    expect(best(['.....', '.........', '.........'], null)).toEqual(['A3'])
    expect(best(['    .....', '.........', '.........'], null)).toEqual(['A7'])
  })

  test('is the middle of the row with the smallest mean, wherever that is in the layout', () => {
    const back = rowAt([0, 1, 2, 3, 4, 5, 6], { row: 'A', y: 5 })
    // One seat of the last row is nearer to the front than any other.
    const front = rowAt([10, 11, 12], { row: 'B', y: 1 })
    const crooked = rowAt([20, 21, 22], { row: 'C', y: 3 }).map((seat, index) =>
      index === 0 ? { ...seat, y: 0 } : seat,
    )
    const house = buildHouse([...back, ...front, ...crooked], null)
    const wanted = { quantity: 1, categoryIds: STANDARD, together: true, keepsSingles: true }
    expect(bestSeats(house, new Occupancy(house, []), wanted)).toEqual(['B1'])
  })

  test('is the middle of all front rows if sections stand side by side', () => {
    const sections = ['left', 'centre', 'right'].flatMap((section, index) =>
      rowAt(
        [0, 1, 2].map((x) => x + 4 * index),
        { section, row: 'A' },
      ),
    )
    const house = buildHouse(sections, null)
    const wanted = { quantity: 1, categoryIds: STANDARD, together: true, keepsSingles: true }
    expect(bestSeats(house, new Occupancy(house, []), wanted)).toEqual(['centreA1'])
  })
})

describe('seats that are equally far from the focus', () => {
  // The first row has seats 0.5 and 1.5 from the focus, and the other two of 0.5, one unit behind: both pairs sum up to 2.5.
  const side = rowAt([0.5, 1.5], { row: 'A' })
  const behind = rowAt([-0.5, 0.5], { row: 'B', y: 1 })
  const widths = Array.from({ length: 40 }, (_, index) => 3 + 7 * index)

  test.each([
    ['before', [...side, ...behind], 'A0 A1'],
    ['behind', [...behind, ...side], 'B0 B1'],
  ])('are equally good, however large the house is: the first row is the one %s', (_, rows, chosen) => {
    for (const width of widths) {
      const house = buildHouse([...rows, ...rowAt([width], { row: 'Z' })], { x: 0, y: 0 })
      const wanted = { quantity: 2, categoryIds: STANDARD, together: true }
      expect(bestSeats(house, new Occupancy(house, []), wanted)?.join(' ')).toBe(chosen)
    }
  })
})

describe('a house', () => {
  test('without seats has none to give', () => {
    const house = buildHouse([], null)
    const occupancy = new Occupancy(house, ['A1'])
    expect(occupancy.free).toBe(0)
    expect(bestSeats(house, occupancy, { quantity: 1, categoryIds: STANDARD, together: false })).toBeNull()
  })

  test('takes bytes in proportion to its seats, and more for longer labels', () => {
    const bytes = (count: number, section: string) =>
      houseBytes(
        buildHouse(
          Array.from({ length: count }, (_, index) => ({
            label: `${section}${index}`,
            section,
            row: String(index >> 5),
            x: index & 31,
            y: index >> 5,
            categoryId: 'standard',
            disabled: false,
          })),
          null,
        ),
      )
    const perSeat = bytes(20_000, 'A') / 20_000
    // Fourteen in arrays, twelve for a label of six characters, and 72 more for each label.
    expect(perSeat).toBeGreaterThan(97)
    expect(perSeat).toBeLessThan(99)
    expect(bytes(40_000, 'A') / 40_000).toBeCloseTo(perSeat, -1)
    expect(bytes(20_000, 'Upper balcony, left') - bytes(20_000, 'A')).toBe(20_000 * 2 * 18)
  })

  test('of the largest size adds up its costs exactly', () => {
    // Seats at the outermost positions, where costs are highest.
    const far = rowAt(
      Array.from({ length: 199_990 }, (_, index) => 1_000_000 - index / 8),
      { row: 'Z', y: 1_000_000 },
    )
    const near = rowAt([-3, -1, 1, 3], { row: 'A', y: -1_000_000 })
    const { costsBefore } = buildHouse([...far, ...near], { x: 0, y: -1_000_000 })
    expect(costsBefore.at(-1)).toBeGreaterThan(2 ** 51)
    expect(costsBefore.every((sum) => Number.isSafeInteger(sum))).toBe(true)
  })
})
