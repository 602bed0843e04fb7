import { formatTable } from './text-table.ts'
import { formatAim } from './aims.ts'
import { describeRun } from './describe-run.ts'
import { figuresOf, headlineStreams, refusalsOf, spansOf } from './figures.ts'
import { formatFigure } from './format-figure.ts'
import type { Results } from '../results/results.ts'
import { judge } from './verdict.ts'

/** More would push the verdict off the screen; the report has them all. */
const MOST_SENTENCES = 5
const MOST_LATENCIES = 9

/** Formats a run for the terminal, the verdict first. */
export function formatSummary(results: Results): string {
  const { headline, problems, warnings } = judge(results)
  const lines = [
    `${results.scenario}: ${headline}`,
    ...fewOf(problems).map((problem) => `  ! ${problem}`),
    ...fewOf(warnings).map((warning) => `  ? ${warning}`),
    describeRun(results),
    ...(results.tables.length === 0 ? formatCrowd(results) : formatTables(results)),
  ]
  return lines.filter((line) => line !== null).join('\n')
}

const formatCrowd = (results: Results): (string | null)[] => [
  formatCounts(results),
  formatRefusals(results),
  formatDisk(results),
  formatProcesses(results),
  '',
  formatLatencies(results),
]

/** Formats tables and aims. A small run measures nothing, so that it reaches and misses nothing. */
const formatTables = ({ tables, aims, size }: Results): string[] => [
  ...tables.flatMap(({ title, about, header, rows }) => [
    '',
    title,
    ...about.map((sentence) => `  ${sentence}`),
    formatTable(header, rows),
  ]),
  ...(size.scale < 1 ? [] : ['', ...aims.map(formatAim)]),
]

function fewOf(sentences: readonly string[]): readonly string[] {
  const more = sentences.length - MOST_SENTENCES
  return more <= 0 ? sentences : [...sentences.slice(0, MOST_SENTENCES), `and ${more} more, in the report`]
}

function formatCounts(results: Results): string {
  const figures = figuresOf(results)
  return ['accepted/s', 'decided/s', 'booked', 'refused', 'longest line', 'unsent', 'generator own lag p99']
    .map((name) => {
      const figure = figures.find((candidate) => candidate.name === name)
      return `${name} ${formatFigure(figure?.value)}${figure?.unit === 'ms' ? ' ms' : ''}`
    })
    .join(', ')
}

function formatRefusals(results: Results): string | null {
  const refusals = refusalsOf(results)
  if (refusals.length === 0) return null
  return `refused: ${refusals.map(([code, count]) => `${code} ${formatFigure(count)}`).join(', ')}`
}

function formatDisk(results: Results): string | null {
  const figures = figuresOf(results).filter(({ group }) => group === 'disk')
  if (figures.length === 0) return null
  return `disk: ${figures.map(({ name, value, unit }) => `${name} ${formatFigure(value)} ${unit}`).join(', ')}`
}

function formatProcesses({ processes }: Results): string | null {
  if (processes.length === 0) return null
  return `cores: ${processes.map(({ name, cores }) => `${name} ${formatFigure(cores)}`).join(', ')}`
}

function formatLatencies(results: Results): string {
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
