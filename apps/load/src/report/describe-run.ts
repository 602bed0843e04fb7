import { formatFigure } from './format-figure.ts'
import type { Results } from '../results/results.ts'

export const titleOf = ({ command, scenario }: Pick<Results, 'command' | 'scenario'>): string =>
  `${command === 'flood' ? 'Flood' : 'Benchmark'}: ${scenario}`

/** Describes a run in one line: its time, target and size. */
export function describeRun({ startedAt, target, size, seed }: Results): string {
  const { rate, durationMs, warmUpMs, clients, rounds, scale } = size
  const seconds = (ms: number) => `${formatFigure(ms / 1_000)} s`
  return [
    startedAt,
    target,
    rate === null ? `${seconds(durationMs)} measured` : `${formatFigure(rate)} arrivals/s for ${seconds(durationMs)}`,
    ...(warmUpMs > 0 ? [`after ${seconds(warmUpMs)} of warm-up`] : []),
    `at most ${formatFigure(clients)} clients`,
    ...(rounds > 1 ? [`${rounds} rounds`] : []),
    `scale ${formatFigure(scale)}`,
    `seed ${seed}`,
  ].join(', ')
}
