import type { Database } from '@boxoffice/core/db/connect.ts'
import { fillLine, ticketsFor } from '../../catalogue/fill-line.ts'
import { createProgramme } from '../../catalogue/programme.ts'
import type { ObservedRequest } from '../../generator/outcome.ts'
import { latencyOf, openHistogram, recordMs } from '../../measure/latency.ts'
import { followLine } from '../../measure/line.ts'
import type { Aim, Latency } from '../../results/results.ts'
import { changeLines } from '../../target/change-lines.ts'
import { LANES } from '../../target/processes.ts'
import { type BenchContext, benchScenario } from './bench-context.ts'
import { memoryAims, percentileCells, PROCESS_HEADER, processCells, sum } from './cells.ts'
import type { Disturbance } from './disturbances/disturbance.ts'
import { type LoadRun, runLoad, streamOf } from './run-load.ts'

/** Long lines that are drained, and quiet ones beside them. */
interface Shape {
  readonly name: string
  /** Number of long lines. */
  readonly hot: number
  /** Requests that wait in each of them. */
  readonly each: number
  /** Number of quiet lines. */
  readonly quiet: number
  /** Each of those gets one request in this time, on average. */
  readonly everySeconds: number
}

/** The quiet lines' figures, and those of the long ones. */
interface Beside {
  readonly latency: Latency
  /** Rate of the long lines together, from the first to the last. */
  readonly decidedPerSecond: number
}

interface NeighboursRun extends LoadRun, Beside {
  readonly shape: Shape
  readonly round: number
  /** Quiet requests that were turned away, or refused by a decision. */
  readonly refused: number
}

const FULL: readonly Shape[] = [
  { name: 'one', hot: 1, each: 200_000, quiet: 50, everySeconds: 1 },
  { name: 'many', hot: 20, each: 10_000, quiet: 1_000, everySeconds: 20 },
]
const QUICK: readonly Shape[] = [
  { name: 'one', hot: 1, each: 6_000, quiet: 50, everySeconds: 1 },
  { name: 'many', hot: 20, each: 300, quiet: 100, everySeconds: 2 },
]
const QUIET = 'quiet'
const PLENTY = 1_000_000
/** A worker notices within about a second that a line goes on, and a busy machine takes longer. */
const RESUMED_WITHIN_MS = 4_000
const AIM_MS = 250

export const neighbours = benchScenario(
  'neighbours',
  'How long those wait who book something quiet while one worker drains long lines of something else.',
  async (context) => {
    const runs: NeighboursRun[] = []
    for (let round = 1; round <= context.rounds; round++) {
      for (const shape of context.quick ? QUICK : FULL) runs.push(await runOnce(context, shape, round))
    }
    return {
      tables: [
        {
          title: 'Quiet lines beside long ones',
          about: [
            'one API process and one worker; the long lines are filled before, and drained meanwhile',
            'quiet requests come at random over HTTP, each waits for its outcome; counted are those that came during the drain',
            'from sending to outcome; decided/s are those of the long lines',
          ],
          header: ['', 'decided/s', 'quiet', 'p50 ms', 'p95', 'p99', 'max', 'refused', ...PROCESS_HEADER],
          rows: runs.map((run) => [
            nameOf(run),
            String(run.decidedPerSecond),
            String(run.latency.count),
            ...percentileCells(run.latency),
            String(run.latency.max),
            String(run.refused),
            ...processCells(run.processes),
          ]),
        },
        ...runs.flatMap(({ timeSpent }) => timeSpent),
      ],
      aims: [...aimsOf(runs), ...memoryAims(runs)],
      runs: runs.map(({ verified }) => verified),
    }
  },
)

const describe = ({ hot, each, quiet, everySeconds }: Shape) =>
  `${hot} of ${each}, beside ${quiet} with one in ${everySeconds} s each`

const nameOf = ({ shape, round }: Pick<NeighboursRun, 'shape' | 'round'>) => `round ${round}, ${describe(shape)}`

