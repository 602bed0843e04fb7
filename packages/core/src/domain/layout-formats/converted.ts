import type { LayoutDescription, LayoutProblem } from '../layout.ts'

/** A layout that was read from another format. */
export interface ConvertedLayout {
  readonly layout: LayoutDescription
  /** Mistakes of form, at most `MAX_FORM_PROBLEMS`. If there are any, the layout is not complete. */
  readonly problems: readonly LayoutProblem[]
  /** Returns a problem of the layout as one of the file that it was read from. */
  readonly relate: (problem: LayoutProblem) => LayoutProblem
}

/** A file with a thousand mistakes is answered with the first few. */
export const MAX_FORM_PROBLEMS = 20

/** Returns the row and the seat that a pointer into a layout is about; `null` if it is about something else. */
export function seatAt(pointer: string): { readonly row: number; readonly seat: number | null } | null {
  const [, row, seat] = /^\/rows\/(\d+)(?:\/seats\/(\d+))?/.exec(pointer) ?? []
  return row === undefined ? null : { row: Number(row), seat: seat === undefined ? null : Number(seat) }
}
