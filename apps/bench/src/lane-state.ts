import type { Database } from '@boxoffice/core/db/connect.ts'

/** As an operator's call would, but for the audit: nothing is decided in the lane until it is let go. */
export async function setPaused({ pool }: Database, lane: number, paused: boolean): Promise<void> {
  await pool.query('update lanes set paused = $2 where id = $1', [lane, paused])
}

/** Requests of all lanes that are not decided, paused ones left out. */
export async function countWaiting({ pool }: Database): Promise<number> {
  const { rows } = await pool.query<{ waiting: number }>(
    `select coalesce(sum(i.next - 1 - l.watermark), 0)::int as waiting
     from lanes l join lane_intake i on i.lane = l.id where not l.paused`,
  )
  return rows[0]?.waiting ?? 0
}
