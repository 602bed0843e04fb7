import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { auditDatabase } from '@boxoffice/load-rig/audit.ts'
import type { BenchDatabase } from '@boxoffice/load-rig/stack.ts'
import { startWorker } from '../contenders.ts'
import { type BenchContext, processOptions } from '../context.ts'
import type { Figures } from '../figures.ts'
import { followLanes, type Sample, type Window, windowBetween } from '../follow-lanes.ts'
import { fillForEvent } from './fill-backlog.ts'

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

interface AtMark extends Window {
  readonly mark: number
}

/** Whether a booking costs the same however many there are already. One long drain: it is not repeated. */
export async function measureGrowth(context: BenchContext): Promise<Figures> {
  const { requests, marks, least } = context.options.quick ? QUICK : FULL
  const bench = await context.stack.prepare('bench_growth')
  try {
    context.say(`growth: filling the line with ${requests} requests`)
    await fillForEvent(bench.database, { requests })
    // What was loaded is written out before, so that its write-back is no part of the drain.
    await bench.database.pool.query('checkpoint')
    const before = await readScannedRows(bench.database)
    const seen = await drain(context, bench, requests)
    await waitUntilAlone(bench.database)
    // Before the audit, which reads every table from end to end.
    const scans = describeScans(before, await readScannedRows(bench.database))
    const found = marks.map((mark) => {
      const length = Math.max(mark * SHARE, least)
      return { mark, ...windowBetween(seen, mark, Math.min(mark + length, requests)) }
    })
    for (const one of found) {
      context.say(
        `growth, at ${one.mark}: ${Math.round(rateOf(one))} decided/s, ${cpuMs(one).toFixed(3)} ms of CPU each`,
      )
    }
    const audited = await auditDatabase(bench.database, { requestIds: [], booked: requests, preallocated: 0 })
    return figuresOf(found, least, [...scans, ...audited])
  } finally {
    await bench.drop()
  }
}

/** Lets one worker decide everything; returns what was seen meanwhile. */
async function drain(context: BenchContext, bench: BenchDatabase, total: number): Promise<Sample[]> {
  const worker = await startWorker(processOptions(context, bench, 'growth'))
  try {
    const postgres = context.stack.watched.filter(({ name }) => name === 'postgres')
    // The worker is the first: `figuresOf` counts on it.
    return await followLanes(
      bench.database,
      { lanes: 1, total, watched: [...worker.watched, ...postgres] },
      worker.failed,
    )
  } finally {
    await worker.stop()
  }
}

function figuresOf(found: readonly AtMark[], least: number, problems: readonly string[]): Figures {
  const [first, last] = [found[0], found.at(-1)]
  if (first === undefined || last === undefined) throw new Error('there is no mark to measure at')
  const cpuRatio = rounded(cpuMs(last) / cpuMs(first))
  const rateRatio = rounded(rateOf(last) / rateOf(first))
  return {
    title: 'Growth',
    about: [
      'one lane, one event, one worker; PostgreSQL with autovacuum, whose CPU time counts as well',
      `each window begins at so many bookings and is ${SHARE * 100} % of them long, but at least ${least}`,
      'no growing table may be read by a sequential scan during the drain: what was read is a problem',
    ],
    header: ['bookings', 'decided/s', 'CPU ms per booking', 'of the worker', 'of PostgreSQL'],
    rows: [
      ...found.map((one) => [
        String(one.mark),
        String(Math.round(rateOf(one))),
        cpuMs(one).toFixed(3),
        msEach(one, one.cpu.slice(0, 1)).toFixed(3),
        msEach(one, one.cpu.slice(1)).toFixed(3),
      ]),
      [
        'last / first',
        String(rateRatio),
        String(cpuRatio),
        (msEach(last, last.cpu.slice(0, 1)) / msEach(first, first.cpu.slice(0, 1))).toFixed(2),
        (msEach(last, last.cpu.slice(1)) / msEach(first, first.cpu.slice(1))).toFixed(2),
      ],
    ],
    aims: [{ what: 'CPU per booking, last/first', value: cpuRatio, relation: 'at most', aim: AIM }],
    problems,
  }
}

const rateOf = ({ decided, seconds }: Window) => decided / seconds
const msEach = ({ decided }: Window, cpu: readonly number[]) =>
  (cpu.reduce((sum, seconds) => sum + seconds, 0) * 1_000) / decided
const cpuMs = (window: Window) => msEach(window, window.cpu)
const rounded = (value: number) => Math.round(value * 100) / 100

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

/** A session adds what it has counted to the statistics when it ends at the latest, which may be after its process. */
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
