import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { fillForEvent } from '../../catalogue/fill-line.ts'
import { type LineWindow, rateOf, windowBetween } from '../../measure/line.ts'
import { verifyRun } from '../../verify/verify-run.ts'
import { benchScenario, onFreshDatabase } from './bench-context.ts'
import { rounded, sum } from './cells.ts'
import { drainLine } from './drain-line.ts'

/** `least`: the shortest window; below it the clock ticks of the CPU times would show. */
const FULL = { requests: 1_030_000, marks: [10_000, 100_000, 1_000_000], least: 20_000 }
const QUICK = { requests: 12_000, marks: [1_000, 5_000, 10_000], least: 1_500 }
const SHARE = 0.03
const AIM = 1.2

/** Tables with rows for every booking, and their partitions. */
const GROWING = '^(bookings|booking_items|tickets|seat_allocations|(audit|outbox|booking_requests)(_.*)?)$'
const GONE_WITHIN_MS = 30_000
const LOOK_EVERY_MS = 100

/** Rows that sequential scans have read so far, by table. */
type ScannedRows = ReadonlyMap<string, number>

export const growth = benchScenario(
  'growth',
  'Whether a booking costs the same however many there are already.',
  async (context) => {
    const { requests, marks, least } = context.quick ? QUICK : FULL
    return onFreshDatabase(context, 'growth', async (fresh) => {
      const { database } = fresh
      context.say(`growth: filling the line with ${requests} requests`)
      await fillForEvent(database, requests)
      const before = await readScannedRows(database)
      const { seen, timeSpent } = await drainLine(context, fresh, 'growth')
      await waitUntilAlone(database)
      // Before the verification, which reads every table from end to end.
      const scans = describeScans(before, await readScannedRows(database))
      const found = marks.map((mark) => {
        const end = Math.min(mark + Math.max(mark * SHARE, least), requests)
        return costAt(mark, windowBetween(seen, mark, end))
      })
      for (const { mark, rate, ms } of found) {
        context.say(`growth, at ${mark}: ${Math.round(rate)} decided/s, ${ms.toFixed(3)} ms of CPU each`)
      }
      const [first, last] = [found[0], found.at(-1)]
      if (first === undefined || last === undefined) throw new Error('there is no mark to measure at')
      const ratioOf = (key: Exclude<keyof Cost, 'mark'>) => rounded(last[key] / first[key])
      const { checks, violations } = await verifyRun({ database, bookings: requests, settleWithinMs: null })
      return {
        tables: [
          {
            title: 'Growth',
            about: [
              'one event, one worker; PostgreSQL with autovacuum, whose CPU time counts as well',
              `each window begins at so many bookings and is ${SHARE * 100} % of them long, but at least ${least}`,
              'no growing table may be read by a sequential scan during the drain: what was read is a problem',
            ],
            header: ['bookings', 'decided/s', 'CPU ms per booking', 'of the worker', 'of PostgreSQL'],
            rows: [
              ...found.map(({ mark, rate, ...ms }) => [
                String(mark),
                String(Math.round(rate)),
                ...[ms.ms, ms.workerMs, ms.postgresMs].map((one) => one.toFixed(3)),
              ]),
              [
                'last / first',
                ...(['rate', 'ms', 'workerMs', 'postgresMs'] as const).map((key) => String(ratioOf(key))),
              ],
            ],
          },
          ...timeSpent,
        ],
        aims: [{ what: 'CPU per booking, last/first', value: ratioOf('ms'), relation: 'at most', aim: AIM }],
        runs: [{ run: 'growth', checks, violations: [...scans, ...violations] }],
      }
    })
  },
)

/** The cost of a booking when there are `mark` of them: milliseconds of CPU, of the worker and PostgreSQL. */
interface Cost {
  readonly mark: number
  readonly rate: number
  readonly ms: number
  readonly workerMs: number
  readonly postgresMs: number
}

function costAt(mark: number, window: LineWindow): Cost {
  const each = (cpu: readonly number[]) => (sum(cpu) * 1_000) / window.decided
  const { cpu } = window
  return { mark, rate: rateOf(window), ms: each(cpu), workerMs: each(cpu.slice(0, 1)), postgresMs: each(cpu.slice(1)) }
}

async function readScannedRows({ pool }: Database): Promise<ScannedRows> {
  const { rows } = await pool.query<{ name: string; read: number }>(
    'select relname as name, seq_tup_read as read from pg_stat_user_tables where relname ~ $1',
    [GROWING],
  )
  if (rows.length === 0) throw new Error('there are no statistics of the growing tables')
  return new Map(rows.map(({ name, read }) => [name, read]))
}

function describeScans(before: ScannedRows, after: ScannedRows): string[] {
  return [...after]
    .map(([name, read]) => ({ name, grown: read - (before.get(name) ?? 0) }))
    .filter(({ grown }) => grown > 0)
    .map(({ name, grown }) => `sequential scans read ${grown} rows of the table ${name} during the drain`)
}

/**
 * Waits until no other session is left. A session adds what it has counted to the statistics when it ends at the
 * latest, which may be after its process.
 */
async function waitUntilAlone({ pool }: Database): Promise<void> {
  const deadline = performance.now() + GONE_WITHIN_MS
  for (;;) {
    const { rows } = await pool.query<{ others: number }>(
      `select count(*) as others from pg_stat_activity
       where datname = current_database() and backend_type = 'client backend'
         and application_name <> current_setting('application_name')`,
    )
    if (rows[0]?.others === 0) return
    if (performance.now() > deadline) throw new Error('sessions of the worker are still open')
    await pause(LOOK_EVERY_MS)
  }
}
