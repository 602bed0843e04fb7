import { type LayoutProblem, type LayoutSeat, MAX_SEATS } from '../layout.ts'
import { tidyName } from '../seat-label.ts'
import { type ConvertedLayout, MAX_FORM_PROBLEMS, seatAt } from './converted.ts'
import { csvRecords } from './csv.ts'

/** Columns of a list of seats; only `row` and `seat` must be there. */
const COLUMNS = ['section', 'row', 'seat', 'x', 'y', 'category', 'disabled', 'accessible', 'label'] as const
type Column = (typeof COLUMNS)[number]

/** Category of the seats of a list without that column. */
const ONLY_CATEGORY = 'Standard'

const YES = new Set(['true', 'yes', 'y', '1', 'x'])
const NO = new Set(['', 'false', 'no', 'n', '0'])

interface Row {
  readonly section: string | undefined
  readonly label: string
  readonly seats: LayoutSeat[]
  readonly lines: number[]
}

/**
 * Reads a list of seats, one on each line below a header. Seats of one section and row are together wherever their lines
 * are. Without the columns `x` and `y`, rows and seats are placed in their order, with a gap between sections. The
 * delimiter is a comma, or a semicolon if the header has only those; then numbers may have a decimal comma.
 */
export function layoutOfCsv(file: string): ConvertedLayout {
  const text = file.startsWith('\uFEFF') ? file.slice(1) : file
  const delimiter = delimiterOf(text)
  const problems: LayoutProblem[] = []
  const rows = new Map<string, Row>()
  /** Lines on which the categories are first named. */
  const categories = new Map<string, number>()
  const report = (line: number, detail: string) => {
    problems.push({ pointer: `/lines/${line}`, detail: `Line ${line}: ${detail}.` })
  }
  let columns: readonly string[] | null = null
  let seatCount = 0
  for (const { line, cells, problem } of csvRecords(text, delimiter)) {
    if (problem !== null) report(line, problem)
    else if (columns === null) {
      columns = cells.map((cell) => cell.trim().toLowerCase())
      for (const mistake of headerMistakes(columns)) report(line, mistake)
      if (problems.length > 0) break
    } else if (cells.length !== columns.length) {
      report(line, `it has ${cells.length} cells, and the header ${columns.length}`)
    } else if (seatCount === MAX_SEATS) {
      report(line, `a layout has at most ${MAX_SEATS} seats`)
      break
    } else {
      seatCount += 1
      const valueOf = cellsByColumn(columns, cells)
      const row = rowOf(rows, valueOf)
      const seat = seatOf(valueOf, { index: row.seats.length, delimiter }, (mistake) => report(line, mistake))
      if (!categories.has(seat.category)) categories.set(seat.category, line)
      row.seats.push(seat)
      row.lines.push(line)
    }
    if (problems.length >= MAX_FORM_PROBLEMS) break
  }
  if (columns === null && problems.length === 0) report(1, 'there is no header')
  const isPlaced = columns?.includes('x') === true
  const list = [...rows.values()]
  return {
    layout: { categories: [...categories.keys()], rows: isPlaced ? list : inOrder(list) },
    problems: problems.slice(0, MAX_FORM_PROBLEMS),
    relate: ({ pointer, detail }) => {
      const line = lineOf(pointer, list, [...categories.values()])
      return line === null ? { pointer: '', detail } : { pointer: `/lines/${line}`, detail: `Line ${line}: ${detail}` }
    },
  }
}

function delimiterOf(text: string): string {
  const end = text.search(/[\r\n]/)
  const header = end === -1 ? text : text.slice(0, end)
  return header.includes(';') && !header.includes(',') ? ';' : ','
}

function* headerMistakes(columns: readonly string[]) {
  const known: readonly string[] = COLUMNS
  const unknown = columns.filter((name) => !known.includes(name))
  for (const name of unknown) yield `there is no column ${name.slice(0, 40)}; the columns are ${COLUMNS.join(', ')}`
  for (const name of COLUMNS) {
    const count = columns.filter((column) => column === name).length
    if (count > 1) yield `the column ${name} is there ${count} times`
    if (count === 0 && (name === 'row' || name === 'seat')) yield `the column ${name} is missing`
  }
  if (columns.includes('x') !== columns.includes('y')) yield 'of the columns x and y there are both or none'
}

type ValueOf = (column: Column) => string | undefined

function cellsByColumn(columns: readonly string[], cells: readonly string[]): ValueOf {
  return (column) => {
    const index = columns.indexOf(column)
    return index === -1 ? undefined : (cells[index] ?? '').trim()
  }
}

function rowOf(rows: Map<string, Row>, valueOf: ValueOf): Row {
  const section = valueOf('section')
  const label = valueOf('row') ?? ''
  const key = `${tidyName(section ?? '')}\n${tidyName(label)}`
  const known = rows.get(key)
  if (known !== undefined) return known
  const row = { section: section === '' ? undefined : section, label, seats: [], lines: [] }
  rows.set(key, row)
  return row
}

function seatOf(
  valueOf: ValueOf,
  { index, delimiter }: { readonly index: number; readonly delimiter: string },
  report: (mistake: string) => void,
): LayoutSeat {
  const isSet = (column: 'disabled' | 'accessible') => {
    const value = (valueOf(column) ?? '').toLowerCase()
    if (!YES.has(value) && !NO.has(value)) report(`${column} is true or false, and not ${value.slice(0, 40)}`)
    return YES.has(value)
  }
  const coordinate = (column: 'x' | 'y') => {
    const value = valueOf(column)
    if (value === undefined) return index
    const number = delimiter === ';' ? value.replace(',', '.') : value
    if (!/^-?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?$/i.test(number)) {
      report(`${column} is a number, and not ${value === '' ? 'empty' : value.slice(0, 40)}`)
      return 0
    }
    return Number(number)
  }
  const label = valueOf('label')
  return {
    number: valueOf('seat') ?? '',
    ...(label !== undefined && label !== '' && { label }),
    x: coordinate('x'),
    y: coordinate('y'),
    category: valueOf('category') ?? ONLY_CATEGORY,
    disabled: isSet('disabled'),
    accessible: isSet('accessible'),
  }
}

/** Places rows one behind the other, and the seats of each from left to right. */
function inOrder(rows: readonly Row[]): Row[] {
  let y = -1
  return rows.map((row, index) => {
    y += index > 0 && rows[index - 1]?.section !== row.section ? 2 : 1
    return { ...row, seats: row.seats.map((seat, x) => ({ ...seat, x, y })) }
  })
}

function lineOf(pointer: string, rows: readonly Row[], categoryLines: readonly number[]): number | null {
  const place = seatAt(pointer)
  if (place !== null) return rows[place.row]?.lines[place.seat ?? 0] ?? null
  const [, category] = /^\/categories\/(\d+)$/.exec(pointer) ?? []
  return category === undefined ? null : (categoryLines[Number(category)] ?? null)
}
