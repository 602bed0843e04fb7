import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { csvRecords } from '@boxoffice/core/domain/layout-formats/csv.ts'
import { layoutOfCsv } from '@boxoffice/core/domain/layout-formats/csv-layout.ts'
import { isPretixPlan, layoutOfPretix } from '@boxoffice/core/domain/layout-formats/pretix-layout.ts'
import { layoutProblems } from '@boxoffice/core/domain/layout.ts'

describe('CSV', () => {
  const cellsOf = (text: string) => [...csvRecords(text, ',')].map(({ cells }) => cells)

  test('is read as it was written, whatever is in the cells', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'é', ';') })
    const records = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 5 })
    const lineEnd = fc.constantFrom('\n', '\r\n', '\r')
    fc.assert(
      fc.property(records, lineEnd, fc.boolean(), (rows, end, endsLast) => {
        const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
        const written = (text: string) => (/[",\r\n]/.test(text) ? quoted(text) : text)
        const text = rows.map((cells) => cells.map(written).join(',')).join(end) + (endsLast ? end : '')
        expect(cellsOf(text)).toEqual(rows)
      }),
    )
  })

  test('tells on which line a record begins, also behind one of several lines', () => {
    const records = [...csvRecords('a,"b\nc\r\nd"\r\n\r\ne,f', ',')]
    expect(records.map(({ line, cells }) => [line, cells])).toEqual([
      [1, ['a', 'b\nc\r\nd']],
      [5, ['e', 'f']],
    ])
  })

  test.each([
    ['a,"b', 'a quote is not closed'],
    ['a,"b"c', 'there is text behind a closing quote'],
    ['a,b"c', 'a quote within a cell must be doubled, and the whole cell be in quotes'],
    ['a, "b"', 'a quote within a cell must be doubled, and the whole cell be in quotes'],
  ])('of a wrong form is told: %j', (text, problem) => {
    expect([...csvRecords(text, ',')].map((record) => record.problem)).toEqual([problem])
  })
})

describe('a list of seats', () => {
  const read = (text: string) => {
    const { layout, problems, relate } = layoutOfCsv(text)
    const all = problems.length > 0 ? problems : [...layoutProblems(layout)].map(relate)
    return { layout, told: all.map(({ pointer, detail }) => [pointer, detail]) }
  }

  test('has its columns in any order', () => {
    const { layout, told } = read(
      '\uFEFFSeat,Row,x,y,category,accessible,section,label,disabled\r\n' +
        '5A,1,0.5,-2,Parkett,yes,,,\r\n1,"Loge ""links""",3,1e1,Loge,,Balkon,the box,TRUE\r\n6,1,1.5,-2,Parkett,0,,,no\r\n',
    )
    expect(told).toEqual([])
    const seat = { category: 'Parkett', disabled: false, accessible: false }
    expect(layout).toMatchObject({
      categories: ['Parkett', 'Loge'],
      rows: [
        {
          section: undefined,
          label: '1',
          seats: [
            { ...seat, number: '5A', x: 0.5, y: -2, accessible: true },
            { ...seat, number: '6', x: 1.5, y: -2 },
          ],
        },
        {
          section: 'Balkon',
          label: 'Loge "links"',
          seats: [{ number: '1', label: 'the box', x: 3, y: 10, category: 'Loge', disabled: true, accessible: false }],
        },
      ],
    })
  })

  test('is laid out in its order where it has no places, with a gap between sections', () => {
    const { layout, told } = read('section;row;seat\nStalls;1;1\nStalls;1;2\nStalls;2;1\nBalcony;1;1')
    expect(told).toEqual([])
    expect(layout.categories).toEqual(['Standard'])
    expect(layout.rows.map(({ seats }) => seats.map(({ x, y }) => [x, y]))).toEqual([
      [
        [0, 0],
        [1, 0],
      ],
      [[0, 1]],
      [[0, 3]],
    ])
  })

  test('has decimal commas where semicolons part its cells', () => {
    expect(read('row;seat;x;y\nA;1;1,5;-2').layout.rows[0]?.seats).toMatchObject([{ x: 1.5, y: -2 }])
  })

  test.each([
    ['', ['/lines/1', 'Line 1: there is no header.']],
    ['row,x,y\nA,1,1', ['/lines/1', 'Line 1: the column seat is missing.']],
    ['row,seat,x\nA,1,1', ['/lines/1', 'Line 1: of the columns x and y there are both or none.']],
    ['row,seat,row\nA,1,1', ['/lines/1', 'Line 1: the column row is there 2 times.']],
    [
      'row,seat,colour\nA,1,red',
      [
        '/lines/1',
        'Line 1: there is no column colour; the columns are section, row, seat, x, y, category, disabled, accessible, label.',
      ],
    ],
    ['row,seat\nA,1,2', ['/lines/2', 'Line 2: it has 3 cells, and the header 2.']],
    ['row,seat,x,y\nA,1,,0', ['/lines/2', 'Line 2: x is a number, and not empty.']],
    ['row,seat,x,y\nA,1,0x10,0', ['/lines/2', 'Line 2: x is a number, and not 0x10.']],
    ['row,seat,disabled\nA,1,maybe', ['/lines/2', 'Line 2: disabled is true or false, and not maybe.']],
    ['row,seat\n\nA,1\nA,1', ['/lines/4', 'Line 4: Row 1 (A), seat 1: the label A1 is used more than once.']],
    [
      'row,seat\n,1',
      [
        '/lines/2',
        "Line 2: Row 1 (): a row's label is text of 1 to 20 characters, without control or invisible characters.",
      ],
    ],
  ])('%j is refused with its line', (text, first) => {
    expect(read(text).told[0]).toEqual(first)
  })

  test('of nothing but mistakes has the first few of them told, and is read no further', () => {
    const { told } = read(`row,seat\n${'A\n'.repeat(100_000)}`)
    expect(told).toHaveLength(20)
  })

  test('of more seats than a layout may have is read no further', () => {
    const { layout, told } = read(`row,seat\n${Array.from({ length: 200_002 }, (_, n) => `A,${n}`).join('\n')}`)
    expect(told).toEqual([['/lines/200002', 'Line 200002: a layout has at most 200000 seats.']])
    expect(layout.rows[0]?.seats).toHaveLength(200_000)
  })
})

