import { isName } from './plain-text.ts'
import { isPlaceName, MAX_PLACE_LABEL, MAX_PLACE_NAME, seatLabeller, tidyName } from './seat-label.ts'

export interface LayoutRow {
  /** Name on the first chair: text of any script. */
  readonly label: string
  /** Part of the house; rows of several sections may have the same label. */
  readonly section?: string | undefined
  readonly seats: readonly LayoutSeat[]
}

/** Positions are in any unit, as long as a layout uses one; x grows to the right and y away from screen or stage. */
export interface LayoutSeat {
  /** Name on the chair: an integer from 1 to 9999, or text such as `5A`. */
  readonly number: number | string
  /** Name in requests; made of section, row and seat unless given (`seat-label.ts`). */
  readonly label?: string | undefined
  readonly x: number
  readonly y: number
  /** Name of one of the layout's categories. */
  readonly category: string
  /** Never sold: broken, behind the projector, kept for the house. */
  readonly disabled?: boolean | undefined
  /** Accessible without a step, or a space for a wheelchair. */
  readonly accessible?: boolean | undefined
}

/** Part of a house without seats: its places are counted. */
export interface LayoutArea {
  readonly label: string
  /** Name of one of the layout's categories. */
  readonly category: string
  readonly capacity: number
  /** Corners of a polygon, [x, y] each. */
  readonly shape?: readonly (readonly number[])[] | undefined
}

/** Point that the best seats are nearest to. */
export interface LayoutFocus {
  readonly x: number
  readonly y: number
}

/** A layout as an import describes it. */
export interface LayoutDescription {
  /** Names of the seat categories, in the order in which they are shown. */
  readonly categories: readonly string[]
  /** Rows from the screen or stage to the back. */
  readonly rows: readonly LayoutRow[]
  readonly areas?: readonly LayoutArea[] | undefined
  readonly focus?: LayoutFocus | undefined
}

/** A row as far as it could be read: `null` stands for what could not, and nothing more is said about that. */
export interface SketchedRow {
  readonly label: string | null
  readonly section?: string | null | undefined
  readonly seats: readonly (LayoutSeat | null)[] | null
}

/** A layout as far as it could be read. */
export interface LayoutSketch {
  readonly categories: readonly (string | null)[] | null
  readonly rows: readonly (SketchedRow | null)[] | null
  readonly areas?: readonly (LayoutArea | null)[] | null | undefined
  readonly focus?: LayoutFocus | null | undefined
}

export interface LayoutProblem {
  /** JSON Pointer (RFC 6901) into the layout. */
  readonly pointer: string
  /** One sentence that names the row and the seat, or the area. */
  readonly detail: string
}

const MAX_SEAT_NUMBER = 9_999
const MAX_COORDINATE = 1_000_000
const MAX_CATEGORIES = 50
export const MAX_SEATS = 200_000
const MAX_AREAS = 200
const MAX_AREA_CAPACITY = 1_000_000
export const MIN_CORNERS = 3
export const MAX_CORNERS = 200

const READABLE = 'without control or invisible characters'

