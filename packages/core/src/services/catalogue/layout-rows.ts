import { layoutProblems, type LayoutRow } from '../../domain/layout.ts'
import { Problems } from './invalid-catalogue-error.ts'

export type { LayoutRow, LayoutSeat } from '../../domain/layout.ts'

/**
 * Checks a layout's description. Every problem names the row and the seat that it is about.
 *
 * @throws InvalidCatalogueError
 */
export function checkLayout(categories: readonly string[], rows: readonly LayoutRow[]): void {
  const problems = new Problems()
  problems.addAll(layoutProblems(categories, rows))
  problems.throwIfAny()
}
