import { formatFigure } from './format-figure.ts'
import type { FloodResults } from './results.ts'

/** When, where, and how much, in one line. */
export function describeRun({ startedAt, target, size, seed }: FloodResults): string {
  return [
    startedAt,
    target,
    `${formatFigure(size.rate)} arrivals/s for ${formatFigure(size.durationMs / 1_000)} s`,
    `at most ${formatFigure(size.clients)} clients`,
    `scale ${formatFigure(size.scale)}`,
    `seed ${seed}`,
  ].join(', ')
}
