import type pg from 'pg'
import { run } from '../../db/transaction.ts'
import { SELECT_SHOWTIME, toShowtimeView, type ShowtimeRow, type ShowtimeView } from './showtime-view.ts'

const FIND_SHOWTIME = {
  name: 'find-showtime',
  text: `${SELECT_SHOWTIME} where s.id = $1::uuid and s.status in ('active', 'cancelled')`,
}

/**
 * A showtime by id. A draft is nothing the public may know of, so `null`; a cancelled or started one is still found, for
 * links to it must not break when people need them most.
 */
export async function findShowtime(executor: pg.Pool | pg.PoolClient, id: string): Promise<ShowtimeView | null> {
  const [row] = await run<ShowtimeRow>(executor, FIND_SHOWTIME, [id])
  return row === undefined ? null : toShowtimeView(row)
}
