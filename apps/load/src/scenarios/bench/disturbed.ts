import type { Aim } from '../../results/results.ts'
import { type BenchContext, benchScenario, type VerifiedRun } from './bench-context.ts'
import { mean, rounded } from './cells.ts'
import { confirmationsAndExpiries } from './disturbances/confirmations.ts'
import { type Disturbance, undisturbed } from './disturbances/disturbance.ts'
import { frozenRedis } from './disturbances/frozen-redis.ts'
import { neverAnalyzed } from './disturbances/never-analyzed.ts'
import { oldSnapshot } from './disturbances/old-snapshot.ts'
import { hotClients } from './hot.ts'
import { drainBesideStreams } from './position-streams.ts'
import { runLoad, streamOf } from './run-load.ts'

/** Plain at both ends: a machine that gets slower meanwhile shows, and counts for half. */
const PLAINS = [undisturbed('plain, at first'), undisturbed('plain, at the end')] as const
const DISTURBANCES = [oldSnapshot, neverAnalyzed, confirmationsAndExpiries, frozenRedis] as const
const AIM = 0.9

/** The outcome of one round, or of one pair of it. */
interface Part {
  readonly rows: readonly string[][]
  /** Ratios by what was disturbed. */
  readonly ratios: readonly (readonly [what: string, ratio: number])[]
  readonly runs: readonly VerifiedRun[]
}

export const disturbed = benchScenario(
  'disturbed',
  'What is left of the rate of one hot event while something else goes on beside it.',
  async (context) => {
    const { clients, rounds, durationMs } = context
    const parts: Part[] = []
    for (let round = 1; round <= rounds; round++) {
      parts.push(await measureHotEvent(context, round), await measurePositionStreams(context, round))
    }
    return {
      tables: [
        {
          title: 'One hot event, disturbed',
          about: [
            `${clients} clients of one event over HTTP, ${durationMs / 1_000} s measured; the base is the mean of both plain runs`,
            'with Redis frozen, the time counts until everything accepted was decided',
            'position streams: a line that is drained by one worker beside the API, with and without streams of its last ones',
          ],
          header: ['', 'decided/s', 'ratio', 'p99 ms', 'beside it'],
          rows: parts.flatMap(({ rows }) => rows),
        },
      ],
      aims: aimsOf(parts.flatMap(({ ratios }) => ratios)),
      runs: parts.flatMap(({ runs }) => runs),
    }
  },
)

/** Measures the hot event beside nothing, each disturbance, and nothing again. */
async function measureHotEvent(context: BenchContext, round: number): Promise<Part> {
  const runs = []
  const [first, last] = PLAINS
  for (const [index, disturbance] of [first, ...DISTURBANCES, last].entries()) {
    const { name } = disturbance
    const run = await runLoad(context, {
      name: `disturbed_${round}_${index}`,
      disturbance,
      prepare: async (database) => ({ streams: [await hotClients(context, database, 'event')] }),
    })
    const { count, p99 } = streamOf(run, 'clients').total
    const rate = Math.round(count / run.seconds)
    context.say(`disturbed, round ${round}, ${name}: ${rate} decided/s, p99 ${p99} ms`)
    runs.push({ disturbance, rate, p99, remark: run.remark, verified: { ...run.verified, run: name } })
  }
  const base = mean(runs.filter(({ disturbance }) => isPlain(disturbance)).map(({ rate }) => rate))
  return {
    rows: runs.map(({ disturbance, rate, p99, remark }) => [
      `round ${round}, ${disturbance.name}`,
      String(rate),
      (rate / base).toFixed(2),
      String(p99),
      remark,
    ]),
    ratios: runs
      .filter(({ disturbance }) => !isPlain(disturbance))
      .map(({ disturbance, rate }) => [disturbance.name, rate / base]),
    runs: runs.map(({ verified }) => verified),
  }
}

const isPlain = (disturbance: Disturbance): boolean => PLAINS.includes(disturbance)

/** Measures the same line drained twice: nobody watches, and then many do. */
async function measurePositionStreams(context: BenchContext, round: number): Promise<Part> {
  const { quick } = context
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
    runs: [without.verified, beside.verified],
  }
}

/** Returns an aim for each disturbance: the mean of its rounds. */
const aimsOf = (ratios: Part['ratios']): Aim[] =>
  [...Map.groupBy(ratios, ([what]) => what)].map(([what, all]) => ({
    what: `ratio, ${what}`,
    value: rounded(mean(all.map(([, ratio]) => ratio))),
    relation: 'at least',
    aim: AIM,
  }))
