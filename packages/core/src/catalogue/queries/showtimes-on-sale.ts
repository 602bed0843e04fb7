import type pg from 'pg'
import { toPage, type Cursor, type Page } from '../../db/cursor.ts'
import { ListFilter } from '../../db/list-filter.ts'
import { run } from '../../db/transaction.ts'
import {
  priceColumns,
  saleColumns,
  SHOWTIME_ENDS_AT,
  showtimeSells,
  withSale,
  type WithSaleColumns,
} from './sale-columns.ts'

/** A showtime as clients see it; the contract says which fields there are. */
interface ShowtimeView extends WithSaleColumns {
  readonly id: string
}

const COLUMNS = `s.id,
  json_build_object('id', m.id, 'title', m.title, 'durationMinutes', m.duration_minutes, 'rating', m.rating) as movie,
  json_build_object('id', v.id, 'name', v.name, 'address', v.address, 'timeZone', v.time_zone) as venue,
  json_build_object('id', a.id, 'name', a.name) as auditorium,
  s.starts_at as "startsAt", s.status, s.currency, s.max_seats_per_booking as "maxSeatsPerBooking",
  ${priceColumns('r')},
  l.version as "layoutVersion", ${saleColumns('r', SHOWTIME_ENDS_AT)}`

const FROM = `showtimes s
  join movies m on m.id = s.movie_id
  join auditoriums a on a.id = s.auditorium_id
  join venues v on v.id = a.venue_id
  join layouts l on l.id = s.layout_id
  join resources r on r.id = s.id`

const FIND_SHOWTIME = {
  name: 'find-showtime',
  text: `select ${COLUMNS} from ${FROM} where s.id = $1::uuid and s.status in ('active', 'cancelled')`,
}

/**
 * Finds a showtime by id. A draft is nothing the public may know of, so `null`; a cancelled or started one is still found,
 * for links to it must not break when people need them most.
 */
export async function findShowtime(
  executor: pg.Pool | pg.PoolClient,
  id: string,
  showtimeSellsForMs: number,
): Promise<object | null> {
  const [row] = await run<ShowtimeView>(executor, FIND_SHOWTIME, [id])
  return row === undefined ? null : withSale(row, 'public', showtimeSellsForMs)
}

export interface ShowtimeFilter {
  readonly movieId: string | null
  readonly venueId: string | null
  /** Starts at or after this. */
  readonly from: Date | null
  /** Starts before this. */
  readonly to: Date | null
}

/**
 * Lists showtimes that can be bought now or later (active, and the public sale has not ended), the next one first. `after` is
 * the previous page's end.
 */
export async function listShowtimes(
  executor: pg.Pool | pg.PoolClient,
  filter: ShowtimeFilter,
  limit: number,
  after: Cursor | null,
  showtimeSellsForMs: number,
): Promise<Page<object>> {
  const list = new ListFilter(limit, "s.status = 'active'")
  list.where(showtimeSells, showtimeSellsForMs)
  list.where((parameter) => `s.movie_id = ${parameter}::uuid`, filter.movieId)
  list.where((parameter) => `a.venue_id = ${parameter}::uuid`, filter.venueId)
  list.where((parameter) => `s.starts_at >= ${parameter}::timestamptz`, filter.from)
  list.where((parameter) => `s.starts_at < ${parameter}::timestamptz`, filter.to)
  list.beyond('s.starts_at, s.id', '>', after)
  const { rows } = await executor.query<ShowtimeView & { readonly key: number }>(
    `select ${COLUMNS}, (extract(epoch from s.starts_at) * 1000000)::bigint as key
     from ${FROM} where ${list.clause} order by s.starts_at, s.id limit $1::int + 1`,
    list.values,
  )
  return toPage(
    rows,
    limit,
    ({ key, id }) => ({ key, id }),
    ({ key: _, ...row }) => withSale(row, 'public', showtimeSellsForMs),
  )
}
