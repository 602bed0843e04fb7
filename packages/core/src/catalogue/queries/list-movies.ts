import type pg from 'pg'
import { toPage, type Cursor, type Page } from '../../db/cursor.ts'

interface MovieView extends Record<string, unknown> {
  readonly id: string
}

/** Lists movies with at least one showtime on sale, in the order in which they were added. `after` is the previous page's end. */
export async function listMovies(
  executor: pg.Pool | pg.PoolClient,
  limit: number,
  after: Cursor | null,
): Promise<Page<MovieView>> {
  const { rows } = await executor.query<MovieView>(
    `select m.id, m.title, m.duration_minutes as "durationMinutes", m.rating
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
    ({ id }) => ({ key: 0, id }),
    (row) => row,
  )
}
