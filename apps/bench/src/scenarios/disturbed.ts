import type { BenchContext } from '../context.ts'
import type { Aim, Figures } from '../figures.ts'
import { confirmationsAndExpiries } from './disturbances/confirmations.ts'
import { type Disturbance, undisturbed } from './disturbances/disturbance.ts'
import { frozenRedis } from './disturbances/frozen-redis.ts'
import { neverAnalyzed } from './disturbances/never-analyzed.ts'
import { oldSnapshot } from './disturbances/old-snapshot.ts'
import { drainBesideStreams } from './disturbances/position-streams.ts'
import { type BesideRun, runBeside } from './disturbances/run-beside.ts'

/** Plain at both ends: a machine that gets slower meanwhile shows, and counts for half. */
const PLAINS = [undisturbed('plain, at first'), undisturbed('plain, at the end')] as const
const DISTURBANCES = [oldSnapshot, neverAnalyzed, confirmationsAndExpiries, frozenRedis] as const
const AIM = 0.9

/** The outcome of one round, or of one pair of it. */
interface Part {
  readonly rows: readonly string[][]
  /** By what was disturbed. */
  readonly ratios: readonly (readonly [what: string, ratio: number])[]
  readonly problems: readonly string[]
}

/** What is left of the rate of one hot event while something else goes on beside it. */
export async function measureDisturbed(context: BenchContext): Promise<Figures> {
  const { clients, rounds, measuredMs } = context.options
  const parts: Part[] = []
  for (let round = 1; round <= rounds; round++) {
    parts.push(await measureHotEvent(context, round), await measurePositionStreams(context, round))
  }
  return {
    title: 'One hot event, disturbed',
    about: [
      `${clients} clients of one event over HTTP, ${measuredMs / 1_000} s measured; the base is the mean of both plain runs`,
      'with Redis frozen, the time counts until everything accepted was decided',
      'position streams: a line that is drained by one worker beside the API, with and without streams of its last ones',
    ],
    header: ['', 'decided/s', 'ratio', 'p99 ms', 'beside it'],
    rows: parts.flatMap(({ rows }) => rows),
    aims: aimsOf(parts.flatMap(({ ratios }) => ratios)),
    problems: parts.flatMap(({ problems }) => problems),
  }
}

/** The hot event beside nothing, each disturbance, and nothing again. */
async function measureHotEvent(context: BenchContext, round: number): Promise<Part> {
  const runs: { readonly disturbance: Disturbance; readonly run: BesideRun }[] = []
  const [first, last] = PLAINS
  for (const [index, disturbance] of [first, ...DISTURBANCES, last].entries()) {
    const run = await runBeside(context, disturbance, `disturbed_${round}_${index}`)
    context.say(`disturbed, round ${round}, ${disturbance.name}: ${run.decidedPerSecond} decided/s, p99 ${run.p99} ms`)
    runs.push({ disturbance, run })
  }
  const plains = runs.filter(({ disturbance }) => isPlain(disturbance))
  const base = plains.reduce((sum, { run }) => sum + run.decidedPerSecond, 0) / plains.length
  return {
    rows: runs.map(({ disturbance, run }) => [
      `round ${round}, ${disturbance.name}`,
      String(run.decidedPerSecond),
      (run.decidedPerSecond / base).toFixed(2),
      String(run.p99),
      run.remark,
    ]),
    ratios: runs
      .filter(({ disturbance }) => !isPlain(disturbance))
      .map(({ disturbance, run }) => [disturbance.name, run.decidedPerSecond / base]),
    problems: runs.flatMap(({ run }) => run.problems),
  }
}

const isPlain = (disturbance: Disturbance): boolean => PLAINS.includes(disturbance)

/** The same line drained twice: nobody watches, and then many do. */
async function measurePositionStreams(context: BenchContext, round: number): Promise<Part> {
  const { quick } = context.options
  const requests = quick ? 3_000 : 60_000
  const streams = quick ? 100 : 5_000
  const without = await drainBesideStreams(context, { requests, streams: 0 }, `streams_without_${round}`)
  const beside = await drainBesideStreams(context, { requests, streams }, `streams_with_${round}`)
  const ratio = beside.decidedPerSecond / without.decidedPerSecond
  context.say(`position streams, round ${round}: ${without.decidedPerSecond} and ${beside.decidedPerSecond} decided/s`)
  const row = (what: string, rate: number, of: number, remark: string) => [
    `round ${round}, a line of ${requests}, ${what}`,
    String(rate),
    of.toFixed(2),
    '-',
    remark,
  ]
  return {
    rows: [
      row('no streams', without.decidedPerSecond, 1, without.remark),
      row(`${streams} position streams`, beside.decidedPerSecond, ratio, beside.remark),
    ],
    ratios: [['position streams', ratio]],
    problems: [...without.problems, ...beside.problems],
  }
}

/** One for each disturbance: the mean of its rounds. */
function aimsOf(ratios: Part['ratios']): Aim[] {
  return [...Map.groupBy(ratios, ([what]) => what)].map(([what, all]) => {
    const mean = all.reduce((sum, [, ratio]) => sum + ratio, 0) / all.length
    return { what: `ratio, ${what}`, value: Math.round(mean * 100) / 100, relation: 'at least', aim: AIM }
  })
}
