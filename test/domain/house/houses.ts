import { buildHouse, type House, type SeatFacts } from '@boxoffice/core/domain/house/house.ts'
import { Occupancy } from '@boxoffice/core/domain/house/occupancy.ts'
import fc from 'fast-check'

/** Categories of the seats that `rowOf` makes, by their letters. */
const CATEGORIES: Readonly<Record<string, string>> = { '.': 'standard', s: 'standard', p: 'premium', b: 'box' }

export const STANDARD: ReadonlySet<string> = new Set(['standard'])
export const ALL: ReadonlySet<string> = new Set(['standard', 'premium', 'box'])

export interface Sketch {
  readonly house: House
  readonly occupancy: Occupancy
  readonly seats: readonly SeatFacts[]
}

/**
 * Makes a house from a drawing: a line is a row, and each character a place one unit from the next. A dot is a free
 * standard seat, `s`, `p` and `b` are free ones of a category, `w` a standard one for a wheelchair, `X` is a taken one, `#` a disabled one, and a blank is none. Rows are
 * A, B, C; seats are numbered from 1 on by their place.
 */
export function drawHouse(rows: readonly string[], focus: { x: number; y: number } | null = null): Sketch {
  const taken: string[] = []
  const seats = rows.flatMap((row, y) =>
    [...row].flatMap((mark, x): SeatFacts[] => {
      if (mark === ' ') return []
      const rowLabel = String.fromCodePoint(65 + y)
      const label = `${rowLabel}${x + 1}`
      if (mark === 'X') taken.push(label)
      const categoryId = CATEGORIES[mark] ?? 'standard'
      return [
        { label, section: null, row: rowLabel, x, y, categoryId, disabled: mark === '#', accessible: mark === 'w' },
      ]
    }),
  )
  const house = buildHouse(seats, focus)
  return { house, occupancy: new Occupancy(house, taken), seats }
}

/** A house with some of its seats taken, and what somebody wants there. */
export interface Situation {
  readonly seats: readonly SeatFacts[]
  readonly focus: { readonly x: number; readonly y: number } | null
  readonly taken: readonly string[]
  readonly categoryIds: ReadonlySet<string>
  readonly quantity: number
}

const seatMarks = fc.record({
  category: fc.constantFrom('standard', 'standard', 'premium', 'box'),
  step: fc.constantFrom(2, 2, 2, 2, 5),
  isDisabled: fc.nat(9).map((n) => n === 0),
  isTaken: fc.nat(9).map((n) => n < 3),
})

const rowMarks = fc.record({
  section: fc.constantFrom(null, 'left', 'right'),
  name: fc.constantFrom('A', 'B', 'C'),
  left: fc.integer({ min: -3, max: 3 }),
  y: fc.integer({ min: 0, max: 6 }),
  seats: fc.array(seatMarks, { minLength: 1, maxLength: 12 }),
})

const points = fc.record({ x: fc.integer({ min: -5, max: 30 }), y: fc.integer({ min: -5, max: 10 }) })

/** Situations in small houses: positions are integers, and no distance is close to what makes a gap. */
export const situations: fc.Arbitrary<Situation> = fc
  .record({
    rows: fc.array(rowMarks, { minLength: 1, maxLength: 5 }),
    focus: fc.option(points),
    categoryIds: fc.subarray(['standard', 'premium', 'box', 'unknown'], { minLength: 1 }).map((ids) => new Set(ids)),
    quantity: fc.integer({ min: 1, max: 6 }),
  })
  .map(({ rows, focus, categoryIds, quantity }) => {
    const taken: string[] = []
    const seats = rows.flatMap(({ section, name, left, y, seats: marks }, rowIndex) => {
      const before = rows[rowIndex - 1]
      // Two rows one after the other with the same name and section would be one.
      const row = before?.name === name && before.section === section ? `${name}${rowIndex}` : name
      let x = left
      return marks.map(({ category, step, isDisabled, isTaken }, index): SeatFacts => {
        const label = `${rowIndex}-${index}`
        if (isTaken) taken.push(label)
        x += step
        return { label, section, row, x, y, categoryId: category, disabled: isDisabled }
      })
    })
    return { seats, focus, taken, categoryIds, quantity }
  })

/** Returns the house of a situation, with its seats taken. */
export function enter({ seats, focus, taken }: Situation): Sketch {
  const house = buildHouse(seats, focus)
  return { house, occupancy: new Occupancy(house, taken), seats }
}
