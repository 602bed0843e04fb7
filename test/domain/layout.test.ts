import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { layoutProblems, type LayoutSeat, type SketchedRow } from '@boxoffice/core/domain/layout.ts'
import { seatLabel } from '@boxoffice/core/domain/seat-label.ts'

const seat = (number: number, x: number, y = 0, more: Partial<LayoutSeat> = {}): LayoutSeat => ({
  number,
  x,
  y,
  category: 'Standard',
  ...more,
})

const named = (number: number | string, x: number): LayoutSeat => ({ number, x, y: 0, category: 'Standard' })

const problemsOf = (
  rows: readonly (SketchedRow | null)[] | null,
  categories: readonly (string | null)[] | null = ['Standard'],
) => [...layoutProblems({ categories, rows })].map(({ pointer, detail }) => [pointer, detail])

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
    const rows = [null, { label: null, seats: [seat(1, 0), null, seat(2, 0)] }, { label: '', seats: null }]
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
      ['/rows/0/label', expect.stringContaining('1 to 20 characters')],
      ['/rows/0/seats/0/number', expect.stringContaining('from 1 to 9999')],
      ['/rows/0/seats/1/number', expect.stringContaining('from 1 to 9999')],
      ['/rows/1/label', expect.stringContaining('1 to 20 characters')],
    ])
    expect(problemsOf([{ label: 'A', seats: [seat(1, 0)] }], ['Standard', '', ''])).toHaveLength(2)
    expect(problemsOf([{ label: 'A', seats: [seat(1, Number.NaN)] }])).toHaveLength(1)
  })
})

describe('labels', () => {
  test('that two seats share are reported with both, and with the way out', () => {
    const rows = [
      { label: '12-', seats: [seat(5, 0)] },
      { label: '12', seats: [seat(5, 1)] },
      { label: '1', section: 'Box', seats: [named('2', 2)] },
      { label: 'Box/1', seats: [seat(2, 3)] },
    ]
    expect(problemsOf(rows)).toEqual([
      [
        '/rows/1/seats/0/label',
        'Row 2 (12), seat 5: seat 5 of row 12- has the label 12-5 too. Give one of them a label of its own in `label`.',
      ],
      [
        '/rows/3/seats/0/label',
        'Row 4 (Box/1), seat 2: seat 2 of row 1, section Box has the label Box/1-2 too. Give one of them a label of its own in `label`.',
      ],
    ])
    expect(
      problemsOf([...rows.slice(0, 1), { label: '12', seats: [seat(5, 1, 0, { label: 'twelve five' })] }]),
    ).toEqual([])
  })

  test('of areas are not those of seats or of other areas', () => {
    const areas = ['A1', 'Floor', 'Floor '].map((label) => ({ label, category: 'Standard', capacity: 10 }))
    const rows = [{ label: 'A', seats: [seat(1, 0)] }]
    expect([...layoutProblems({ categories: ['Standard'], rows, areas })].map(({ detail }) => detail)).toEqual([
      'Area 1 (A1): seat 1 of row A has the label A1 too.',
      'Area 3 (Floor ): area Floor has the label Floor too.',
    ])
  })

  test('are compared as they are stored: without blanks around them, and composed', () => {
    const rows = [
      { label: 'Ä', seats: [seat(1, 0)] },
      { label: ' A\u0308 ', seats: [seat(1, 1)] },
      { label: 'B', seats: [named('5', 2), named(' 5', 3), named(5, 4)] },
    ]
    expect(problemsOf(rows).map(([pointer]) => pointer)).toEqual([
      '/rows/1/label',
      '/rows/2/seats/1/number',
      '/rows/2/seats/2/number',
    ])
  })

  test('of rows in several sections may be the same, not of two in one', () => {
    const row = (section: string | undefined, x: number) => ({ label: '1', section, seats: [seat(1, x)] })
    expect(problemsOf([row(undefined, 0), row('Stalls', 1), row('Balcony', 2)])).toEqual([])
    expect(problemsOf([row('Stalls', 0), row('Stalls', 1)])).toEqual([
      ['/rows/1/label', 'Row 2 (Stalls, 1): an earlier row of section Stalls has this label.'],
    ])
  })

  test.each(['', ' ', 'a\tb', 'a\u200Bb', 'a\u202Eb', 'x'.repeat(21)])('of a row cannot be %j', (label) => {
    expect(problemsOf([{ label, seats: [seat(1, 0)] }]).map(([pointer]) => pointer)).toEqual(['/rows/0/label'])
    const others = [{ label: 'A', section: label, seats: [named(label, 0)] }]
    expect(problemsOf(others).map(([pointer]) => pointer)).toEqual(['/rows/0/section', '/rows/0/seats/0/number'])
  })

  test.each(['Ä', 'Б', 'a', 'あ', 'Loge links', '५', 'é', 'O’Neill'])('of a row may be %s', (label) => {
    expect(problemsOf([{ label, section: label, seats: [named(label, 0), named('0', 1), named('05', 2)] }])).toEqual([])
  })
})

test('a layout may be a floor without seats, not nothing at all', () => {
  const areas = [{ label: 'Floor', category: 'Standard', capacity: 400 }]
  expect([...layoutProblems({ categories: ['Standard'], rows: [], areas })]).toEqual([])
  expect(problemsOf([])).toEqual([['/rows', 'A layout has 1 to 200000 seats, or areas, this one 0.']])
})

test('no two seats of a house meet under one label without a report', () => {
  const name = fc.stringMatching(/^[A5/-]{1,3}$/)
  const house = fc.uniqueArray(fc.tuple(fc.option(name, { nil: undefined }), name, name), {
    minLength: 1,
    maxLength: 12,
    selector: (place) => JSON.stringify(place),
  })
  fc.assert(
    fc.property(house, (places) => {
      const groups = Map.groupBy(places, ([section, row]) => JSON.stringify([section, row]))
      let x = 0
      const rows = [...groups.values()].map((group) => ({
        label: group[0]?.[1] ?? '',
        section: group[0]?.[0],
        seats: group.map(([, , number]) => named(number, (x += 1))),
      }))
      const labels = places.map(([section, row, number]) => seatLabel(section ?? null, row, number))
      const shared = labels.length - new Set(labels).size
      expect(problemsOf(rows)).toHaveLength(shared)
    }),
  )
})
