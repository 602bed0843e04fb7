import { isName } from './plain-text.ts'

export interface LayoutRow {
  /** Capitals, digits and hyphens, 1 to 8 of them, the last one no digit: `A`, `AA`, `12-`. */
  readonly label: string
  readonly seats: readonly LayoutSeat[]
}

/** Positions are in any unit, as long as a layout uses one; x grows to the right and y away from screen or stage. */
export interface LayoutSeat {
  /** Follows the row's label in the seat's: `A` and 5 make `A5`. */
  readonly number: number
  readonly x: number
  readonly y: number
  /** Name of one of the layout's categories. */
  readonly category: string
  /** Never sold: broken, behind the projector, kept for the house. */
  readonly disabled?: boolean | undefined
  /** Accessible without a step, or a space for a wheelchair. */
  readonly accessible?: boolean | undefined
}

/** A row as far as it could be read: `null` stands for what could not, and nothing more is said about that. */
export interface SketchedRow {
  readonly label: string | null
  readonly seats: readonly (LayoutSeat | null)[] | null
}

export interface LayoutProblem {
  /** JSON Pointer (RFC 6901) into the layout. */
  readonly pointer: string
  /** One sentence that names the row and the seat. */
  readonly detail: string
}

/** Form of a row's label. Without the rule about its last character, `A1` and 5 would make the label of `A` and 15. */
const ROW_LABEL = /^(?:[A-Z]|[A-Z0-9][A-Z0-9-]{0,6}[A-Z-])$/
const MAX_SEAT_NUMBER = 9_999
const MAX_COORDINATE = 1_000_000
const MAX_CATEGORIES = 50
const MAX_SEATS = 200_000

/** Yields everything that is wrong with a layout, as it is found: a caller that has read enough may stop. */
export function* layoutProblems(
  categories: readonly (string | null)[] | null,
  rows: readonly (SketchedRow | null)[] | null,
): Generator<LayoutProblem, void, undefined> {
  if (categories !== null) yield* categoryProblems(categories)
  if (rows === null) return
  yield* rowProblems(categories === null || categories.includes(null) ? null : new Set(categories), rows)
  if (isWhole(rows)) {
    const count = rows.reduce((sum, { seats }) => sum + seats.length, 0)
    if (count < 1 || count > MAX_SEATS) {
      yield { pointer: '/rows', detail: `A layout has 1 to ${MAX_SEATS} seats, this one ${count}.` }
      return
    }
  }
  yield* placeProblems(rows)
}

function* categoryProblems(categories: readonly (string | null)[]) {
  if (categories.length < 1 || categories.length > MAX_CATEGORIES) {
    const detail = `A layout has 1 to ${MAX_CATEGORIES} categories, this one ${categories.length}.`
    yield { pointer: '/categories', detail }
    return
  }
  const seen = new Set<string>()
  for (const [index, name] of categories.entries()) {
    if (name === null) continue
    const pointer = `/categories/${index}`
    if (!isName(name)) yield { pointer, detail: `Category ${index + 1} has no name that can be read.` }
    else if (seen.has(name)) yield { pointer, detail: `Category ${name} is listed more than once.` }
    seen.add(name)
  }
}

function* rowProblems(categories: ReadonlySet<string | null> | null, rows: readonly (SketchedRow | null)[]) {
  const labels = new Set<string>()
  for (const [index, row] of rows.entries()) {
    if (row === null) continue
    const { label, seats } = row
    const name = nameOfRow(index, label)
    if (label !== null) {
      const pointer = `/rows/${index}/label`
      if (!ROW_LABEL.test(label)) {
        const rule = "a row's label has 1 to 8 capitals, digits and hyphens and does not end with a digit."
        yield { pointer, detail: `${name}: ${rule}` }
      } else if (labels.has(label)) {
        yield { pointer, detail: `${name}: an earlier row has this label.` }
      }
      labels.add(label)
    }
    if (seats === null) continue
    if (seats.length === 0) yield { pointer: `/rows/${index}/seats`, detail: `${name}: it has no seats.` }
    yield* seatProblems(categories, index, label, seats)
  }
}

function* seatProblems(
  categories: ReadonlySet<string | null> | null,
  rowIndex: number,
  rowLabel: string | null,
  seats: readonly (LayoutSeat | null)[],
) {
  const numbers = new Set<number>()
  for (const [index, seat] of seats.entries()) {
    if (seat === null) continue
    const pointer = `/rows/${rowIndex}/seats/${index}`
    const name = `${nameOfRow(rowIndex, rowLabel)}, seat ${seat.number}`
    const isNumbered = Number.isSafeInteger(seat.number) && seat.number >= 1 && seat.number <= MAX_SEAT_NUMBER
    if (!isNumbered) {
      const detail = `${name}: a seat's number is an integer from 1 to ${MAX_SEAT_NUMBER}.`
      yield { pointer: `${pointer}/number`, detail }
    }
    if (!isPlaced(seat)) {
      yield { pointer, detail: `${name}: x and y are numbers from -${MAX_COORDINATE} to ${MAX_COORDINATE}.` }
    }
    if (categories !== null && !categories.has(seat.category)) {
      const detail = `${name}: there is no category ${seat.category} in this layout.`
      yield { pointer: `${pointer}/category`, detail }
    }
    if (isNumbered && numbers.has(seat.number)) {
      const detail = `${name}: the label ${rowLabel ?? ''}${seat.number} is used more than once.`
      yield { pointer: `${pointer}/number`, detail }
    }
    numbers.add(seat.number)
  }
}

/** Seats at one place would hide each other on the seat map: nobody could choose the lower one. */
function* placeProblems(rows: readonly (SketchedRow | null)[]) {
  const firstAt = new Map<string, string>()
  for (const [rowIndex, row] of rows.entries()) {
    for (const [index, seat] of (row?.seats ?? []).entries()) {
      if (seat === null || !isPlaced(seat)) continue
      const name = `seat ${seat.number}`
      // In single precision, as they are kept: whatever is taken can be exported and imported again.
      const place = `${Math.fround(seat.x)},${Math.fround(seat.y)}`
      const first = firstAt.get(place)
      if (first === undefined) {
        firstAt.set(place, `${name} of row ${row?.label ?? rowIndex + 1}`)
        continue
      }
      const detail = `${nameOfRow(rowIndex, row?.label ?? null)}, ${name}: it has the same x and y as ${first}.`
      yield { pointer: `/rows/${rowIndex}/seats/${index}`, detail }
    }
  }
}

const nameOfRow = (index: number, label: string | null) => `Row ${index + 1}${label === null ? '' : ` (${label})`}`

const isPlaced = ({ x, y }: LayoutSeat) => Math.abs(x) <= MAX_COORDINATE && Math.abs(y) <= MAX_COORDINATE

function isWhole(rows: readonly (SketchedRow | null)[]): rows is readonly LayoutRow[] {
  return rows.every((row) => row !== null && row.seats !== null && !row.seats.includes(null))
}
