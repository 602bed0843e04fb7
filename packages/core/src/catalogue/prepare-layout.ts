import type { SeatChunk } from './queries/insert-seats.ts'
import {
  type LayoutDescription,
  layoutProblems,
  type LayoutFocus,
  type LayoutProblem,
  type LayoutSeat,
  nameOfSeat,
} from '../domain/layout.ts'
import type { ConvertedLayout } from '../domain/layout-formats/converted.ts'
import { seatLabeller, seatNumber, tidyName } from '../domain/seat-label.ts'
import { FieldErrors } from './field-errors.ts'

export type { LayoutArea, LayoutDescription, LayoutFocus, LayoutRow, LayoutSeat } from '../domain/layout.ts'

/** A layout that keeps the rules, ready to be written: preparing it takes the processor for long, writing it does not. */
export interface PreparedLayout {
  /** Names of the seat categories, in the order in which they are shown. */
  readonly categories: readonly string[]
  readonly rowCount: number
  readonly seatCount: number
  readonly chunks: readonly SeatChunk[]
  readonly areas: readonly PreparedArea[]
  /** Point that the best seats are nearest to, in single precision, as it is kept. */
  readonly focus: LayoutFocus | null
}

/** An area, with the place of its category in the list of them. */
export interface PreparedArea {
  readonly label: string
  /** Counts from 1. */
  readonly category: number
  readonly capacity: number
  readonly shape: readonly (readonly number[])[] | null
}

/** Seats of one statement: written in some 100 ms, and far below the time limit on a slow disk. */
const CHUNK_SEATS = 5_000

interface Seat extends Omit<LayoutSeat, 'label' | 'number'> {
  readonly section: string | null
  readonly row: string
  readonly name: string
  readonly label: string
}

/** Origin of a layout that was read from another format. */
type LayoutSource = Pick<ConvertedLayout, 'problems' | 'relate'>

const ITSELF: LayoutSource = { problems: [], relate: (problem) => problem }

/**
 * Checks a layout's description and prepares it. Every problem names the row and the seat that it is about. 200,000
 * seats take half a second of the processor.
 *
 * @throws Problem `invalid_request`
 */
export function prepareLayout(layout: LayoutDescription, source: LayoutSource = ITSELF): PreparedLayout {
  const { categories, rows, areas = [], focus } = layout
  const problems = new FieldErrors()
  problems.addAll(source.problems)
  problems.throwIfAny()
  problems.addAll(related(layoutProblems(layout), source.relate))
  problems.throwIfAny()
  const places = new Map(categories.map((name, index) => [name, index + 1]))
  const chunks: SeatChunk[] = []
  let pending: Seat[] = []
  let seatCount = 0
  const flush = () => {
    if (pending.length > 0) chunks.push(chunkOf(seatCount - pending.length + 1, pending, places))
    pending = []
  }
  for (const { label: rowLabel, section: sectionName, seats } of rows) {
    const row = tidyName(rowLabel)
    const section = sectionName === undefined ? null : tidyName(sectionName)
    const labelOf = seatLabeller(section, row)
    for (const seat of seats) {
      const name = nameOfSeat(seat)
      pending.push({
        ...seat,
        section,
        row,
        name,
        label: seat.label === undefined ? labelOf(name) : tidyName(seat.label),
      })
      seatCount += 1
      if (pending.length === CHUNK_SEATS) flush()
    }
  }
  flush()
  return {
    categories,
    rowCount: rows.length,
    seatCount,
    chunks,
    areas: areas.map(({ label, category, capacity, shape = null }) => ({
      label: tidyName(label),
      category: places.get(category) ?? 0,
      capacity,
      shape,
    })),
    focus: focus === undefined ? null : { x: Math.fround(focus.x), y: Math.fround(focus.y) },
  }
}

function* related(problems: Iterable<LayoutProblem>, relate: LayoutSource['relate']) {
  for (const problem of problems) yield relate(problem)
}

function chunkOf(first: number, seats: readonly Seat[], places: ReadonlyMap<string, number>): SeatChunk {
  const list = (valueOf: (seat: Seat) => string | number) => `{${seats.map(valueOf).join(',')}}`
  return {
    first,
    labels: list(({ label }) => quoted(label)),
    sections: list(({ section }) => (section === null ? 'NULL' : quoted(section))),
    rowLabels: list(({ row }) => quoted(row)),
    names: list(({ name }) => quoted(name)),
    numbers: list(({ name }) => seatNumber(name) ?? 'NULL'),
    // In single precision, as they are kept: PostgreSQL refuses what is too small for it.
    xs: list(({ x }) => Math.fround(x)),
    ys: list(({ y }) => Math.fround(y)),
    categories: list(({ category }) => places.get(category) ?? 0),
    disabled: list(({ disabled = false }) => (disabled ? 't' : 'f')),
    accessible: list(({ accessible = false }) => (accessible ? 't' : 'f')),
  }
}

/** Returns a text in PostgreSQL's notation of arrays, in which quotes and backslashes are escaped. */
const quoted = (text: string) => `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`
