import { CONTENDER_NAMES, CONTENDERS, type Contender } from './contenders.ts'
import type { Usage } from './drive-load.ts'
import { seatCount } from '@boxoffice/load-rig/layout.ts'
import type { Latency } from '@boxoffice/load-rig/latency.ts'
import type { Machine } from '@boxoffice/load-rig/machine.ts'
import { type Figures, formatAim, formatFigures } from './figures.ts'
import type { Measurement } from './measurements.ts'
import type { Options } from './options.ts'
import type { BacklogRun } from './scenarios/backlog.ts'
import type { Costs } from './scenarios/costs.ts'
import type { HotRun } from './scenarios/hot.ts'
import type { IntakeRun } from './scenarios/intake.ts'
import { formatTable, orDash } from '@boxoffice/load-rig/table.ts'

/** Everything that was measured; also what is kept as JSON. */
export interface Results {
  readonly machine: Machine
  readonly options: Options
  showtime?: readonly HotRun[]
  event?: readonly HotRun[]
  intake?: readonly IntakeRun[]
  backlog?: readonly BacklogRun[]
  figures?: Partial<Record<Measurement, Figures>>
}

/** What the product is meant to reach. Missing one fails nothing: it is reported as it is. */
const TARGETS = { ratio: 10, decidedPerSecond: 6_000, decideP99Ms: 100, steadiness: 0.9, rssMb: 250 }

