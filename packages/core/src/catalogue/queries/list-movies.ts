import type pg from 'pg'
import { toPage, type Cursor, type Page } from '../../db/cursor.ts'
import { showtimeSells } from './sale-columns.ts'

interface MovieView extends Record<string, unknown> {
  readonly id: string
}

/**
 * Lists movies with at least one showtime that can be bought now or later, in the order in which they were added. `after` is
 * the previous page's end.
 */
export async function listMovies(
  executor: pg.Pool | pg.PoolClient,
  limit: number,
  after: Cursor | null,
  showtimeSellsForMs: number,
): Promise<Page<MovieView>> {
  const { rows } = await executor.query<MovieView>(
    `select m.id, m.title, m.duration_minutes as "durationMinutes", m.rating
       from movies m
      where m.id > coalesce($2::uuid, '00000000-0000-0000-0000-000000000000')
        and exists (select from showtimes s where s.movie_id = m.id and s.status = 'active' and ${showtimeSells('$3')})
      order by m.id
      limit $1::int + 1`,
    [limit, after?.id ?? null, showtimeSellsForMs],
  )
  return toPage(
    rows,
    limit,
    ({ id }) => ({ key: 0, id }),
    (row) => row,
  )
}
