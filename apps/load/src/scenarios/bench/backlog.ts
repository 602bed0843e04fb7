import { fillForEvent, fillForShowtimes, findAnalyzed, turnAutovacuumOff } from '../../catalogue/fill-line.ts'
import { seatCount } from '../../catalogue/hall.ts'
import { ratesByTenth, rateOf, windowBetween } from '../../measure/line.ts'
import type { Aim } from '../../results/results.ts'
import { holdOldSnapshot } from '../../target/old-snapshot.ts'
import { verifyRun } from '../../verify/verify-run.ts'
import { type BenchContext, benchScenario, onFreshDatabase, type VerifiedRun } from './bench-context.ts'
import { memoryAims, PROCESS_HEADER, processCells, rounded } from './cells.ts'
import { type Drained, drainLine } from './drain-line.ts'

type Kind = 'event' | 'showtime'

interface BacklogRun extends Drained {
  readonly kind: Kind
  readonly held: boolean
  readonly decidedPerSecond: number
  /** Decided per second in each tenth of the backlog. */
  readonly tenths: readonly number[]
  readonly verified: VerifiedRun
}

const AIM = 0.9

export const backlog = benchScenario(
  'backlog',
  'How fast one worker drains a long line on tables that were never analyzed, with and without an old snapshot.',
  async (context) => {
    const runs: BacklogRun[] = []
    for (const kind of ['event', 'showtime'] as const) {
      for (const held of [false, true]) runs.push(await runOnce(context, kind, held))
    }
    const { requests, hall, taken } = context.backlog
    const table = {
      title: 'Backlog',
      about: [
        `${requests} requests drained by one worker, bulk-loaded tables that were never analyzed`,
        'event: two tickets each of one hot event',
        `showtime: two seats each of showtimes in turn, of ${seatCount(hall)} seats each, of which ${taken} were allocated before`,
      ],
      header: [
        '',
        'decided/s',
        ...Array.from({ length: 10 }, (_, index) => `${index + 1}/10`),
        'last/first',
        ...PROCESS_HEADER,
      ],
      rows: runs.map((run) => [
        nameOf(run),
        String(run.decidedPerSecond),
        ...run.tenths.map(String),
        String(lastToFirst(run)),
        ...processCells(run.processes),
      ]),
    }
    return {
      tables: [table, ...runs.flatMap(({ timeSpent }) => timeSpent)],
      aims: aimsOf(runs),
      runs: runs.map(({ verified }) => verified),
    }
  },
)

const nameOf = ({ kind, held }: Pick<BacklogRun, 'kind' | 'held'>) =>
  `${kind}, ${held ? 'old snapshot' : 'no snapshot'}`

const lastToFirst = ({ tenths }: BacklogRun) => rounded((tenths.at(-1) ?? 0) / (tenths[0] ?? 1))

async function runOnce(context: BenchContext, kind: Kind, held: boolean): Promise<BacklogRun> {
  const { requests } = context.backlog
  const name = nameOf({ kind, held })
  return onFreshDatabase(context, `backlog_${kind}_${held ? 'snapshot' : 'plain'}`, async (fresh) => {
    const { database } = fresh
    await turnAutovacuumOff(database)
    context.say(`backlog, ${kind}: filling the line with ${requests} requests`)
    const preallocated = kind === 'showtime' ? await fillForShowtimes(database, context.backlog) : 0
    if (kind === 'event') await fillForEvent(database, requests)
    const letGo = held ? await holdOldSnapshot(database) : null
    let drained: Drained
    try {
      drained = await drainLine(context, fresh, `backlog, ${name}`)
    } finally {
      await letGo?.()
    }
    const decidedPerSecond = Math.round(rateOf(windowBetween(drained.seen, 0, requests)))
    context.say(`backlog, ${name}: ${decidedPerSecond} decided/s`)
    const analyzed = await findAnalyzed(database)
    const { checks, violations } = await verifyRun({ database, bookings: requests, preallocated, settleWithinMs: null })
    return {
      ...drained,
      kind,
      held,
      decidedPerSecond,
      tenths: ratesByTenth(drained.seen, requests),
      verified: { run: name, checks, violations: [...analyzed, ...violations] },
    }
  })
}

function aimsOf(runs: readonly BacklogRun[]): Aim[] {
  const rate = (kind: Kind, held: boolean) =>
    runs.find((run) => run.kind === kind && run.held === held)?.decidedPerSecond ?? Number.NaN
  const worst = Math.min(...runs.map(lastToFirst))
  const beside = (['event', 'showtime'] as const).map((kind): Aim => ({
    what: `${kind}: rate with an old snapshot / without`,
    value: rounded(rate(kind, true) / rate(kind, false)),
    relation: 'at least',
    aim: AIM,
  }))
  return [
    { what: 'last tenth / first tenth, the worst', value: worst, relation: 'at least', aim: AIM },
    ...beside,
    ...memoryAims(runs),
  ]
}
