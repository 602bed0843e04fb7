import { formatTable } from './text-table.ts'
import { describeRun } from './describe-run.ts'
import { type Figure, figuresOf } from './figures.ts'
import { formatFigure, formatRatio } from './format-figure.ts'
import type { Results } from '../results/results.ts'
import { judge, sentAnything } from './verdict.ts'

/** One figure of two runs. A run that does not have it has `null`. */
export interface ComparedFigure {
  readonly name: string
  readonly group: Figure['group']
  readonly unit: Figure['unit']
  readonly a: number | null
  readonly b: number | null
  /** `b / a`; `null` where one of them is missing or `a` is 0. */
  readonly ratio: number | null
  /** `null` where more is neither better nor worse, one of them is missing, or one of the runs sent nothing. */
  readonly better: 'A' | 'B' | 'alike' | null
}

/** Two runs of the same thing differ by more than this; what is closer is not called better. */
const ALIKE_WITHIN = 0.02

/** Compares figures in the order of the first run; what only the second has comes last. */
export function compareFigures(a: Results, b: Results): readonly ComparedFigure[] {
  const ofA = new Map(figuresOf(a).map((figure) => [figure.name, figure]))
  const ofB = new Map(figuresOf(b).map((figure) => [figure.name, figure]))
  const judged = sentAnything(a) && sentAnything(b)
  return [...new Map([...ofB, ...ofA]).values()]
    .toSorted((one, other) => place(ofA, one.name) - place(ofA, other.name))
    .map(({ name, group, unit, better }) => {
      const values = { a: ofA.get(name)?.value ?? null, b: ofB.get(name)?.value ?? null }
      return { name, group, unit, ...values, ...relate(values.a, values.b, judged ? better : null) }
    })
}

function place(figures: ReadonlyMap<string, Figure>, name: string): number {
  const index = [...figures.keys()].indexOf(name)
  return index === -1 ? figures.size : index
}

function relate(
  a: number | null,
  b: number | null,
  wanted: Figure['better'],
): Pick<ComparedFigure, 'ratio' | 'better'> {
  if (a === null || b === null) return { ratio: null, better: null }
  const ratio = a === 0 ? null : b / a
  if (wanted === null) return { ratio, better: null }
  if (Math.abs(b - a) <= ALIKE_WITHIN * Math.max(a, b)) return { ratio, better: 'alike' }
  return { ratio, better: b > a === (wanted === 'more') ? 'B' : 'A' }
}

/** Tells why the two runs may not be comparable, one sentence each. */
export function differencesOf(a: Results, b: Results): readonly string[] {
  const differences = [
    differ('The commands differ', a.command, b.command),
    differ('The scenarios differ', a.scenario, b.scenario),
    differ('The seeds differ, so the crowds do', a.seed, b.seed),
    differ('The arrivals per second differ', a.size.rate, b.size.rate),
    differ('The seconds that were measured differ', a.size.durationMs / 1_000, b.size.durationMs / 1_000),
    differ('The clients differ in number', a.size.clients, b.size.clients),
    differ('The scales differ', a.size.scale, b.size.scale),
    differ('The seconds of warm-up differ', a.size.warmUpMs / 1_000, b.size.warmUpMs / 1_000),
    differ('The rounds differ in number', a.size.rounds, b.size.rounds),
  ]
  if (a.machine === null || b.machine === null) {
    differences.push('Not both runs say on what machine they were.')
  } else {
    for (const what of MACHINE_PARTS) {
      differences.push(differ(`The machines differ in ${what}`, a.machine[what], b.machine[what]))
    }
  }
  return differences.filter((difference) => difference !== null)
}

/**
 * Parts of a machine that are compared. The date and commit are left out, which differ on purpose, and the sync time is
 * measured anew each time.
 */
const MACHINE_PARTS = ['cores', 'model', 'memoryGb', 'system', 'node', 'postgres', 'redis', 'fileSystem'] as const

const differ = (what: string, a: string | number | null, b: string | number | null): string | null =>
  a === b ? null : `${what}: ${shown(a)} and ${shown(b)}.`

const shown = (value: string | number | null): string => (typeof value === 'string' ? value : formatFigure(value))

/** Formats a comparison for the terminal: the verdicts first. */
export function formatComparison(
  a: Results,
  b: Results,
  figures: readonly ComparedFigure[],
  differences: readonly string[],
): string {
  const rows = figures.map((figure) => [nameOf(figure), ...cellsOf(figure)])
  return [
    ...[a, b].map((run, index) => `${index === 0 ? 'A' : 'B'}: ${run.scenario}: ${judge(run).headline}`),
    `A: ${describeRun(a)}, commit ${commitOf(a)}`,
    `B: ${describeRun(b)}, commit ${commitOf(b)}`,
    ...differences.map((difference) => `  ? ${difference}`),
    '',
    formatTable(['', 'A', 'B', 'B/A', 'better'], rows),
    'Each run was measured once: run to run, the same code differs too.',
  ].join('\n')
}

export const commitOf = ({ machine }: Results): string => machine?.commit ?? 'unknown'

export const nameOf = ({ name, unit }: ComparedFigure): string =>
  unit === 'ms' || unit === 'MB' ? `${name}, ${unit}` : name

/** Returns A, B, B/A, and which is better. */
export const cellsOf = ({ a, b, ratio, better }: ComparedFigure): readonly string[] => [
  formatFigure(a),
  formatFigure(b),
  formatRatio(ratio),
  better ?? '–',
]
