import type pg from 'pg'
import { toPage, type Cursor, type Page } from '../../db/cursor.ts'

export interface MovieView {
  readonly id: string
  readonly title: string
  readonly durationMinutes: number
  readonly rating: string
}

interface MovieRow {
  id: string
  title: string
  duration_minutes: number
  rating: string
}

/** Movies with at least one showtime on sale, in the order in which they were added. `after` is the previous page's end. */
export async function listMovies(
  executor: pg.Pool | pg.PoolClient,
  limit: number,
  after: Cursor | null,
): Promise<Page<MovieView>> {
  const { rows } = await executor.query<MovieRow>(
    `select m.id, m.title, m.duration_minutes, m.rating
       from movies m
      where m.id > coalesce($2::uuid, '00000000-0000-0000-0000-000000000000')
        and exists (select from showtimes s where s.movie_id = m.id and s.starts_at > now() and s.status = 'active')
      order by m.id
      limit $1::int + 1`,
    [limit, after?.id ?? null],
  )
  return toPage(
    rows,
    limit,
    (row) => ({ key: 0, id: row.id }),
    (row) => ({ id: row.id, title: row.title, durationMinutes: row.duration_minutes, rating: row.rating }),
  )
}