async function runOnce(context: BenchContext, shape: Shape, round: number): Promise<NeighboursRun> {
  let beside: Beside | null = null
  const run = await runLoad(
    { ...context, durationMs: context.durationMs + RESUMED_WITHIN_MS },
    {
      name: `neighbours_${shape.name}_${round}`,
      disturbance: longLines(shape, (figures) => (beside = figures)),
      prepare: async (database) => {
        const { quiet, everySeconds } = shape
        const { tickets } = await createProgramme(database, { lanes: LANES, events: quiet, capacity: PLENTY })
        return {
          streams: [
            {
              name: QUIET,
              headline: true,
              arrivals: { shape: 'poisson', perSecond: quiet / everySeconds },
              journey: { kind: 'book-tickets', sales: tickets, quantity: 2 },
            },
          ],
        }
      },
    },
  )
  if (beside === null) throw new Error('the drain was not measured')
  const { latency, decidedPerSecond }: Beside = beside
  const { refused, undecided, unsent } = streamOf(run, QUIET)
  const turnedAway = sum(Object.values(refused))
  context.say(`neighbours, ${nameOf({ shape, round })}: p99 ${latency.p99} ms, ${decidedPerSecond} decided/s`)
  const problems = [
    ...Object.entries(refused).map(([code, count]) => `${count} quiet requests were refused: ${code}`),
    ...(undecided === 0 ? [] : [`${undecided} quiet requests were not told their outcome`]),
    ...(unsent === 0 ? [] : [`${unsent} quiet requests were not sent`]),
    ...(latency.count > 0 ? [] : ['no quiet request came while the long lines were drained']),
  ]
  const violations = [...problems, ...run.verified.violations]
  return {
    ...run,
    latency,
    decidedPerSecond,
    shape,
    round,
    refused: turnedAway,
    verified: { ...run.verified, violations },
  }
}

/** Makes the disturbance of long lines: filled while they are paused, and resumed when the measured time begins. */
function longLines({ hot, each }: Shape, onDrained: (figures: Beside) => void): Disturbance {
  return {
    name: 'long lines',
    countsCatchingUp: false,
    begin: async ({ context, database }) => {
      const requests = hot * each
      context.say(`neighbours: filling ${hot === 1 ? 'a line' : `${hot} lines`} with ${requests} requests`)
      const programme = { lanes: LANES, events: hot, capacity: ticketsFor(each) }
      const { tickets, resourceIds } = await createProgramme(database, programme)
      await database.pool.query('update resource_state set paused = true where resource_id = any ($1)', [resourceIds])
      for (const event of tickets) await fillLine(database.pool, event, each)
      // What was loaded is written out before, so that its write-back is no part of the run.
      await database.pool.query('checkpoint')
      const admin = await context.sign('load-admin', 'admin', null)
      let url = ''
      let resuming: Promise<void> = Promise.resolve()
      return {
        ready: (running) => {
          url = running.url
          return Promise.resolve([])
        },
        measuring: () => {
          resuming = changeLines({ url, admin }, resourceIds, 'resume')
          resuming.catch(() => {})
        },
        end: async ({ failed }, outcome) => {
          await resuming
          await followLine(database, failed, { resourceIds })
          const { booked, seconds } = await readDrain(database, resourceIds)
          onDrained({
            decidedPerSecond: Math.round(requests / seconds),
            latency: latencyDuring(outcome.requests, await findDuringDrain(database, resourceIds)),
          })
          const missing = booked === requests ? [] : [`of ${requests} requests in long lines ${booked} were booked`]
          return { remark: '', problems: missing }
        },
        release: async () => {
          await Promise.allSettled([resuming])
        },
      }
    },
  }
}

async function readDrain(
  { pool }: Database,
  resourceIds: readonly string[],
): Promise<{ readonly booked: number; readonly seconds: number }> {
  const { rows } = await pool.query<{ booked: number; seconds: number }>(
    `select count(*) filter (where state = 'booked') as booked,
       extract(epoch from max(decided_at) - min(decided_at))::float8 as seconds
     from booking_requests where resource_id = any ($1)`,
    [resourceIds],
  )
  const [drain] = rows
  if (drain === undefined) throw new Error('the long lines had no requests')
  return drain
}

/** Returns the ids of the requests of others that were accepted between the first and the last decision of these lines. */
async function findDuringDrain({ pool }: Database, resourceIds: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ id: string }>(
    `select q.id
     from booking_requests q
     join (select min(decided_at) as first, max(decided_at) as last from booking_requests where resource_id = any ($1)) d
       on q.accepted_at between d.first and d.last
     where q.resource_id <> all ($1)`,
    [resourceIds],
  )
  return new Set(rows.map(({ id }) => id))
}

function latencyDuring(requests: readonly ObservedRequest[], ids: ReadonlySet<string>): Latency {
  const histogram = openHistogram()
  for (const { requestId, sentMs, decidedMs } of requests) {
    if (decidedMs !== null && ids.has(requestId)) recordMs(histogram, decidedMs - sentMs)
  }
  return latencyOf(histogram)
}

/** Returns an aim for each shape: the worst of its rounds. */
const aimsOf = (runs: readonly NeighboursRun[]): Aim[] =>
  [...Map.groupBy(runs, ({ shape }) => shape)].map(([shape, all]) => ({
    what: `p99 of the quiet lines, ms: ${describe(shape)}`,
    value: Math.max(...all.map(({ latency }) => latency.p99)),
    relation: 'at most',
    aim: AIM_MS,
  }))
