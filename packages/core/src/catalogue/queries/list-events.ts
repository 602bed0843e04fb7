import type pg from 'pg'
import { toPage, type Cursor, type Page } from '../../db/cursor.ts'
import { SELECT_EVENT, toEventView, type EventRow, type EventView } from './event-view.ts'

/** Events on sale (published, not ended), the next one first. `after` is the previous page's end. */
export async function listEvents(
  executor: pg.Pool | pg.PoolClient,
  limit: number,
  after: Cursor | null,
): Promise<Page<EventView>> {
  const values: unknown[] = [limit]
  let condition = "e.status = 'published' and e.ends_at > now()"
  if (after !== null) {
    values.push(after.key, after.id)
    condition += " and (e.starts_at, e.id) > (timestamptz 'epoch' + $2::float8 * interval '1 microsecond', $3::uuid)"
  }
  const { rows } = await executor.query<EventRow>(
    `${SELECT_EVENT} where ${condition} order by e.starts_at, e.id limit $1::int + 1`,
    values,
  )
  return toPage(rows, limit, (row) => ({ key: row.starts_at_us, id: row.id }), toEventView)
}