export function formatReport(results: Results): string {
  const { machine, options } = results
  const sections = [formatMachine(machine, options)]
  if (options.quick) sections.push('A quick run: it shows that everything works, and its numbers mean nothing.')
  for (const kind of ['showtime', 'event'] as const) {
    const runs = results[kind]
    if (runs !== undefined) sections.push(formatHot(`One hot ${kind}`, runs, options))
  }
  if (results.intake !== undefined) sections.push(formatIntake(results.intake, options))
  if (results.backlog !== undefined) sections.push(formatBacklog(results.backlog, options))
  for (const figures of Object.values(results.figures ?? {})) sections.push(formatFigures(figures, !options.quick))
  const costs = formatAllCosts(results)
  if (costs !== '') sections.push(costs)
  const problems = findProblems(results)
  sections.push(
    problems.length === 0
      ? 'Audit: nothing oversold, no seat twice, everything accepted decided once, in every run.'
      : `PROBLEMS\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
  )
  return sections.join('\n\n')
}

/** A quick run measures nothing, so that it reaches and misses nothing. */
const judgement = ({ quick }: Options, verdicts: readonly string[]): readonly string[] =>
  quick ? [] : ['', ...verdicts]

/** Violations of the audit and requests that failed, one sentence each. */
export function findProblems(results: Results): string[] {
  const problems: string[] = []
  const note = (
    run: string,
    {
      violations,
      errors = 0,
      errorSamples = [],
    }: {
      readonly violations: readonly string[]
      readonly errors?: number
      readonly errorSamples?: readonly string[]
    },
  ) => {
    for (const violation of violations) problems.push(`${run}: ${violation}`)
    if (errors > 0) problems.push(`${run}: ${errors} requests failed, such as: ${errorSamples.join(' | ')}`)
  }
  for (const kind of ['showtime', 'event'] as const) {
    for (const run of results[kind] ?? []) note(`${kind} (${run.contender}) round ${run.round}`, run)
  }
  for (const run of results.intake ?? []) note(`intake ${snapshotName(run)} round ${run.round}`, run)
  for (const run of results.backlog ?? []) note(`backlog ${run.kind} ${snapshotName(run)}`, run)
  for (const [name, figures] of Object.entries(results.figures ?? {})) note(name, { violations: figures.problems })
  return problems
}

function formatMachine(machine: Machine, options: Options): string {
  const { cores, model, memoryGb, system } = machine
  return [
    `Boxoffice benchmark, ${machine.date}, commit ${machine.commit}`,
    `${cores} cores (${model}), ${memoryGb} GB, ${system}; shared by PostgreSQL, Redis, the servers and the load`,
    `Node ${machine.node}, PostgreSQL ${machine.postgres} (fsync and synchronous_commit on), Redis ${machine.redis} (no append-only file)`,
    `data on ${machine.fileSystem}, 8 kB written and synced in ${machine.syncMs} ms (median)`,
    `${options.clients} clients, ${options.measuredMs / 1_000} s measured after ${options.warmUpMs / 1_000} s`,
  ].join('\n')
}

function formatHot(title: string, runs: readonly HotRun[], options: Options): string {
  const { perBooking, hall } = options
  const rows = runs.map(({ contender, round, decidedPerSecond, decide, accept, usage }) => [
    `(${contender}) round ${round}`,
    String(decidedPerSecond),
    ...percentiles(decide),
    String(decide.max),
    ...percentiles(accept),
    ...usageCells(usage),
  ])
  const lines = [
    `${title}: ${perBooking} ${title.endsWith('event') ? 'tickets' : 'seats'} a booking, each client waits for its outcome`,
    ...usedContenders(runs).map((contender) => `  (${contender}) ${CONTENDER_NAMES[contender]}`),
    ...(title.endsWith('showtime')
      ? [`  ${seatCount(hall)} seats; when they are gone, the crowd goes on to the next showtime in the same hall`]
      : []),
    '',
    formatTable(
      ['', 'decided/s', 'decide p50', 'p95', 'p99', 'max ms', 'accept p50', 'p95', 'p99 ms', ...USAGE_HEADER],
      rows,
    ),
    ...judgement(options, hotVerdicts(runs)),
  ]
  return lines.join('\n')
}

function hotVerdicts(runs: readonly HotRun[]): string[] {
  const rate = (contender: Contender) =>
    mean(runs.filter((run) => run.contender === contender).map((run) => run.decidedPerSecond))
  const ours = runs.filter((run) => run.contender === 'c')
  const c = rate('c')
  if (c === null) return []
  const verdicts: string[] = []
  for (const other of ['a', 'b'] as const) {
    const base = rate(other)
    if (base !== null) verdicts.push(verdict(`c/${other}`, round(c / base, 2), 'at least', TARGETS.ratio))
  }
  verdicts.push(verdict('(c) decided/s', Math.round(c), 'at least', TARGETS.decidedPerSecond))
  verdicts.push(
    verdict('(c) p99 to decided, ms', Math.max(...ours.map((run) => run.decide.p99)), 'under', TARGETS.decideP99Ms),
  )
  return [...verdicts, ...rssVerdicts(ours)]
}

function formatIntake(runs: readonly IntakeRun[], options: Options): string {
  const rows = runs.map((run) => [
    `${snapshotName(run)}, round ${run.round}`,
    String(run.acceptedPerSecond),
    ...percentiles(run.accept),
    String(run.accept.max),
    ...usageCells(run.usage),
  ])
  const rate = (oldSnapshot: boolean) =>
    mean(runs.filter((run) => run.oldSnapshot === oldSnapshot).map((run) => run.acceptedPerSecond))
  const [plain, held] = [rate(false), rate(true)]
  const verdicts =
    plain === null || held === null
      ? []
      : [verdict('rate with an old snapshot / without', round(held / plain, 2), 'at least', TARGETS.steadiness)]
  return [
    `Intake: ${options.clients} clients that do not wait for outcomes, one hot event, the worker deciding beside it`,
    '',
    formatTable(['', 'accepted/s', 'accept p50', 'p95', 'p99', 'max ms', ...USAGE_HEADER], rows),
    '',
    ...runs.map((run) => `  ${snapshotName(run)}, round ${run.round}, by second: ${run.perSecond.join(' ')}`),
    ...judgement(options, [...verdicts, ...rssVerdicts(runs)]),
  ].join('\n')
}

function formatBacklog(runs: readonly BacklogRun[], options: Options): string {
  const { hall, taken } = options.backlog
  const rows = runs.map(({ kind, oldSnapshot, decidedPerSecond, tenths, usage }) => [
    `${kind}, ${snapshotName({ oldSnapshot })}`,
    String(decidedPerSecond),
    ...tenths.map(String),
    String(lastToFirst(tenths)),
    ...usageCells(usage),
  ])
  return [
    `Backlog: ${runs[0]?.requests ?? 0} requests drained by one worker, bulk-loaded tables that were never analyzed`,
    `  event: two tickets each of one hot event; showtime: two seats each of showtimes in one lane, of ${seatCount(hall)} seats`,
    `  each, of which ${taken} were allocated before`,
    '',
    formatTable(
      ['', 'decided/s', ...Array.from({ length: 10 }, (_, index) => `${index + 1}/10`), 'last/first', ...USAGE_HEADER],
      rows,
    ),
    ...judgement(options, [...backlogVerdicts(runs), ...rssVerdicts(runs)]),
  ].join('\n')
}

function backlogVerdicts(runs: readonly BacklogRun[]): string[] {
  const worst = Math.min(...runs.map((run) => lastToFirst(run.tenths)))
  const beside = (['event', 'showtime'] as const).flatMap((kind) => {
    const rate = (oldSnapshot: boolean) => runs.find((run) => run.kind === kind && run.oldSnapshot === oldSnapshot)
    const [plain, held] = [rate(false), rate(true)]
    if (plain === undefined || held === undefined) return []
    const ratio = round(held.decidedPerSecond / plain.decidedPerSecond, 2)
    return [verdict(`${kind}: rate with an old snapshot / without`, ratio, 'at least', TARGETS.steadiness)]
  })
  return [verdict('last tenth / first tenth, the worst', worst, 'at least', TARGETS.steadiness), ...beside]
}

const USAGE_HEADER = ['cores: api', 'worker', 'postgres', 'redis', 'load', 'RSS MB: api', 'worker']

function usageCells(usage: readonly Usage[]): string[] {
  const find = (name: string) => usage.find((process) => process.name === name)
  return [
    ...['api', 'worker', 'postgres', 'redis', 'load'].map((name) => orDash(find(name)?.cores)),
    ...['api', 'worker'].map((name) => orDash(find(name)?.peakRssMb)),
  ]
}

const percentiles = (latency: Latency | null) => [orDash(latency?.p50), orDash(latency?.p95), orDash(latency?.p99)]

function rssVerdicts(runs: readonly { readonly usage: readonly Usage[] }[]): string[] {
  return ['api', 'worker'].flatMap((name) => {
    const peaks = runs.flatMap(({ usage }) => usage.find((process) => process.name === name)?.peakRssMb ?? [])
    return peaks.length === 0
      ? []
      : [verdict(`largest RSS of the ${name}, MB`, Math.max(...peaks), 'under', TARGETS.rssMb)]
  })
}

function verdict(what: string, value: number, relation: 'at least' | 'under', target: number): string {
  return formatAim({ what, value, relation, aim: target })
}

function formatAllCosts(results: Results): string {
  const sections: string[] = []
  const add = (title: string, costs: Costs | null) => {
    if (costs !== null) sections.push(`Where the time went: ${title}\n${formatCosts(costs)}`)
  }
  for (const kind of ['showtime', 'event'] as const) {
    for (const run of results[kind] ?? []) add(`${kind} (${run.contender}), round ${run.round}`, run.costs)
  }
  for (const run of results.intake ?? []) add(`intake, ${snapshotName(run)}, round ${run.round}`, run.costs)
  for (const run of results.backlog ?? []) add(`backlog, ${run.kind}, ${snapshotName(run)}`, run.costs)
  return sections.join('\n\n')
}

function formatCosts({ processes, statements }: Costs): string {
  const tables = processes.map(({ name, functions }) =>
    formatTable(
      [`${name}: self time`, 'ms', 'of busy'],
      functions.map(({ what, ms, share }) => [what, String(ms), `${(share * 100).toFixed(1)} %`]),
    ),
  )
  tables.push(
    formatTable(
      ['PostgreSQL', 'calls', 'total ms', 'mean ms'],
      statements.map(({ text, calls, totalMs, meanMs }) => [text, String(calls), String(totalMs), String(meanMs)]),
    ),
  )
  return tables.join('\n\n')
}

const snapshotName = ({ oldSnapshot }: { readonly oldSnapshot: boolean }) =>
  oldSnapshot ? 'old snapshot' : 'no snapshot'

const usedContenders = (runs: readonly HotRun[]) =>
  CONTENDERS.filter((letter) => runs.some((run) => run.contender === letter))

const lastToFirst = (tenths: readonly number[]) => round((tenths.at(-1) ?? 0) / (tenths[0] ?? 1), 2)

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}

const round = (value: number, digits: number) => Number(value.toFixed(digits))
