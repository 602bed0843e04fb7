import type pg from 'pg'
import type { BookingStatus } from '../../domain/booking-status.ts'
import { type BookingRow, type BookingView, SELECT_BOOKING, toBookingView } from './booking-view.ts'
import type { Cursor, Page } from '../../db/cursor.ts'
import { ListFilter } from '../../db/list-filter.ts'
import { type Looked, selectWindow, toWindowPage } from '../../db/window.ts'

export interface BookingFilter {
  /** This one only. */
  readonly bookingId?: string
  /** Made by this subject, or for this organizer; `null` for everybody's. */
  readonly owner: string | null
  readonly organizerId: string | null
  readonly status: BookingStatus | null
  readonly resourceId: string | null
}

/** The filters that an index finds in the order of the list, the narrowest first. One of them makes the window. */
const INDEXED = [
  ['bookingId', 'id', 'uuid'],
  ['owner', 'owner', 'text'],
  ['resourceId', 'resource_id', 'uuid'],
  ['organizerId', 'organizer_id', 'uuid'],
] as const satisfies readonly (readonly [keyof BookingFilter, string, string])[]

/**
 * Lists bookings, the newest first. `after` is the previous page's end. Looks at a window of the bookings that the narrowest
 * of the filters finds, for those that the other filters want.
 */
export async function listBookings(
  executor: pg.Pool | pg.PoolClient,
  filter: BookingFilter,
  limit: number,
  after: Cursor | null,
): Promise<Page<BookingView>> {
  const list = new ListFilter(limit)
  const given = INDEXED.filter(([name]) => (filter[name] ?? null) !== null)
  for (const [name, column, type] of given.slice(0, 1)) list.where((at) => `${column} = ${at}::${type}`, filter[name])
  for (const [name, column, type] of given.slice(1)) list.keep((at) => `${column} = ${at}::${type}`, filter[name])
  list.keep((parameter) => `status = ${parameter}`, filter.status)
  list.where((parameter) => `id < ${parameter}::uuid`, after?.id ?? null)
  const looked = `select id, owner, resource_id, organizer_id, status from bookings where ${list.clause}`
  // Only what is shown is looked at as a whole.
  const { rows } = await executor.query<BookingRow & Looked & Record<string, unknown>>(
    `select v.*, w.place, w.matches
     from (${selectWindow(looked, list.matches, 'id desc')} order by id desc limit $1::int + 1) w
     cross join lateral (${SELECT_BOOKING} where b.id = w.id offset 0) v
     order by w.id desc`,
    list.values,
  )
  return toWindowPage(rows, limit, (row) => ({ key: 0, id: row.id }), toBookingView)
}
