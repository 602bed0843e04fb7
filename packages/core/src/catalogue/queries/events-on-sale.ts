import type pg from 'pg'
import { toPage, type Cursor, type Page } from '../../db/cursor.ts'
import { ListFilter } from '../../db/list-filter.ts'
import { run } from '../../db/transaction.ts'
import { EVENT_SELLS, priceColumns, saleColumns, withSale, type WithSaleColumns } from './sale-columns.ts'
import { publicTicketTypesOf, type WithTicketTypes, withSaleTimes } from './ticket-types-of.ts'

type EventRow = WithTicketTypes & WithSaleColumns

const COLUMNS = `e.id, e.title, e.description, e.venue, e.time_zone as "timeZone", e.starts_at as "startsAt",
  e.ends_at as "endsAt", e.status, e.currency, e.auditorium_id as "auditoriumId",
  e.max_seats_per_booking as "maxSeatsPerBooking", l.version as "layoutVersion", ${priceColumns('r')},
  ${publicTicketTypesOf('e.id')} as "ticketTypes",
  ${saleColumns('r', 'e.ends_at')}`

const FROM = 'events e join resources r on r.id = e.id left join layouts l on l.id = e.layout_id'

const FIND_EVENT = {
  name: 'find-event',
  text: `select ${COLUMNS} from ${FROM} where e.id = $1::uuid and e.status in ('published', 'cancelled')`,
}

/** Finds an event by id; `null` for a draft. A cancelled or ended one is still found, as showtimes are. */
export async function findEvent(executor: pg.Pool | pg.PoolClient, id: string): Promise<object | null> {
  const [row] = await run<EventRow>(executor, FIND_EVENT, [id])
  return row === undefined ? null : toView(row)
}

const toView = (row: EventRow) => withSaleTimes(withSale(row, 'public'))

/**
 * Lists events that can be bought now or later (published, and the public sale has not ended), the next one first. `after`
 * is the previous page's end.
 */
export async function listEvents(
  executor: pg.Pool | pg.PoolClient,
  limit: number,
  after: Cursor | null,
): Promise<Page<object>> {
  const list = new ListFilter(limit, "e.status = 'published'", EVENT_SELLS)
  list.beyond('e.starts_at, e.id', '>', after)
  const { rows } = await executor.query<EventRow & { readonly id: string; readonly key: number }>(
    `select ${COLUMNS}, (extract(epoch from e.starts_at) * 1000000)::bigint as key
     from ${FROM} where ${list.clause} order by e.starts_at, e.id limit $1::int + 1`,
    list.values,
  )
  return toPage(
    rows,
    limit,
    ({ key, id }) => ({ key, id }),
    ({ key: _, ...row }) => toView(row),
  )
}