describe('a seating plan of pretix', () => {
  const seat = (seat_number: string, x: number, category = 'Parkett') => ({
    seat_guid: `guid-${seat_number}-${x}`,
    seat_number,
    position: { x, y: 0 },
    category,
    radius: 10,
  })
  const row = (row_number: string, y: number, seats: readonly object[]) => ({
    row_number,
    row_number_position: 'both',
    position: { x: 0, y },
    seats,
  })
  const zone = (name: string, y: number, rows: readonly object[]) => ({
    name,
    position: { x: 100, y },
    rows,
    areas: [{ shape: 'rectangle', position: { x: 0, y: 0 } }],
  })
  const plan = (...zones: readonly object[]) => ({
    name: 'Stadthalle',
    size: { width: 900, height: 600 },
    categories: [
      { name: 'Parkett', color: '#aaa' },
      { name: 'Balkon', color: '#bbb' },
    ],
    zones,
  })

  test('is known by its zones', () => {
    expect(isPretixPlan(plan())).toBe(true)
    for (const other of [null, [], {}, { zones: 1 }, { rows: [], zones: [] }]) expect(isPretixPlan(other)).toBe(false)
  })

  test('has zones for sections, and places that add up', () => {
    const { layout, problems } = layoutOfPretix(
      plan(
        zone('Parkett', 0, [row('1', 10, [seat('1', 0), seat('2', 5)]), row('1', 10, [seat('3', 20)])]),
        zone('Balkon', 300, [row('1', 0, [seat('5A', 0, 'Balkon')])]),
        zone('Bühne', 0, []),
      ),
    )
    expect(problems).toEqual([])
    expect(layout).toMatchObject({
      categories: ['Parkett', 'Balkon'],
      rows: [
        {
          section: 'Parkett',
          label: '1',
          seats: [
            { number: '1', x: 100, y: 10 },
            { number: '2', x: 105, y: 10 },
            { number: '3', x: 120, y: 10 },
          ],
        },
        { section: 'Balkon', label: '1', seats: [{ number: '5A', x: 100, y: 300, category: 'Balkon' }] },
      ],
    })
    expect([...layoutProblems(layout)]).toEqual([])
    const single = layoutOfPretix(plan(zone('Saal', 0, [row('A', 0, [seat('1', 0)])]), zone('Bühne', 0, [])))
    expect(single.layout.rows).toMatchObject([{ section: undefined, label: 'A' }])
  })

  test('has its mistakes told where they are in the plan', () => {
    const wrong = plan(
      zone('Saal', 0, [
        row('A', 0, [
          { ...seat('1', 0), position: 3 },
          { ...seat('2', 1), category: 7 },
        ]),
      ]),
    )
    expect(layoutOfPretix(wrong).problems.map(({ pointer }) => pointer)).toEqual([
      '/zones/0/rows/0/seats/0/position',
      '/zones/0/rows/0/seats/1/category',
    ])
    const { layout, relate } = layoutOfPretix(
      plan(zone('Saal', 0, [row('A', 0, [seat('1', 0)]), row('A', 0, [seat('1', 9, 'Loge')])])),
    )
    expect([...layoutProblems(layout)].map(relate)).toEqual([
      {
        pointer: '/zones/0/rows/1/seats/0',
        detail: 'Row 1 (A), seat 1: there is no category Loge in this layout.',
      },
      { pointer: '/zones/0/rows/1/seats/0', detail: 'Row 1 (A), seat 1: the label A1 is used more than once.' },
    ])
    expect(layoutOfPretix({ zones: {} }).problems).toHaveLength(1)
    expect(layoutOfPretix(null).problems).toHaveLength(1)
  })
})
