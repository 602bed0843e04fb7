import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { cpuSeconds, type Watched } from './process-usage.ts'

const LOOK_EVERY_MS = 50
const STUCK_AFTER_MS = 60_000
/** Holds that end later than this are not waited for. */
const HOLDS_WITHIN_S = 60

/** Thrown when the line, or what comes after it, stands still. The message says what is left. */
export class StuckError extends Error {
  override readonly name = 'StuckError'
}

/** All lines together, or some of them. */
export interface Line {
  /** Accepted and not decided. */
  readonly waiting: number
  /** Decided since the tables were made; where numbers are left out in a line, they count too. */
  readonly decided: number
}

/** Reads the lines of these resources; of all where `resourceIds` is `null`. */
export async function readLine({ pool }: Database, resourceIds: readonly string[] | null = null): Promise<Line> {
  const { rows } = await pool.query<{ waiting: number; decided: number }>(
    `select coalesce(sum(next - 1 - watermark), 0)::bigint as waiting, coalesce(sum(watermark), 0)::bigint as decided
     from lines join resource_state using (resource_id) where $1::uuid[] is null or resource_id = any($1)`,
    [resourceIds],
  )
  return rows[0] ?? { waiting: 0, decided: 0 }
}

/** The number of decisions at a moment, and their cost so far. */
export interface LineSample {
  /** Monotonic clock. */
  readonly atMs: number
  readonly decided: number
  /** CPU seconds of each watched process since it began, in their order. */
  readonly cpu: readonly number[]
}

/** The difference between two moments of a drain. */
export interface LineWindow {
  readonly decided: number
  readonly seconds: number
  /** CPU seconds of each watched process, in their order. */
  readonly cpu: readonly number[]
}

/**
 * Follows the lines, all of them unless resources are given, until nobody waits; returns what was seen. Throws a `StuckError` when
 * they stand still for a minute, and the error of `failed` when that rejects.
 */
export async function followLine(
  database: Database,
  failed: Promise<never>,
  {
    resourceIds = null,
    watched = [],
  }: { readonly resourceIds?: readonly string[] | null; readonly watched?: readonly Watched[] } = {},
): Promise<LineSample[]> {
  const seen: LineSample[] = []
  const look = async () => {
    const { waiting, decided } = await readLine(database, resourceIds)
    seen.push({ atMs: performance.now(), decided, cpu: watched.map(knownCpuSeconds) })
    return waiting
  }
  await Promise.race([awaitNone('requests in line', STUCK_AFTER_MS, look), failed])
  return seen
}

/** Resolves when no hold of these resources is about to end. Throws when none is over long after it should be. */
export async function awaitHoldsOver({ pool }: Database, resourceIds: readonly string[]): Promise<void> {
  await awaitNone('holds whose time is over', HOLDS_WITHIN_S * 1_000 + STUCK_AFTER_MS, async () => {
    const { rows } = await pool.query<{ held: number }>(
      `select count(*) as held from bookings
       where resource_id = any($1) and status = 'pending' and expires_at < clock_timestamp() + make_interval(secs => $2)`,
      [resourceIds, HOLDS_WITHIN_S],
    )
    return rows[0]?.held ?? 0
  })
}

async function awaitNone(what: string, stuckAfterMs: number, count: () => Promise<number>): Promise<void> {
  let last = Number.NaN
  let movedAtMs = performance.now()
  for (;;) {
    const left = await count()
    if (left === 0) return
    if (left !== last) movedAtMs = performance.now()
    last = left
    if (performance.now() - movedAtMs > stuckAfterMs) {
      throw new StuckError(`${left} ${what}, and nothing happens to them.`)
    }
    await pause(LOOK_EVERY_MS)
  }
}

/** Returns CPU seconds, without which there is nothing to report. Throws if the system does not tell. */
function knownCpuSeconds(process: Watched): number {
  const seconds = cpuSeconds(process)
  if (seconds === null) throw new Error(`the system does not tell the CPU time of ${process.name}`)
  return seconds
}

/** Returns what lies between `from` and `to` decided requests, each interpolated between two looks. */
export function windowBetween(seen: readonly LineSample[], from: number, to: number): LineWindow {
  const [begin, end] = [sampleAt(seen, from), sampleAt(seen, to)]
  return {
    decided: end.decided - begin.decided,
    seconds: (end.atMs - begin.atMs) / 1_000,
    cpu: end.cpu.map((seconds, index) => seconds - (begin.cpu[index] ?? 0)),
  }
}

export const rateOf = ({ decided, seconds }: LineWindow): number => decided / seconds

/** Returns decisions per second in each tenth of a drain of `total` requests. */
export const ratesByTenth = (seen: readonly LineSample[], total: number): number[] =>
  Array.from({ length: 10 }, (_, index) =>
    Math.round(rateOf(windowBetween(seen, (total * index) / 10, (total * (index + 1)) / 10))),
  )

function sampleAt(seen: readonly LineSample[], mark: number): LineSample {
  // The last look before anything was decided is where a drain begins: what came before was waiting.
  const index =
    mark === 0 ? seen.findLastIndex(({ decided }) => decided === 0) : seen.findIndex((one) => one.decided >= mark)
  const [before, after] = [seen[index - 1], seen[Math.max(0, index)]]
  if (after === undefined) throw new Error(`nobody looked when ${mark} requests were decided`)
  if (mark === 0 || before === undefined) return after
  const share = (mark - before.decided) / (after.decided - before.decided)
  const between = (from: number, to: number) => from + share * (to - from)
  return {
    atMs: between(before.atMs, after.atMs),
    decided: mark,
    cpu: after.cpu.map((seconds, at) => between(before.cpu[at] ?? 0, seconds)),
  }
}
