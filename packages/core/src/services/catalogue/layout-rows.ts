import { Problems } from './invalid-catalogue-error.ts'
import { requireInteger, requireName } from './rules.ts'

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
  /** Reached without a step, or a space for a wheelchair. */
  readonly accessible?: boolean | undefined
}

/** Without the last rule `A1` and 5 would make the label of `A` and 15. */
const ROW_LABEL = /^(?:[A-Z]|[A-Z0-9][A-Z0-9-]{0,6}[A-Z-])$/
const MAX_SEAT_NUMBER = 9_999
const MAX_COORDINATE = 1_000_000
const MAX_CATEGORIES = 50
const MAX_SEATS = 200_000

/**
 * Checks a layout's description. Every problem names the row and the seat that it is about.
 *
 * @throws InvalidCatalogueError
 */
export function checkLayout(categories: readonly string[], rows: readonly LayoutRow[]): void {
  const problems = new Problems()
  requireInteger(problems, '/categories/length', categories.length, 1, MAX_CATEGORIES)
  for (const [index, name] of categories.entries()) {
    const pointer = `/categories/${index}`
    requireName(problems, pointer, name)
    problems.require(categories.indexOf(name) === index, pointer, `Category ${name} is listed more than once.`)
  }
  checkRows(problems, new Set(categories), rows)
  const count = rows.reduce((sum, row) => sum + row.seats.length, 0)
  problems.require(
    count >= 1 && count <= MAX_SEATS,
    '/rows',
    `A layout has 1 to ${MAX_SEATS} seats, this one ${count}.`,
  )
  problems.throwIfAny()
}

function checkRows(problems: Problems, categories: ReadonlySet<string>, rows: readonly LayoutRow[]): void {
  const rowLabels = new Set<string>()
  for (const [rowIndex, row] of rows.entries()) {
    const pointer = `/rows/${rowIndex}/label`
    const name = `Row ${rowIndex + 1} (${row.label})`
    problems.require(
      ROW_LABEL.test(row.label),
      pointer,
      `${name}: a row's label has 1 to 8 capitals, digits and hyphens and does not end with a digit.`,
    )
    problems.require(!rowLabels.has(row.label), pointer, `${name}: an earlier row has this label.`)
    rowLabels.add(row.label)

    const numbers = new Set<number>()
    for (const [seatIndex, seat] of row.seats.entries()) {
      checkSeat(problems, categories, `/rows/${rowIndex}/seats/${seatIndex}`, `${name}, seat ${seat.number}`, seat)
      problems.require(
        !numbers.has(seat.number),
        `/rows/${rowIndex}/seats/${seatIndex}/number`,
        `${name}, seat ${seat.number}: the label ${row.label}${seat.number} is used more than once.`,
      )
      numbers.add(seat.number)
    }
  }
}

function checkSeat(
  problems: Problems,
  categories: ReadonlySet<string>,
  pointer: string,
  name: string,
  seat: LayoutSeat,
): void {
  problems.require(
    Number.isSafeInteger(seat.number) && seat.number >= 1 && seat.number <= MAX_SEAT_NUMBER,
    `${pointer}/number`,
    `${name}: a seat's number is an integer from 1 to ${MAX_SEAT_NUMBER}.`,
  )
  problems.require(
    Math.abs(seat.x) <= MAX_COORDINATE && Math.abs(seat.y) <= MAX_COORDINATE,
    pointer,
    `${name}: x and y are numbers from -${MAX_COORDINATE} to ${MAX_COORDINATE}.`,
  )
  problems.require(
    categories.has(seat.category),
    `${pointer}/category`,
    `${name}: there is no category ${seat.category} in this layout.`,
  )
}
