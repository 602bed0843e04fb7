import type { Database } from '@boxoffice/core/db/connect.ts'

/** As an operator's call would, but for the audit: nothing is decided in the lane until it is let go. */
export async function setPaused({ pool }: Database, lane: number, paused: boolean): Promise<void> {
  await pool.query('update lanes set paused = $2 where id = $1', [lane, paused])
}
