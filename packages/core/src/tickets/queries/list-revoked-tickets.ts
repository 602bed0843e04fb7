import type pg from 'pg'
import type { Cursor, Page } from '../../db/cursor.ts'
import { type Looked, selectWindow, toWindowPage, WINDOW } from '../../db/window.ts'

/** A ticket whose genuine token must not be let in. */
export interface RevokedTicket {
  readonly id: string
}

interface Row extends Looked, Record<string, unknown> {
  readonly bookingId: string
  /** `null` in the row of a booking that ends the window and has none. */
  readonly id: string | null
  readonly ordinal: number | null
}

const FIRST = { key: -1, id: '00000000-0000-0000-0000-000000000000' }

const LOOKED =
  'select id, status, confirmed_at, organizer_id from bookings where resource_id = $2::uuid and id >= $3::uuid'

/** Tickets are void where their booking is cancelled. */
const MATCHES = `status = 'cancelled' and confirmed_at is not null and ($5::uuid is null or organizer_id = $5::uuid)`

const SELECT = `
  select w.id as "bookingId", w.place, w.matches and t.id is not null as matches, t.id, t.ordinal
  from (${selectWindow(LOOKED, MATCHES, 'id')} order by id) w
  left join lateral (
    select id, ordinal from tickets
    where booking_id = w.id and status = 'void' and (w.id > $3::uuid or ordinal > $4::bigint)
    order by ordinal
  ) t on w.matches
  where t.id is not null or w.place = ${WINDOW}
  order by w.id, t.ordinal limit $1::int + 1`

/**
 * Lists the void tickets of a showtime or event that somebody may hold (those of holds that ended were never shown), in the
 * order in which they were booked. `after` is the previous page's end: a booking, and the ordinal of its last ticket that
 * was listed. Looks at a window of the bookings. An organizer's people see none of others' (`organizerId` is `null` for
 * admins).
 */
export async function listRevokedTickets(
  pool: pg.Pool,
  filter: { readonly resourceId: string; readonly organizerId: string | null },
  limit: number,
  after: Cursor | null,
): Promise<Page<RevokedTicket>> {
  const { key, id } = after ?? FIRST
  const { rows } = await pool.query<Row>(SELECT, [limit, filter.resourceId, id, key, filter.organizerId])
  return toWindowPage(
    rows,
    limit,
    (row) => ({ key: row.ordinal ?? FIRST.key, id: row.bookingId }),
    (row) => ({ id: row.id ?? '' }),
  )
}
