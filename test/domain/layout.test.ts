import { describe, expect, test } from 'vitest'
import { layoutProblems, type LayoutSeat, type SketchedRow } from '@boxoffice/core/domain/layout.ts'

const seat = (number: number, x: number, y = 0, more: Partial<LayoutSeat> = {}): LayoutSeat => ({
  number,
  x,
  y,
  category: 'Standard',
  ...more,
})

const problemsOf = (
  rows: readonly (SketchedRow | null)[] | null,
  categories: readonly (string | null)[] | null = ['Standard'],
) => [...layoutProblems(categories, rows)].map(({ pointer, detail }) => [pointer, detail])

describe('seats', () => {
  test('at one place are named, with the first one there', () => {
    const rows = [
      { label: 'A', seats: [seat(1, 0), seat(2, 1)] },
      { label: 'B', seats: [seat(1, 0, 1), seat(2, 1, 0)] },
    ]
    expect(problemsOf(rows)).toEqual([
      ['/rows/1/seats/1', 'Row 2 (B), seat 2: it has the same x and y as seat 2 of row A.'],
    ])
  })

  test.each([
    ['at one place', seat(2, 0), false],
    ['at one place, written as less than nothing', seat(2, -0, -0), false],
    ['beside each other in a small unit', seat(2, 0.001), true],
    ['one behind the other', seat(2, 0, 0.001), true],
  ])('%s', (_what, other, isFine) => {
    expect(problemsOf([{ label: 'A', seats: [seat(1, 0), other] }])).toHaveLength(isFine ? 0 : 1)
  })

  test('are at one place if their places are equal once they are stored in single precision', () => {
    const rows = (x: number) => [{ label: 'A', seats: [seat(1, 0.3), seat(2, x)] }]
    expect(problemsOf(rows(0.1 + 0.2))).toHaveLength(1)
    expect(problemsOf(rows(0.300_01))).toEqual([])
  })

  test('of a whole row that was copied are each named once', () => {
    const row = (label: string) => ({ label, seats: Array.from({ length: 30 }, (_, at) => seat(at + 1, at)) })
    const found = problemsOf([row('A'), row('B'), row('C')])
    expect(found).toHaveLength(60)
    expect(new Set(found.map(([pointer]) => pointer)).size).toBe(60)
  })

  test('of a large house are looked at in no time, also when all are in one place', () => {
    const house = (rows: number, spread: number) =>
      Array.from({ length: rows }, (_, row) => ({
        label: `${row}-`,
        seats: Array.from({ length: 500 }, (__, at) => seat(at + 1, at * spread, row * spread)),
      }))
    const started = performance.now()
    expect(problemsOf(house(200, 1))).toEqual([])
    expect(problemsOf(house(40, 0))).toHaveLength(19_999)
    // Takes about a twentieth of this; five billion comparisons take longer.
    expect(performance.now() - started).toBeLessThan(10_000)
  })
})

describe('a row', () => {
  test('without seats is named', () => {
    const rows = [
      { label: 'A', seats: [seat(1, 0)] },
      { label: 'B', seats: [] },
    ]
    expect(problemsOf(rows)).toEqual([['/rows/1/seats', 'Row 2 (B): it has no seats.']])
  })
})

describe('a part that could not be read', () => {
  test('is passed over, and the rest is held against the rules', () => {
    const rows = [null, { label: null, seats: [seat(1, 0), null, seat(2, 0)] }, { label: 'b', seats: null }]
    expect(problemsOf(rows).map(([pointer]) => pointer)).toEqual(['/rows/2/label', '/rows/1/seats/2'])
    expect(problemsOf(rows, ['Box', null]).map(([pointer]) => pointer)).toEqual(['/rows/2/label', '/rows/1/seats/2'])
    expect(problemsOf(null, null)).toEqual([])
  })

  test('does not make one mistake two', () => {
    expect(
      problemsOf([
        { label: '', seats: [seat(0, 0), seat(0, 1)] },
        { label: '', seats: [seat(1, 5)] },
      ]),
    ).toEqual([
      ['/rows/0/label', expect.stringContaining('capitals')],
      ['/rows/0/seats/0/number', expect.stringContaining('from 1 to 9999')],
      ['/rows/0/seats/1/number', expect.stringContaining('from 1 to 9999')],
      ['/rows/1/label', expect.stringContaining('capitals')],
    ])
    expect(problemsOf([{ label: 'A', seats: [seat(1, 0)] }], ['Standard', '', ''])).toHaveLength(2)
    expect(problemsOf([{ label: 'A', seats: [seat(1, Number.NaN)] }])).toHaveLength(1)
  })
})
