import type { Database } from '@boxoffice/core/db/connect.ts'
import { seatCount } from '../../catalogue/hall.ts'
import { givenEvent, givenShowtimes } from '../../catalogue/put-on-sale.ts'
import type { Journey, Stream } from '../../generator/plan.ts'
import type { Aim } from '../../results/results.ts'
import { CONTENDER_NAMES, type Contender } from '../../target/contenders.ts'
import { type BenchContext, benchScenario, type Figures } from './bench-context.ts'
import { mean, memoryAims, percentileCells, PROCESS_HEADER, processCells, rounded } from './cells.ts'
import { type Load, type LoadRun, runLoad, streamOf } from './run-load.ts'

/** Far more than any contender decides; what is handed out must not run out while it is measured. */
const MAX_BOOKINGS_PER_SECOND = 15_000
/** Seats or tickets of each booking. */
export const PER_BOOKING = 2
/** Rate of probes beside thousands: enough for percentiles, too few to matter. */
const PROBES_PER_SECOND = 50
const AIMS = { ratio: 10, decidedPerSecond: 6_000, decideP99Ms: 100 }

export type Kind = 'showtime' | 'event'

export interface HotRun extends LoadRun {
  readonly contender: Contender
  readonly round: number
  readonly decidedPerSecond: number
}

/** Compares the contenders on one hot showtime or event, each in turn and then again: a, b, c, a, b, c, … */
export const compareOn = (kind: Kind) =>
  benchScenario(
    kind,
    `One hot ${kind}: each client waits for its outcome. Lines beside what one would otherwise write.`,
    async (context) => {
      const runs: HotRun[] = []
      for (let round = 1; round <= context.rounds; round++) {
        for (const contender of context.contenders) runs.push(await runHot(context, kind, contender, round))
      }
      return figuresOf(context, kind, runs)
    },
  )

/** Runs one contender under the load of one hot showtime or event; `look` sees what that has left. */
export async function runHot(
  context: BenchContext,
  kind: Kind,
  contender: Contender,
  round: number,
  look: NonNullable<Load['look']> = () => Promise.resolve(),
): Promise<HotRun> {
  const run = await runLoad(context, {
    look,
    name: `${kind}_${contender}_${round}`,
    contender,
    prepare: async (database) => {
      const clients = await hotClients(context, database, kind)
      // Baselines have no 202.
      return { streams: contender === 'c' ? [clients, probesBeside(clients, context)] : [clients] }
    },
  })
  const { count, p99 } = streamOf(run, 'clients').total
  const decidedPerSecond = Math.round(count / run.seconds)
  context.say(`${kind}, round ${round}, (${contender}): ${decidedPerSecond} decided/s, p99 ${p99} ms`)
  return { ...run, contender, round, decidedPerSecond }
}

/** Puts one event or showtime on sale, and returns clients that book it in a closed loop. */
export async function hotClients(context: BenchContext, database: Database, kind: Kind): Promise<Stream> {
  const { clients, hall, warmUpMs, durationMs } = context
  const seconds = (warmUpMs + durationMs) / 1_000 + 1
  const needed = Math.ceil(seconds * MAX_BOOKINGS_PER_SECOND * PER_BOOKING)
  let journey: Journey
  if (kind === 'event') {
    const sales = [await givenEvent(database, needed)]
    journey = { kind: 'book-tickets', sales, quantity: PER_BOOKING, exact: true }
  } else {
    const showtimeIds = await givenShowtimes(database, hall, Math.ceil(needed / seatCount(hall)))
    const sales = showtimeIds.map((showtimeId) => ({ showtimeId, hall }))
    journey = { kind: 'book-seats', sales, seats: PER_BOOKING, choice: 'in-turn' }
  }
  return { name: 'clients', headline: true, arrivals: { shape: 'closed', clients }, journey }
}

/** Returns those who take the 202 for an answer, under the same load. Each wants what the clients leave. */
function probesBeside({ journey, ...clients }: Stream, { warmUpMs, durationMs }: BenchContext): Stream {
  if (journey.kind !== 'book-tickets' && journey.kind !== 'book-seats') throw new Error('only bookings are probed')
  // The clients go through the showtimes from the first on.
  const own =
    journey.kind === 'book-seats'
      ? { ...journey, sales: journey.sales.slice(-1), choice: 'next' as const, follow: 'accept' as const }
      : { ...journey, follow: 'accept' as const }
  const arrivals = { shape: 'steady', perSecond: PROBES_PER_SECOND, untilMs: warmUpMs + durationMs } as const
  return { ...clients, name: 'probes', headline: false, arrivals, journey: own }
}

function figuresOf({ hall }: BenchContext, kind: Kind, runs: readonly HotRun[]): Figures {
  const used = Object.entries(CONTENDER_NAMES).filter(([letter]) => runs.some((run) => run.contender === letter))
  const table = {
    title: `One hot ${kind}`,
    about: [
      `${PER_BOOKING} ${kind === 'event' ? 'tickets' : 'seats'} a booking, each client waits for its outcome`,
      ...used.map(([letter, name]) => `(${letter}) ${name}`),
      ...(kind === 'event'
        ? []
        : [`${seatCount(hall)} seats; when they are gone, the clients go on to the next showtime in the same hall`]),
    ],
    header: ['', 'decided/s', 'decide p50', 'p95', 'p99', 'max ms', 'accept p50', 'p95', 'p99 ms', ...PROCESS_HEADER],
    rows: runs.map((run) => {
      const { total } = streamOf(run, 'clients')
      const accept = run.outcome.streams.find(({ name }) => name === 'probes')?.accept ?? null
      return [
        `(${run.contender}) round ${run.round}`,
        String(run.decidedPerSecond),
        ...percentileCells(total),
        String(total.max),
        ...percentileCells(accept),
        ...processCells(run.processes),
      ]
    }),
  }
  return {
    tables: [table, ...runs.flatMap(({ timeSpent }) => timeSpent)],
    aims: aimsOf(runs),
    runs: runs.map(({ verified }) => verified),
  }
}

function aimsOf(runs: readonly HotRun[]): Aim[] {
  const of = (contender: Contender) => runs.filter((run) => run.contender === contender)
  const rate = (contender: Contender) => mean(of(contender).map((run) => run.decidedPerSecond))
  const ours = of('c')
  if (ours.length === 0) return []
  const ratios = (['a', 'b'] as const).flatMap((other): Aim[] => {
    if (of(other).length === 0) return []
    return [{ what: `c/${other}`, value: rounded(rate('c') / rate(other)), relation: 'at least', aim: AIMS.ratio }]
  })
  const slowest = Math.max(...ours.map((run) => streamOf(run, 'clients').total.p99))
  return [
    ...ratios,
    { what: '(c) decided/s', value: Math.round(rate('c')), relation: 'at least', aim: AIMS.decidedPerSecond },
    { what: '(c) p99 to decided, ms', value: slowest, relation: 'under', aim: AIMS.decideP99Ms },
    ...memoryAims(ours),
  ]
}
