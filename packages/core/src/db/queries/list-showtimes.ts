import type pg from 'pg'
import { toPage, type Cursor, type Page } from './cursor.ts'
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
  const values: unknown[] = [limit]
  const conditions = ["s.status = 'active'", 's.starts_at > now()']
  // Only the conditions that are asked for: `$1 is null or …` would keep the planner from the index.
  const where = (condition: (parameter: string) => string, value: unknown) => {
    if (value === null) return
    values.push(value)
    conditions.push(condition(`$${values.length}`))
  }
  where((parameter) => `s.movie_id = ${parameter}::uuid`, filter.movieId)
  where((parameter) => `a.venue_id = ${parameter}::uuid`, filter.venueId)
  where((parameter) => `s.starts_at >= ${parameter}::timestamptz`, filter.from)
  where((parameter) => `s.starts_at < ${parameter}::timestamptz`, filter.to)
  if (after !== null) {
    values.push(after.key, after.id)
    conditions.push(
      `(s.starts_at, s.id) > (timestamptz 'epoch' + $${values.length - 1}::float8 * interval '1 microsecond', $${values.length}::uuid)`,
    )
  }
  const { rows } = await executor.query<ShowtimeRow>(
    `${SELECT_SHOWTIME} where ${conditions.join(' and ')} order by s.starts_at, s.id limit $1::int + 1`,
    values,
  )
  return toPage(rows, limit, (row) => ({ key: row.starts_at_us, id: row.id }), toShowtimeView)
}