/** Yields everything that is wrong with a layout, as it is found: a caller that has read enough may stop. */
export function* layoutProblems(layout: LayoutSketch): Generator<LayoutProblem, void, undefined> {
  const { categories, rows, areas = [], focus = null } = layout
  if (categories !== null) yield* categoryProblems(categories)
  const known = categories === null || categories.includes(null) ? null : new Set(categories)
  if (rows !== null) yield* rowProblems(known, rows)
  if (areas !== null) yield* areaProblems(known, areas)
  if (focus !== null && !isPlaced(focus)) {
    yield { pointer: '/focus', detail: `The focus: x and y are numbers from -${MAX_COORDINATE} to ${MAX_COORDINATE}.` }
  }
  if (rows === null) return
  if (isWhole(rows)) {
    const count = rows.reduce((sum, { seats }) => sum + seats.length, 0)
    if (count > MAX_SEATS || (count === 0 && areas?.length === 0)) {
      const bound = count === 0 ? ', or areas' : ''
      yield { pointer: '/rows', detail: `A layout has 1 to ${MAX_SEATS} seats${bound}, this one ${count}.` }
      return
    }
  }
  yield* labelProblems(rows, areas ?? [])
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

type Categories = ReadonlySet<string | null> | null

function* rowProblems(categories: Categories, rows: readonly (SketchedRow | null)[]) {
  const seen = new Set<string>()
  for (const [index, row] of rows.entries()) {
    if (row === null) continue
    const { label, seats, section } = row
    const name = nameOfRow(index, row)
    const isKnown = typeof section === 'string'
    if (isKnown && !isPlaceName(tidyName(section), MAX_PLACE_NAME)) {
      const detail = `${name}: a section is text of 1 to ${MAX_PLACE_NAME} characters, ${READABLE}.`
      yield { pointer: `/rows/${index}/section`, detail }
    }
    if (label !== null) {
      const pointer = `/rows/${index}/label`
      const key = keyOfRow(row)
      if (!isPlaceName(tidyName(label), MAX_PLACE_NAME)) {
        const rule = `a row's label is text of 1 to ${MAX_PLACE_NAME} characters, ${READABLE}.`
        yield { pointer, detail: `${name}: ${rule}` }
      } else if (key !== null && seen.has(key)) {
        const where = isKnown ? ` of section ${tidyName(section)}` : ''
        yield { pointer, detail: `${name}: an earlier row${where} has this label.` }
      }
      if (key !== null) seen.add(key)
    }
    if (seats === null) continue
    if (seats.length === 0) yield { pointer: `/rows/${index}/seats`, detail: `${name}: it has no seats.` }
    yield* seatProblems(categories, index, row, seats)
  }
}

function* seatProblems(
  categories: Categories,
  rowIndex: number,
  row: SketchedRow,
  seats: readonly (LayoutSeat | null)[],
) {
  const names = new Set<string>()
  const labelOf = seatLabeller(tidySection(row), tidyName(row.label ?? ''))
  for (const [index, seat] of seats.entries()) {
    if (seat === null) continue
    const pointer = `/rows/${rowIndex}/seats/${index}`
    const name = () => `${nameOfRow(rowIndex, row)}, seat ${seat.number}`
    const isNamed = isSeatName(seat.number)
    if (!isNamed) {
      const rule = `an integer from 1 to ${MAX_SEAT_NUMBER}, or text of 1 to ${MAX_PLACE_NAME} characters, ${READABLE}`
      yield { pointer: `${pointer}/number`, detail: `${name()}: a seat's number is ${rule}.` }
    }
    if (seat.label !== undefined && !isPlaceName(tidyName(seat.label), MAX_PLACE_LABEL)) {
      const detail = `${name()}: a label is text of 1 to ${MAX_PLACE_LABEL} characters, ${READABLE}.`
      yield { pointer: `${pointer}/label`, detail }
    }
    if (!isPlaced(seat)) {
      yield { pointer, detail: `${name()}: x and y are numbers from -${MAX_COORDINATE} to ${MAX_COORDINATE}.` }
    }
    if (categories !== null && !categories.has(seat.category)) {
      const detail = `${name()}: there is no category ${seat.category} in this layout.`
      yield { pointer: `${pointer}/category`, detail }
    }
    if (!isNamed) continue
    const seatName = nameOfSeat(seat)
    if (names.has(seatName)) {
      const detail = `${name()}: the label ${labelOf(seatName)} is used more than once.`
      yield { pointer: `${pointer}/number`, detail }
    }
    names.add(seatName)
  }
}

function* areaProblems(categories: Categories, areas: readonly (LayoutArea | null)[]) {
  if (areas.length > MAX_AREAS) {
    yield { pointer: '/areas', detail: `A layout has at most ${MAX_AREAS} areas, this one ${areas.length}.` }
    return
  }
  for (const [index, area] of areas.entries()) {
    if (area === null) continue
    const { label, category, capacity, shape } = area
    const pointer = `/areas/${index}`
    const name = nameOfArea(index, label)
    if (!isPlaceName(tidyName(label), MAX_PLACE_LABEL)) {
      const detail = `${name}: a label is text of 1 to ${MAX_PLACE_LABEL} characters, ${READABLE}.`
      yield { pointer: `${pointer}/label`, detail }
    }
    if (categories !== null && !categories.has(category)) {
      yield { pointer: `${pointer}/category`, detail: `${name}: there is no category ${category} in this layout.` }
    }
    if (!Number.isSafeInteger(capacity) || capacity < 1 || capacity > MAX_AREA_CAPACITY) {
      const detail = `${name}: a capacity is an integer from 1 to ${MAX_AREA_CAPACITY}.`
      yield { pointer: `${pointer}/capacity`, detail }
    }
    if (shape === undefined) continue
    if (shape.length < MIN_CORNERS || shape.length > MAX_CORNERS) {
      const detail = `${name}: a shape has ${MIN_CORNERS} to ${MAX_CORNERS} corners, this one ${shape.length}.`
      yield { pointer: `${pointer}/shape`, detail }
    } else if (!shape.every(isCorner)) {
      const rule = `x and y of a corner are numbers from -${MAX_COORDINATE} to ${MAX_COORDINATE}.`
      yield { pointer: `${pointer}/shape`, detail: `${name}: ${rule}` }
    }
  }
}

/** A place's owner in few bytes, for there may be 200,000: the row's index and the seat's, or the area's and -1. */
type Owner = number

/** Seats of a layout are fewer, and so are those of any of its rows. */
const STRIDE = 2 ** 21

/**
 * Labels are names in requests: no two places share one. Rows and seats that are themselves there twice were reported, and are
 * passed over.
 */
function* labelProblems(rows: readonly (SketchedRow | null)[], areas: readonly (LayoutArea | null)[]) {
  const owners = new Map<string, Owner>()
  const nameOf = (owner: Owner) => {
    const [index, seatIndex] = [Math.floor(owner / STRIDE), owner % STRIDE]
    if (seatIndex === 0) return `area ${areas[index]?.label ?? ''}`
    const row = rows[index] ?? null
    const seat = row?.seats?.[seatIndex - 1]
    const section = typeof row?.section === 'string' ? `, section ${row.section}` : ''
    return `seat ${seat?.number ?? ''} of row ${row?.label ?? index + 1}${section}`
  }
  const seenRows = new Set<string>()
  for (const [rowIndex, row] of rows.entries()) {
    if (row === null || row.label === null || row.seats === null) continue
    const key = keyOfRow(row)
    if (key === null || seenRows.has(key)) continue
    seenRows.add(key)
    const labelOf = seatLabeller(tidySection(row), tidyName(row.label))
    for (const [index, seat] of row.seats.entries()) {
      if (seat === null || !isSeatName(seat.number)) continue
      const seatName = nameOfSeat(seat)
      const label = seat.label === undefined ? labelOf(seatName) : tidyName(seat.label)
      const other = owners.get(label)
      if (other === undefined) {
        owners.set(label, rowIndex * STRIDE + index + 1)
        continue
      }
      const twin = Math.floor(other / STRIDE) === rowIndex ? row.seats[(other % STRIDE) - 1] : null
      if (twin !== null && twin !== undefined && nameOfSeat(twin) === seatName) continue
      const advice = 'Give one of them a label of its own in `label`.'
      const detail = `${nameOfRow(rowIndex, row)}, seat ${seat.number}: ${nameOf(other)} has the label ${label} too. ${advice}`
      yield { pointer: `/rows/${rowIndex}/seats/${index}/label`, detail }
    }
  }
  for (const [index, area] of areas.entries()) {
    if (area === null) continue
    const label = tidyName(area.label)
    const other = owners.get(label)
    if (other === undefined) owners.set(label, index * STRIDE)
    else {
      const detail = `${nameOfArea(index, area.label)}: ${nameOf(other)} has the label ${label} too.`
      yield { pointer: `/areas/${index}/label`, detail }
    }
  }
}

/** Seats at one place would hide each other on the seat map: nobody could choose the lower one. */
function* placeProblems(rows: readonly (SketchedRow | null)[]) {
  const firstAt = new Map<string, string>()
  for (const [rowIndex, row] of rows.entries()) {
    for (const [index, seat] of (row?.seats ?? []).entries()) {
      if (row === null || seat === null || !isPlaced(seat)) continue
      const name = `seat ${seat.number}`
      // In single precision, as they are kept: whatever is taken can be exported and imported again.
      const place = `${Math.fround(seat.x)},${Math.fround(seat.y)}`
      const first = firstAt.get(place)
      if (first === undefined) {
        firstAt.set(place, `${name} of row ${row.label ?? rowIndex + 1}`)
        continue
      }
      const detail = `${nameOfRow(rowIndex, row)}, ${name}: it has the same x and y as ${first}.`
      yield { pointer: `/rows/${rowIndex}/seats/${index}`, detail }
    }
  }
}

/** Returns a seat's name as it is stored. */
export const nameOfSeat = ({ number }: Pick<LayoutSeat, 'number'>): string =>
  typeof number === 'number' ? String(number) : tidyName(number)

function isSeatName(number: number | string): boolean {
  if (typeof number === 'string') return isPlaceName(tidyName(number), MAX_PLACE_NAME)
  return Number.isSafeInteger(number) && number >= 1 && number <= MAX_SEAT_NUMBER
}

const nameOfRow = (index: number, { label, section }: Pick<SketchedRow, 'label' | 'section'>) => {
  if (label === null) return `Row ${index + 1}`
  return `Row ${index + 1} (${typeof section === 'string' ? `${section.slice(0, MAX_PLACE_LABEL)}, ` : ''}${label.slice(0, MAX_PLACE_LABEL)})`
}

const nameOfArea = (index: number, label: string) => `Area ${index + 1} (${label.slice(0, MAX_PLACE_LABEL)})`

const tidySection = ({ section }: Pick<SketchedRow, 'section'>) =>
  typeof section === 'string' ? tidyName(section) : null

/** Returns what no two rows share; `null` where a part of it could not be read. */
function keyOfRow({ label, section }: SketchedRow): string | null {
  if (label === null || section === null) return null
  return section === undefined ? tidyName(label) : `${tidyName(section)}\n${tidyName(label)}`
}

const isPlaced = ({ x, y }: LayoutFocus) => Math.abs(x) <= MAX_COORDINATE && Math.abs(y) <= MAX_COORDINATE

function isCorner([x, y, ...more]: readonly number[]): boolean {
  return x !== undefined && y !== undefined && more.length === 0 && isPlaced({ x, y })
}

function isWhole(rows: readonly (SketchedRow | null)[]): rows is readonly LayoutRow[] {
  return rows.every((row) => row !== null && row.seats !== null && !row.seats.includes(null))
}
