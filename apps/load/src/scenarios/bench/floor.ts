import type { Database } from '@boxoffice/core/db/connect.ts'
import type { FloorAnswer } from '../../baselines/floor-answer.ts'
import type { Aim, Table } from '../../results/results.ts'
import { type BenchContext, benchScenario } from './bench-context.ts'
import { rounded } from './cells.ts'
import { microsOf } from './floor-cost.ts'
import { answerOf, type HttpFloor, runHttpFloor } from './floor-http.ts'
import { type PostgresFloor, runPostgresFloor } from './floor-postgres.ts'
import { type HotRun, type Kind, runHot } from './hot.ts'
import { streamOf } from './run-load.ts'

const KINDS = ['event', 'showtime'] as const
/** Size of the floor's batches where that of (c) is not known. */
const USUAL_BATCH = 80
const AIMS = { ofFloor: 1.5, ratio: 12 }

/** One kind in one round: (a), (c), and the floors of (c). */
interface FloorRun {
  readonly kind: Kind
  readonly round: number
  /** `null` where it was not asked for. */
  readonly rowLock: HotRun | null
  readonly lines: HotRun
  readonly batchSize: number
  readonly http: HttpFloor
  readonly postgres: PostgresFloor
}

/** Costs of a booking, in microseconds of processor time, and what they are to their floors. */
interface Costs {
  readonly api: number
  readonly worker: number
  readonly postgres: number
  readonly apiOfFloor: number
  readonly postgresOfFloor: number
  /** `null` without (a). */
  readonly ratio: number | null
}

export const floor = benchScenario(
  'floor',
  'What a booking costs the API and PostgreSQL, beside the least that HTTP and its rows cost alone, and (c) beside (a).',
  async (context) => {
    const runs: FloorRun[] = []
    for (let round = 1; round <= context.rounds; round++) {
      for (const kind of KINDS) runs.push(await runOnce(context, kind, round))
    }
    const hot = runs.flatMap(({ rowLock, lines }) => (rowLock === null ? [lines] : [rowLock, lines]))
    return {
      tables: [tableOf(context, runs), ...hot.flatMap(({ timeSpent }) => timeSpent)],
      aims: KINDS.flatMap((kind) => aimsOf(context, kind, runs)),
      runs: [...hot, ...runs.flatMap(({ http, postgres }) => [http, postgres])].map(({ verified }) => verified),
    }
  },
)

async function runOnce(context: BenchContext, kind: Kind, round: number): Promise<FloorRun> {
  let answer: FloorAnswer | null = null
  let batchSize = USUAL_BATCH
  const rowLock = context.contenders.includes('a') ? await runHot(context, kind, 'a', round) : null
  const lines = await runHot(context, kind, 'c', round, async (running, database) => {
    answer = await answerOf(context, running, database)
    batchSize = (await meanBatch(context, database)) ?? USUAL_BATCH
  })
  if (answer === null) throw new Error('the API was not asked for an answer')
  const http = await runHttpFloor(context, kind, round, answer)
  const postgres = await runPostgresFloor(context, kind, round, batchSize)
  return { kind, round, rowLock, lines, batchSize, http, postgres }
}

/** Returns the mean size of the batches at the end of the run, each of which has one time; `null` if there was none. */
async function meanBatch({ durationMs }: BenchContext, { pool }: Database): Promise<number | null> {
  const { rows } = await pool.query<{ size: number | null }>(
    `select round(count(*)::numeric / nullif(count(distinct decided_at), 0))::int as size from booking_requests
     where decided_at > (select max(decided_at) from booking_requests) - make_interval(secs => $1)`,
    [durationMs / 1_000],
  )
  return rows[0]?.size ?? null
}

function costsOf(context: BenchContext, { rowLock, lines, http, postgres }: FloorRun): Costs {
  // The probes book too.
  const probes = lines.outcome.streams.find(({ name }) => name === 'probes')?.accept.count ?? 0
  const bookings = streamOf(lines, 'clients').total.count + probes
  const micros = (name: string) => microsOf(context, lines.processes, name, bookings)
  return {
    api: micros('api'),
    worker: micros('worker'),
    postgres: micros('postgres'),
    apiOfFloor: rounded(micros('api') / http.micros),
    postgresOfFloor: rounded(micros('postgres') / postgres.micros),
    ratio: rowLock === null ? null : rounded(lines.decidedPerSecond / rowLock.decidedPerSecond),
  }
}

function tableOf(context: BenchContext, runs: readonly FloorRun[]): Table {
  return {
    title: 'A booking and its floors',
    about: [
      'µs are microseconds of processor time for each booking, in the measured time of each run',
      'HTTP floor: Express alone parses the same bodies, and answers with the bytes of an answer of the API',
      'PostgreSQL floor: the rows of the bookings, decided before, written once as arrays, in batches as large as those of (c)',
      'PostgreSQL in (c) also accepts, reads, decides and publishes; its floor does not',
    ],
    header: [
      '',
      '(a)/s',
      '(c)/s',
      'c/a',
      'API µs',
      'HTTP floor µs',
      'API : floor',
      'PostgreSQL µs',
      'its floor µs',
      'PostgreSQL : floor',
      'worker µs',
      'batch',
      'HTTP floor/s',
      'PostgreSQL floor/s',
    ],
    rows: runs.map((run) => {
      const costs = costsOf(context, run)
      const cells = [
        run.rowLock?.decidedPerSecond ?? '-',
        run.lines.decidedPerSecond,
        costs.ratio ?? '-',
        costs.api,
        run.http.micros,
        costs.apiOfFloor,
        costs.postgres,
        run.postgres.micros,
        costs.postgresOfFloor,
        costs.worker,
        run.batchSize,
        run.http.answersPerSecond,
        run.postgres.bookingsPerSecond,
      ]
      return [`${run.kind}, round ${run.round}`, ...cells.map(String)]
    }),
  }
}

/** Returns the aims of one kind. Of several rounds the worst counts. */
function aimsOf(context: BenchContext, kind: Kind, runs: readonly FloorRun[]): Aim[] {
  const costs = runs.filter((run) => run.kind === kind).map((run) => costsOf(context, run))
  const ratios = costs.flatMap(({ ratio }) => ratio ?? [])
  const most = (of: (each: Costs) => number) => Math.max(...costs.map(of))
  return [
    {
      what: `${kind}: API, of its floor`,
      value: most((each) => each.apiOfFloor),
      relation: 'at most',
      aim: AIMS.ofFloor,
    },
    {
      what: `${kind}: PostgreSQL, of its floor`,
      value: most((each) => each.postgresOfFloor),
      relation: 'at most',
      aim: AIMS.ofFloor,
    },
    ...(ratios.length === 0
      ? []
      : [
          { what: `${kind}: smallest c/a`, value: Math.min(...ratios), relation: 'at least', aim: AIMS.ratio } as const,
        ]),
  ]
}
