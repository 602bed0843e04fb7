import { formatTable } from '@boxoffice/load-rig/table.ts'
import { describeRun } from './describe-run.ts'
import { figuresOf, headlineStreams, refusalsOf, spansOf } from './figures.ts'
import { formatFigure } from './format-figure.ts'
import type { FloodResults } from './results.ts'
import { judge } from './verdict.ts'

/** More would push the verdict off the screen; the report has them all. */
const MOST_SENTENCES = 5
const MOST_LATENCIES = 9

/** A run for the terminal, the verdict first. */
export function formatSummary(results: FloodResults): string {
  const { headline, problems, warnings } = judge(results)
  const lines = [
    `${results.scenario}: ${headline}`,
    ...fewOf(problems).map((problem) => `  ! ${problem}`),
    ...fewOf(warnings).map((warning) => `  ? ${warning}`),
    describeRun(results),
    formatCounts(results),
    formatRefusals(results),
    formatDisk(results),
    formatProcesses(results),
    '',
    formatLatencies(results),
  ]
  return lines.filter((line) => line !== null).join('\n')
}

function fewOf(sentences: readonly string[]): readonly string[] {
  const more = sentences.length - MOST_SENTENCES
  return more <= 0 ? sentences : [...sentences.slice(0, MOST_SENTENCES), `and ${more} more, in the report`]
}

function formatCounts(results: FloodResults): string {
  const figures = figuresOf(results)
  return ['accepted/s', 'decided/s', 'booked', 'refused', 'longest line', 'unsent', 'generator own lag p99']
    .map((name) => {
      const figure = figures.find((candidate) => candidate.name === name)
      return `${name} ${formatFigure(figure?.value)}${figure?.unit === 'ms' ? ' ms' : ''}`
    })
    .join(', ')
}

function formatRefusals(results: FloodResults): string | null {
  const refusals = refusalsOf(results)
  if (refusals.length === 0) return null
  return `refused: ${refusals.map(([code, count]) => `${code} ${formatFigure(count)}`).join(', ')}`
}

function formatDisk(results: FloodResults): string | null {
  const figures = figuresOf(results).filter(({ group }) => group === 'disk')
  if (figures.length === 0) return null
  return `disk: ${figures.map(({ name, value, unit }) => `${name} ${formatFigure(value)} ${unit}`).join(', ')}`
}

function formatProcesses({ processes }: FloodResults): string | null {
  if (processes.length === 0) return null
  return `cores: ${processes.map(({ name, cores }) => `${name} ${formatFigure(cores)}`).join(', ')}`
}

function formatLatencies(results: FloodResults): string {
  const rows = headlineStreams(results)
    .flatMap((stream) =>
      spansOf(stream).map(([span, { count, p50, p95, p99, max }]) => [
        `${stream.name}: ${span}`,
        ...[count, p50, p95, p99, max].map(formatFigure),
      ]),
    )
    .slice(0, MOST_LATENCIES)
  return rows.length === 0
    ? 'No latency was measured.'
    : formatTable(['latency, ms', 'count', 'p50', 'p95', 'p99', 'max'], rows)
}
