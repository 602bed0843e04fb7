import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { LANE } from '@boxoffice/load-rig/catalogue.ts'

const STUCK_AFTER_MS = 60_000
const LOOK_EVERY_MS = 50

/** How far a lane has come at a moment. */
export interface Progress {
  /** Monotonic clock. */
  readonly atMs: number
  readonly watermark: number
}

/**
 * Follows the lane until nothing is left in it; returns what was seen. Throws when it stands still for a minute, and
 * the error of `failed` when that rejects.
 */
export async function followDrain(database: Database, failed: Promise<never>, lane = LANE): Promise<Progress[]> {
  const seen: Progress[] = []
  let movedAtMs = performance.now()
  for (;;) {
    const { rows } = await database.pool.query<{ watermark: number; last: number }>(
      'select watermark, next - 1 as last from lanes join lane_intake on lane = id where id = $1',
      [lane],
    )
    const atMs = performance.now()
    const { watermark = 0, last = 0 } = rows[0] ?? {}
    if (watermark !== seen.at(-1)?.watermark) movedAtMs = atMs
    seen.push({ atMs, watermark })
    if (watermark >= last) return seen
    if (atMs - movedAtMs > STUCK_AFTER_MS) throw new Error(`lane ${lane} stands still at ${watermark} of ${last}`)
    await Promise.race([pause(LOOK_EVERY_MS), failed])
  }
}

/** Decisions per second in each tenth of a drain of `total` requests, from when the first of them was under way. */
export function ratesByTenth(seen: readonly Progress[], total: number): number[] {
  const startedAt = seen.findLast(({ watermark }) => watermark === 0)?.atMs ?? seen[0]?.atMs ?? 0
  const tenth = total / 10
  let from = startedAt
  return Array.from({ length: 10 }, (_, index) => {
    const until = timeOf(seen, tenth * (index + 1))
    const rate = tenth / ((until - from) / 1_000)
    from = until
    return Math.round(rate)
  })
}

/** When the watermark passed `mark`, interpolated between two looks. */
function timeOf(seen: readonly Progress[], mark: number): number {
  const index = seen.findIndex(({ watermark }) => watermark >= mark)
  const [before, after] = [seen[index - 1], seen[index]]
  if (after === undefined) throw new Error(`the lane never came to ${mark}`)
  if (before === undefined) return after.atMs
  const share = (mark - before.watermark) / (after.watermark - before.watermark)
  return before.atMs + share * (after.atMs - before.atMs)
}
