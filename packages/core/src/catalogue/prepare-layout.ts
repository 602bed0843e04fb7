import type { SeatChunk } from './queries/insert-seats.ts'
import { layoutProblems, type LayoutRow, type LayoutSeat } from '../domain/layout.ts'
import { FieldErrors } from './field-errors.ts'

export type { LayoutRow, LayoutSeat } from '../domain/layout.ts'

/** A layout that keeps the rules, ready to be written: preparing it takes the processor for long, writing it does not. */
export interface PreparedLayout {
  /** Names of the seat categories, in the order in which they are shown. */
  readonly categories: readonly string[]
  readonly rowCount: number
  readonly seatCount: number
  readonly chunks: readonly SeatChunk[]
}

/** Seats of one statement: written in some 100 ms, and far below the time limit on a slow disk. */
const CHUNK_SEATS = 5_000

interface Seat extends LayoutSeat {
  readonly row: string
}

/**
 * Checks a layout's description and prepares it. Every problem names the row and the seat that it is about. 200,000
 * seats take half a second of the processor.
 *
 * @throws Problem `invalid_request`
 */
export function prepareLayout(categories: readonly string[], rows: readonly LayoutRow[]): PreparedLayout {
  const problems = new FieldErrors()
  problems.addAll(layoutProblems(categories, rows))
  problems.throwIfAny()
  const places = new Map(categories.map((name, index) => [name, index + 1]))
  const chunks: SeatChunk[] = []
  let pending: Seat[] = []
  let seatCount = 0
  const flush = () => {
    if (pending.length > 0) chunks.push(chunkOf(seatCount - pending.length + 1, pending, places))
    pending = []
  }
  for (const { label, seats } of rows) {
    for (const seat of seats) {
      pending.push({ ...seat, row: label })
      seatCount += 1
      if (pending.length === CHUNK_SEATS) flush()
    }
  }
  flush()
  return { categories, rowCount: rows.length, seatCount, chunks }
}

function chunkOf(first: number, seats: readonly Seat[], places: ReadonlyMap<string, number>): SeatChunk {
  const list = (valueOf: (seat: Seat) => string | number) => `{${seats.map(valueOf).join(',')}}`
  return {
    first,
    rowLabels: list(({ row }) => `"${row.replaceAll(/["\\\\]/g, '\\$&')}"`),
    numbers: list(({ number }) => number),
    // In single precision, as they are kept: PostgreSQL refuses what is too small for it.
    xs: list(({ x }) => Math.fround(x)),
    ys: list(({ y }) => Math.fround(y)),
    categories: list(({ category }) => places.get(category) ?? 0),
    disabled: list(({ disabled = false }) => (disabled ? 't' : 'f')),
    accessible: list(({ accessible = false }) => (accessible ? 't' : 'f')),
  }
}
