import { type LayoutProblem, type LayoutSeat, MAX_SEATS } from '../layout.ts'
import { tidyName } from '../seat-label.ts'
import { type ConvertedLayout, MAX_FORM_PROBLEMS, seatAt } from './converted.ts'

interface Row {
  readonly section: string | undefined
  readonly label: string
  readonly seats: LayoutSeat[]
  /** JSON Pointers of its seats in the plan. */
  readonly sources: string[]
}

/** Returns whether a JSON document is a seating plan of pretix: it has zones. */
export function isPretixPlan(value: unknown): boolean {
  return Array.isArray(at(value, 'zones')) && at(value, 'rows') === undefined
}

/**
 * Reads a seating plan of pretix: the names of its categories, and of every zone its rows with their seats, each with
 * `row_number`, `seat_number`, `category` and the sum of the positions of zone, row and seat. Zones become sections if more
 * than one has seats; rows of one zone with the same `row_number` become one row. Everything else (colours, drawn areas,
 * ids) is passed over.
 */
export function layoutOfPretix(plan: unknown): ConvertedLayout {
  const problems: LayoutProblem[] = []
  const report = (pointer: string, detail: string) => problems.push({ pointer, detail })
  const rows = new Map<string, Row>()
  const zones = listAt(plan, 'zones')
  if (zones === null) report('/zones', 'A seating plan has a list of zones.')
  const categories = (listAt(plan, 'categories') ?? []).map((category, index) => {
    const name = at(category, 'name')
    if (typeof name === 'string') return name
    report(`/categories/${index}/name`, `Category ${index + 1} has no name.`)
    return ''
  })
  const hasSections = (zones ?? []).filter(hasSeats).length > 1
  let seatCount = 0
  for (const { seat, row, zone, pointer, where } of seatsOf(zones ?? [])) {
    if (problems.length >= MAX_FORM_PROBLEMS) break
    if ((seatCount += 1) > MAX_SEATS) {
      report(pointer, `A layout has at most ${MAX_SEATS} seats.`)
      break
    }
    const number = textOf(at(seat, 'seat_number'))
    const rowNumber = textOf(at(row, 'row_number'))
    const category = at(seat, 'category')
    const positions = [at(zone, 'position') ?? ORIGIN, at(row, 'position') ?? ORIGIN, at(seat, 'position')]
    const [x, y] = [sumAt(positions, 'x'), sumAt(positions, 'y')]
    if (rowNumber === null) report(pointer, `${where}: row_number must be text.`)
    else if (number === null) report(`${pointer}/seat_number`, `${where}: seat_number must be text.`)
    else if (typeof category !== 'string') report(`${pointer}/category`, `${where}: category must be text.`)
    else if (x === null || y === null) {
      report(`${pointer}/position`, `${where}: position must have the numbers x and y, as must those of zone and row.`)
    } else {
      const into = rowOf(rows, hasSections ? textOf(at(zone, 'name')) : null, rowNumber)
      into.seats.push({ number, x, y, category })
      into.sources.push(pointer)
    }
  }
  const list = [...rows.values()]
  return {
    layout: { categories, rows: list },
    problems: problems.slice(0, MAX_FORM_PROBLEMS),
    relate: ({ pointer, detail }) => {
      const place = seatAt(pointer)
      const source = place === null ? undefined : list[place.row]?.sources[place.seat ?? 0]
      return { pointer: source ?? pointer, detail }
    },
  }
}

const ORIGIN = { x: 0, y: 0 }

interface PlannedSeat {
  readonly zone: unknown
  readonly row: unknown
  readonly seat: unknown
  readonly pointer: string
  readonly where: string
}

function* seatsOf(zones: readonly unknown[]): Generator<PlannedSeat, void, undefined> {
  for (const [zoneIndex, zone] of zones.entries()) {
    for (const [rowIndex, row] of (listAt(zone, 'rows') ?? []).entries()) {
      for (const [index, seat] of (listAt(row, 'seats') ?? []).entries()) {
        const pointer = `/zones/${zoneIndex}/rows/${rowIndex}/seats/${index}`
        const where = `Zone ${zoneIndex + 1}, row ${rowIndex + 1}, seat ${index + 1} of the row`
        yield { zone, row, seat, pointer, where }
      }
    }
  }
}

function hasSeats(zone: unknown): boolean {
  return (listAt(zone, 'rows') ?? []).some((row) => (listAt(row, 'seats') ?? []).length > 0)
}

function rowOf(rows: Map<string, Row>, section: string | null, label: string): Row {
  const key = `${tidyName(section ?? '')}\n${tidyName(label)}`
  const known = rows.get(key)
  if (known !== undefined) return known
  const row = { section: section ?? undefined, label, seats: [], sources: [] }
  rows.set(key, row)
  return row
}

function sumAt(positions: readonly unknown[], axis: 'x' | 'y'): number | null {
  let sum = 0
  for (const position of positions) {
    const value = at(position, axis)
    if (typeof value !== 'number') return null
    sum += value
  }
  return sum
}

/** Returns a text; some plans have numbers where the format has texts. */
function textOf(value: unknown): string | null {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' ? value : null
}

function listAt(value: unknown, key: string): readonly unknown[] | null {
  const list = at(value, key)
  return Array.isArray(list) ? list : null
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined
}
