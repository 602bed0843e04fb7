import type { TicketSale } from '../../catalogue/hall.ts'
import { fillLine, ticketsFor } from '../../catalogue/fill-line.ts'
import { createProgramme } from '../../catalogue/programme.ts'
import { windowBetween } from '../../measure/line.ts'
import type { Table } from '../../results/results.ts'
import { LANES } from '../../target/processes.ts'
import { verifyRun } from '../../verify/verify-run.ts'
import {
  type BenchContext,
  benchScenario,
  onFreshDatabase,
  type RunDatabase,
  type VerifiedRun,
} from './bench-context.ts'
import { mean, rounded, sum } from './cells.ts'
import { type Drained, drainLine } from './drain-line.ts'

interface Shape {
  /** Each of another lane: a worker decides them side by side. */
  readonly lines: number
  /** Worker processes. */
  readonly workers: number
}

interface Run {
  readonly decidedPerSecond: number
  readonly workerCores: number
  readonly postgresCores: number
  /** The share of the busiest worker in the workers' CPU time: 1 where all others stood by. */
  readonly busiest: number
  readonly verified: VerifiedRun
  readonly timeSpent: readonly Table[]
}

const ALONE: Shape = { lines: 1, workers: 1 }
const PAIR: Shape = { lines: 2, workers: 2 }
const SHAPES: readonly Shape[] = [
  ALONE,
  { lines: 2, workers: 1 },
  PAIR,
  { lines: 4, workers: 1 },
  { lines: 4, workers: 2 },
  { lines: 4, workers: 4 },
]
const FULL = { shapes: SHAPES, requests: 60_000 }
const QUICK = { shapes: [ALONE, PAIR], requests: 6_000 }
const AIM = 0.9

export const scaling = benchScenario(
  'scaling',
  'What more lines and more worker processes do to the rate of decisions.',
  async (context) => {
    const { rounds, quick } = context
    const { shapes, requests } = quick ? QUICK : FULL
    const runs = new Map<Shape, Run[]>(shapes.map((shape) => [shape, []]))
    // Each shape in turn and then again, so that what the machine does meanwhile does not fall on one of them.
    for (let round = 1; round <= rounds; round++) {
      for (const shape of shapes) {
        const run = await runOnce(context, shape, requests, round)
        runs.get(shape)?.push(run)
        context.say(`scaling, round ${round}, ${describe(shape)}: ${Math.round(run.decidedPerSecond)} decided/s`)
      }
    }
    const meanOf = (shape: Shape, key: 'decidedPerSecond' | 'workerCores' | 'postgresCores' | 'busiest') =>
      mean((runs.get(shape) ?? []).map((run) => run[key]))
    const rateOf = (shape: Shape) => meanOf(shape, 'decidedPerSecond')
    const all = [...runs.values()].flat()
    return {
      tables: [
        {
          title: 'Lines and workers',
          about: [
            `${requests} requests in all, spread evenly over the lines of as many events; means of ${rounds} rounds`,
            'the line is committed when all workers are ready; timed from the last look before the first decision to the last',
            'on a machine with two cores PostgreSQL and one worker keep both busy: more of them cannot gain much, and must not cost',
          ],
          header: [
            'lines',
            'workers',
            'decided/s',
            'of one line, one worker',
            'cores of the workers',
            'of PostgreSQL',
            'busiest worker',
          ],
          rows: shapes.map((shape) => [
            String(shape.lines),
            String(shape.workers),
            String(Math.round(rateOf(shape))),
            (rateOf(shape) / rateOf(ALONE)).toFixed(2),
            meanOf(shape, 'workerCores').toFixed(2),
            meanOf(shape, 'postgresCores').toFixed(2),
            `${Math.round(meanOf(shape, 'busiest') * 100)} %`,
          ]),
        },
        ...all.flatMap(({ timeSpent }) => timeSpent),
      ],
      aims: [
        {
          what: `decided/s with ${describe(PAIR)}, of that with ${describe(ALONE)}`,
          value: rounded(rateOf(PAIR) / rateOf(ALONE)),
          relation: 'at least',
          aim: AIM,
        },
      ],
      runs: all.map(({ verified }) => verified),
    }
  },
)

async function runOnce(context: BenchContext, shape: Shape, requests: number, round: number): Promise<Run> {
  const { lines, workers } = shape
  return onFreshDatabase(context, `scaling_${lines}_${workers}_${round}`, async (fresh) => {
    const { database } = fresh
    const capacity = ticketsFor(requests / lines)
    const { tickets: events } = await createProgramme(database, { lanes: LANES, events: lines, capacity })
    const { seen, timeSpent } = await fillAndDrain(context, fresh, { shape, requests, events })
    const { seconds, cpu } = windowBetween(seen, 0, requests)
    const ofWorkers = cpu.slice(0, workers)
    const verification = await verifyRun({ database, bookings: requests, settleWithinMs: null })
    return {
      decidedPerSecond: requests / seconds,
      workerCores: sum(ofWorkers) / seconds,
      postgresCores: sum(cpu.slice(workers)) / seconds,
      busiest: Math.max(...ofWorkers) / sum(ofWorkers),
      timeSpent,
      verified: { run: `${describe(shape)}, round ${round}`, ...verification },
    }
  })
}

/**
 * Fills the lines and lets the workers decide everything. The workers take a while to start, and not all the same: the
 * lines are kept uncommitted until all are ready, or the first would have decided much of it before the last is there.
 * Workers look for what was accepted lately, so the last request of each line comes then.
 */
async function fillAndDrain(
  context: BenchContext,
  fresh: RunDatabase,
  {
    shape: { lines, workers },
    requests,
    events,
  }: { readonly shape: Shape; readonly requests: number; readonly events: readonly TicketSale[] },
): Promise<Drained> {
  const client = await fresh.database.pool.connect()
  let kept = true
  const onReady = async () => {
    await client.query('commit')
    kept = false
    for (const event of events) await fillLine(client, event, 1)
  }
  try {
    await client.query('begin')
    for (const event of events) await fillLine(client, event, requests / lines - 1)
    return await drainLine(context, fresh, `scaling, ${describe({ lines, workers })}`, { workers, onReady })
  } finally {
    // A session that still holds the line is closed, which undoes it.
    client.release(kept)
  }
}

const describe = ({ lines, workers }: Shape) =>
  `${lines} ${lines === 1 ? 'line' : 'lines'} and ${workers} ${workers === 1 ? 'worker' : 'workers'}`
