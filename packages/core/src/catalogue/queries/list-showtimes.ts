import type pg from 'pg'
import { toPage, type Cursor, type Page } from '../../db/cursor.ts'
import { ListFilter } from '../../db/list-filter.ts'
import { SELECT_SHOWTIME, toShowtimeView, type ShowtimeRow, type ShowtimeView } from './showtime-view.ts'

export interface ShowtimeFilter {
  readonly movieId: string | null
  readonly venueId: string | null
  /** Starts at or after this. */
  readonly from: Date | null
  /** Starts before this. */
  readonly to: Date | null
}

/** Showtimes on sale (active, not started), the next one first. `after` is the previous page's end. */
export async function listShowtimes(
  executor: pg.Pool | pg.PoolClient,
  filter: ShowtimeFilter,
  limit: number,
  after: Cursor | null,
): Promise<Page<ShowtimeView>> {
  const list = new ListFilter(limit, "s.status = 'active'", 's.starts_at > now()')
  list.where((parameter) => `s.movie_id = ${parameter}::uuid`, filter.movieId)
  list.where((parameter) => `a.venue_id = ${parameter}::uuid`, filter.venueId)
  list.where((parameter) => `s.starts_at >= ${parameter}::timestamptz`, filter.from)
  list.where((parameter) => `s.starts_at < ${parameter}::timestamptz`, filter.to)
  list.beyond('s.starts_at, s.id', '>', after)
  const { rows } = await executor.query<ShowtimeRow>(
    `${SELECT_SHOWTIME} where ${list.clause} order by s.starts_at, s.id limit $1::int + 1`,
    list.values,
  )
  return toPage(rows, limit, (row) => ({ key: row.starts_at_us, id: row.id }), toShowtimeView)
}
