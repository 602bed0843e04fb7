import { auditDatabase } from '@boxoffice/load-rig/audit.ts'
import { startProcesses, WORKER } from '@boxoffice/load-rig/product.ts'
import { createSeller, type EventOnSale, putEventOnSale } from '@boxoffice/load-rig/stage.ts'
import type { BenchDatabase } from '@boxoffice/load-rig/stack.ts'
import { type BenchContext, processOptions } from '../context.ts'
import type { Figures } from '../figures.ts'
import { followLanes, type Window, windowBetween } from '../follow-lanes.ts'
import { fillLane } from './fill-backlog.ts'

interface Shape {
  readonly lanes: number
  /** Worker processes. */
  readonly workers: number
}

interface Run {
  readonly decidedPerSecond: number
  readonly workerCores: number
  readonly postgresCores: number
  /** Of the workers' CPU time, that of the one that used most: 1 where all others stood by. */
  readonly busiest: number
  readonly problems: readonly string[]
}

const ALONE: Shape = { lanes: 1, workers: 1 }
const PAIR: Shape = { lanes: 2, workers: 2 }
const SHAPES: readonly Shape[] = [
  ALONE,
  { lanes: 2, workers: 1 },
  PAIR,
  { lanes: 4, workers: 1 },
  { lanes: 4, workers: 2 },
  { lanes: 4, workers: 4 },
]
const FULL = { shapes: SHAPES, requests: 60_000 }
const QUICK = { shapes: [ALONE, PAIR], requests: 6_000 }
const AIM = 0.9

/** What more lanes and more worker processes do to the rate at which the same backlog is decided. */
export async function measureScaling(context: BenchContext): Promise<Figures> {
  const { rounds, quick } = context.options
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
  const rateOf = (shape: Shape) => mean(runs.get(shape) ?? [], (run) => run.decidedPerSecond)
  return {
    title: 'Lanes and workers',
    about: [
      `${requests} requests in all, spread evenly over the lanes, one event in each; means of ${rounds} rounds`,
      'the line is committed when all workers are ready; timed from the last look before the first decision to the last',
      'on a machine with two cores PostgreSQL and one worker keep both busy: more of them cannot gain much, and must not cost',
    ],
    header: [
      'lanes',
      'workers',
      'decided/s',
      'of one lane, one worker',
      'cores of the workers',
      'of PostgreSQL',
      'busiest worker',
    ],
    rows: shapes.map((shape) => [
      String(shape.lanes),
      String(shape.workers),
      String(Math.round(rateOf(shape))),
      (rateOf(shape) / rateOf(ALONE)).toFixed(2),
      mean(runs.get(shape) ?? [], (run) => run.workerCores).toFixed(2),
      mean(runs.get(shape) ?? [], (run) => run.postgresCores).toFixed(2),
      `${Math.round(mean(runs.get(shape) ?? [], (run) => run.busiest) * 100)} %`,
    ]),
    aims: [
      {
        what: `decided/s with ${describe(PAIR)}, of that with ${describe(ALONE)}`,
        value: Math.round((rateOf(PAIR) / rateOf(ALONE)) * 100) / 100,
        relation: 'at least',
        aim: AIM,
      },
    ],
    problems: [...runs.values()].flat().flatMap(({ problems }) => problems),
  }
}

async function runOnce(context: BenchContext, shape: Shape, requests: number, round: number): Promise<Run> {
  const name = `scaling_${shape.lanes}_${shape.workers}_${round}`
  const bench = await context.stack.prepare(`bench_${name}`)
  try {
    const events = await givenEvents(bench, shape, requests)
    const { seconds, cpu } = await drain(context, bench, { name, shape, requests, events })
    const violations = await auditDatabase(bench.database, { requestIds: [], booked: requests, preallocated: 0 })
    const workers = cpu.slice(0, shape.workers)
    return {
      decidedPerSecond: requests / seconds,
      workerCores: sum(workers) / seconds,
      postgresCores: sum(cpu.slice(shape.workers)) / seconds,
      busiest: Math.max(...workers) / sum(workers),
      problems: violations.map((violation) => `${describe(shape)}: ${violation}`),
    }
  } finally {
    await bench.drop()
  }
}

/** One event in each lane, with tickets enough for its share of the requests. */
async function givenEvents({ database }: BenchDatabase, { lanes }: Shape, requests: number): Promise<EventOnSale[]> {
  const organizerId = await createSeller(database, 'A Promoter')
  const events: EventOnSale[] = []
  for (let lane = 0; lane < lanes; lane++) {
    const capacity = (requests / lanes) * 2
    events.push(await putEventOnSale(database, { organizerId, lane }, { title: `Festival ${lane + 1}`, capacity }))
  }
  return events
}

/**
 * Fills the lanes and lets the workers decide everything. The workers take a while to start, and not all the same: the
 * line is kept uncommitted until all are ready, or the first would have decided much of it before the last is there.
 */
async function drain(
  context: BenchContext,
  { database, url, drop }: BenchDatabase,
  plan: {
    readonly name: string
    readonly shape: Shape
    readonly requests: number
    readonly events: readonly EventOnSale[]
  },
): Promise<Window> {
  const { lanes, workers } = plan.shape
  const client = await database.pool.connect()
  let kept = true
  try {
    await client.query('begin')
    for (const [lane, event] of plan.events.entries()) await fillLane(client, lane, event, plan.requests / lanes)
    // What was loaded is written out before, so that its write-back is no part of the drain.
    await database.pool.query('checkpoint')
    const running = await startProcesses(
      Array.from({ length: workers }, (_, index) => ({ name: `worker ${index + 1}`, path: WORKER })),
      processOptions(context, { database, url, drop }, plan.name),
    )
    try {
      await client.query('commit')
      kept = false
      const postgres = context.stack.watched.filter(({ name }) => name === 'postgres')
      // The workers come first: `runOnce` counts on it.
      const watched = [...running.watched, ...postgres]
      const seen = await followLanes(database, { lanes, total: plan.requests, watched }, running.failed)
      return windowBetween(seen, 0, plan.requests)
    } finally {
      await running.stop()
    }
  } finally {
    // A session that still holds the line is closed, which undoes it.
    client.release(kept)
  }
}

const describe = ({ lanes, workers }: Shape) =>
  `${lanes} ${lanes === 1 ? 'lane' : 'lanes'} and ${workers} ${workers === 1 ? 'worker' : 'workers'}`
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
const mean = (runs: readonly Run[], pick: (run: Run) => number) => sum(runs.map((run) => pick(run))) / runs.length
