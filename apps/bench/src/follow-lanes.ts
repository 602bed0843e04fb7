import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { cpuSeconds, type Watched } from '@boxoffice/load-rig/process-usage.ts'

const STUCK_AFTER_MS = 60_000
const LOOK_EVERY_MS = 50

/** What lanes have decided at a moment, and what that has cost so far. */
export interface Sample {
  /** Monotonic clock. */
  readonly atMs: number
  /** Of all lanes together. */
  readonly decided: number
  /** CPU seconds of each watched process since it began, in their order. */
  readonly cpu: readonly number[]
}

/** What lies between two moments of a drain. */
export interface Window {
  readonly decided: number
  readonly seconds: number
  /** CPU seconds of each watched process, in their order. */
  readonly cpu: readonly number[]
}

/**
 * Follows the lanes with the numbers 0 to `lanes` - 1 until `total` requests are decided; returns what was seen. Throws
 * when nothing moves for a minute, and the error of `failed` when that rejects.
 */
export async function followLanes(
  database: Database,
  { lanes, total, watched }: { readonly lanes: number; readonly total: number; readonly watched: readonly Watched[] },
  failed: Promise<never>,
): Promise<Sample[]> {
  const seen: Sample[] = []
  let movedAtMs = performance.now()
  for (;;) {
    const decided = await countDecided(database, lanes)
    const atMs = performance.now()
    if (decided !== seen.at(-1)?.decided) movedAtMs = atMs
    seen.push({ atMs, decided, cpu: watched.map((process) => knownCpuSeconds(process)) })
    if (decided >= total) return seen
    if (atMs - movedAtMs > STUCK_AFTER_MS) throw new Error(`the lanes stand still at ${decided} of ${total}`)
    await Promise.race([pause(LOOK_EVERY_MS), failed])
  }
}

/** From when `from` requests were decided until `to` were, each interpolated between two looks. */
export function windowBetween(seen: readonly Sample[], from: number, to: number): Window {
  const [begin, end] = [sampleAt(seen, from), sampleAt(seen, to)]
  return {
    decided: end.decided - begin.decided,
    seconds: (end.atMs - begin.atMs) / 1_000,
    cpu: end.cpu.map((seconds, index) => seconds - (begin.cpu[index] ?? 0)),
  }
}

async function countDecided({ pool }: Database, lanes: number): Promise<number> {
  const { rows } = await pool.query<{ decided: number }>(
    'select sum(watermark)::bigint as decided from lanes where id < $1',
    [lanes],
  )
  return rows[0]?.decided ?? 0
}

/** Without CPU times there is nothing to report, so that it is an error where the system does not tell. */
function knownCpuSeconds(process: Watched): number {
  const seconds = cpuSeconds(process)
  if (seconds === null) throw new Error(`the system does not tell the CPU time of ${process.name}`)
  return seconds
}

function sampleAt(seen: readonly Sample[], mark: number): Sample {
  // The last look before anything was decided is where a drain begins: what came before was waiting.
  const index =
    mark === 0 ? seen.findLastIndex(({ decided }) => decided === 0) : seen.findIndex((one) => one.decided >= mark)
  const [before, after] = [seen[index - 1], seen[index]]
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
