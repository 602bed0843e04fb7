import type pg from 'pg'
import { type Cursor, type Page, toPage } from '../../db/cursor.ts'
import { ListFilter } from '../../db/list-filter.ts'

/** All there is about a movie. */
export interface MovieView {
  readonly id: string
  readonly organizerId: string
  readonly title: string
  readonly synopsis: string
  readonly durationMinutes: number
  readonly rating: string
}

const SELECT = `
  select id, organizer_id as "organizerId", title, synopsis, duration_minutes as "durationMinutes", rating from movies`

/** Movies of an organizer, the newest first; of all with `null`. */
export async function listMovieViews(
  pool: pg.Pool,
  organizerId: string | null,
  limit: number,
  after: Cursor | null,
): Promise<Page<MovieView>> {
  const list = new ListFilter(limit)
  list.where((parameter) => `organizer_id = ${parameter}::uuid`, organizerId)
  list.where((parameter) => `id < ${parameter}::uuid`, after?.id ?? null)
  const { rows } = await pool.query<MovieView & Record<string, unknown>>(
    `${SELECT} where ${list.clause} order by id desc limit $1::int + 1`,
    list.values,
  )
  return toPage(
    rows,
    limit,
    ({ id }) => ({ key: 0, id }),
    (row) => row,
  )
}

/** @param organizerId whose it must be; `null` is anybody's */
export async function findMovieView(pool: pg.Pool, id: string, organizerId: string | null): Promise<MovieView | null> {
  const { rows } = await pool.query<MovieView & Record<string, unknown>>(
    `${SELECT} where id = $1::uuid and ($2::uuid is null or organizer_id = $2)`,
    [id, organizerId],
  )
  return rows[0] ?? null
}
