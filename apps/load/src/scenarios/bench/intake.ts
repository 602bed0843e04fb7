import { givenEvent } from '../../catalogue/put-on-sale.ts'
import { type BenchContext, benchScenario } from './bench-context.ts'
import { mean, memoryAims, percentileCells, PROCESS_HEADER, processCells, rounded } from './cells.ts'
import { undisturbed } from './disturbances/disturbance.ts'
import { oldSnapshot } from './disturbances/old-snapshot.ts'
import { type LoadRun, runLoad, streamOf } from './run-load.ts'

const CAPACITY = 100_000_000
const AIM = 0.9

const SNAPSHOTS = [undisturbed('no snapshot'), oldSnapshot] as const

interface IntakeRun extends LoadRun {
  readonly name: string
  readonly held: boolean
  readonly acceptedPerSecond: number
}

export const intake = benchScenario(
  'intake',
  'How fast requests are accepted from clients that do not wait for outcomes, with and without an old snapshot.',
  async (context) => {
    const runs: IntakeRun[] = []
    for (let round = 1; round <= context.rounds; round++) {
      for (const disturbance of SNAPSHOTS) runs.push(await runOnce(context, round, disturbance))
    }
    const rate = (held: boolean) => mean(runs.filter((run) => run.held === held).map((run) => run.acceptedPerSecond))
    const table = {
      title: 'Intake',
      about: [
        `${context.clients} clients that do not wait for outcomes, one hot event, the worker deciding beside it`,
        // An old snapshot does its harm little by little.
        ...runs.map(({ name, outcome }) => `${name}, by second: ${bySecond(outcome, context).join(' ')}`),
      ],
      header: ['', 'accepted/s', 'accept p50', 'p95', 'p99', 'max ms', ...PROCESS_HEADER],
      rows: runs.map((run) => {
        const { accept } = streamOf(run, 'clients')
        return [
          run.name,
          String(run.acceptedPerSecond),
          ...percentileCells(accept),
          String(accept.max),
          ...processCells(run.processes),
        ]
      }),
    }
    const ratio = rounded(rate(true) / rate(false))
    return {
      tables: [table, ...runs.flatMap(({ timeSpent }) => timeSpent)],
      aims: [
        { what: 'rate with an old snapshot / without', value: ratio, relation: 'at least', aim: AIM },
        ...memoryAims(runs),
      ],
      runs: runs.map(({ verified }) => verified),
    }
  },
)

async function runOnce(
  context: BenchContext,
  round: number,
  disturbance: (typeof SNAPSHOTS)[number],
): Promise<IntakeRun> {
  const held = disturbance === oldSnapshot
  const { clients } = context
  const run = await runLoad(context, {
    name: `intake_${held ? 'snapshot' : 'plain'}_${round}`,
    disturbance,
    prepare: async (database) => {
      const sales = [await givenEvent(database, CAPACITY)]
      const journey = { kind: 'book-tickets', sales, quantity: 2, exact: true, follow: 'accept' } as const
      const arrivals = { shape: 'closed', clients } as const
      return { streams: [{ name: 'clients', headline: true, arrivals, journey }] }
    },
  })
  const { count, p99 } = streamOf(run, 'clients').accept
  const acceptedPerSecond = Math.round(count / run.seconds)
  const name = `${disturbance.name}, round ${round}`
  context.say(`intake, ${name}: ${acceptedPerSecond} accepted/s, p99 ${p99} ms`)
  return { ...run, name, held, acceptedPerSecond }
}

const bySecond = ({ ticks }: LoadRun['outcome'], { warmUpMs, durationMs }: BenchContext): number[] =>
  ticks
    .filter(({ second }) => second * 1_000 > warmUpMs && second * 1_000 <= warmUpMs + durationMs)
    .map(({ accepted }) => accepted)
