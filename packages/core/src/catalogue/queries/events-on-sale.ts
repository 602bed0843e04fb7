import type pg from 'pg'
import { toPage, type Cursor, type Page } from '../../db/cursor.ts'
import { ListFilter } from '../../db/list-filter.ts'
import { run } from '../../db/transaction.ts'
import { ticketTypesOf, type WithTicketTypes, withSaleTimes } from './ticket-types-of.ts'

const COLUMNS = `e.id, e.title, e.description, e.venue, e.time_zone as "timeZone", e.starts_at as "startsAt",
  e.ends_at as "endsAt", e.status, e.currency, ${ticketTypesOf('e.id')} as "ticketTypes"`

const FIND_EVENT = {
  name: 'find-event',
  text: `select ${COLUMNS} from events e where e.id = $1::uuid and e.status in ('published', 'cancelled')`,
}

/** Finds an event by id; `null` for a draft. A cancelled or ended one is still found, as showtimes are. */
export async function findEvent(executor: pg.Pool | pg.PoolClient, id: string): Promise<object | null> {
  const [row] = await run<WithTicketTypes>(executor, FIND_EVENT, [id])
  return row === undefined ? null : withSaleTimes(row)
}

/** Lists events on sale (published, not ended), the next one first. `after` is the previous page's end. */
export async function listEvents(
  executor: pg.Pool | pg.PoolClient,
  limit: number,
  after: Cursor | null,
): Promise<Page<object>> {
  const list = new ListFilter(limit, "e.status = 'published'", 'e.ends_at > now()')
  list.beyond('e.starts_at, e.id', '>', after)
  const { rows } = await executor.query<WithTicketTypes & { readonly id: string; readonly key: number }>(
    `select ${COLUMNS}, (extract(epoch from e.starts_at) * 1000000)::bigint as key
     from events e where ${list.clause} order by e.starts_at, e.id limit $1::int + 1`,
    list.values,
  )
  return toPage(
    rows,
    limit,
    ({ key, id }) => ({ key, id }),
    ({ key: _, ...row }) => withSaleTimes(row),
  )
}
