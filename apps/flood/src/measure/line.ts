import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from '@boxoffice/core/db/connect.ts'

const LOOK_EVERY_MS = 100
const STUCK_AFTER_MS = 60_000
/** Holds that end later than this are not waited for. */
const HOLDS_WITHIN_S = 60

/** Thrown when the line, or what comes after it, stands still. The message says what is left. */
export class StuckError extends Error {
  override readonly name = 'StuckError'
}

/** All lanes together. */
export interface Line {
  /** Accepted and not decided. */
  readonly waiting: number
  /** Decided since the tables were made; where numbers are left out in a lane, they count too. */
  readonly decided: number
}

export async function readLine({ pool }: Database): Promise<Line> {
  const { rows } = await pool.query<{ waiting: number; decided: number }>(
    `select coalesce(sum(next - 1 - watermark), 0)::bigint as waiting, coalesce(sum(watermark), 0)::bigint as decided
     from lanes join lane_intake on lane = id`,
  )
  return rows[0] ?? { waiting: 0, decided: 0 }
}

/** Resolves when nobody is in line. Throws a `StuckError` when the line stands still for a minute. */
export async function awaitDrained(database: Database): Promise<void> {
  await awaitNone('requests in line', STUCK_AFTER_MS, async () => (await readLine(database)).waiting)
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
