import type pg from 'pg'
import type { BookingStatus } from '../../domain/booking-status.ts'
import { type BookingRow, type BookingView, SELECT_BOOKING, toBookingView } from './booking-view.ts'
import { type Cursor, type Page, toPage } from './cursor.ts'
import { ListFilter } from './list-filter.ts'

export interface BookingFilter {
  /** This one only. */
  readonly bookingId?: string
  /** Made by this subject, or for this organizer; `null` for everybody's. */
  readonly owner: string | null
  readonly organizerId: string | null
  readonly status: BookingStatus | null
  readonly resourceId: string | null
}

/** Bookings, the newest first. `after` is the previous page's end. */
export async function listBookings(
  executor: pg.Pool | pg.PoolClient,
  filter: BookingFilter,
  limit: number,
  after: Cursor | null,
): Promise<Page<BookingView>> {
  const list = new ListFilter(limit)
  list.where((parameter) => `b.id = ${parameter}::uuid`, filter.bookingId ?? null)
  list.where((parameter) => `b.owner = ${parameter}`, filter.owner)
  list.where((parameter) => `b.organizer_id = ${parameter}::uuid`, filter.organizerId)
  list.where((parameter) => `b.status = ${parameter}`, filter.status)
  list.where((parameter) => `b.resource_id = ${parameter}::uuid`, filter.resourceId)
  list.where((parameter) => `b.id < ${parameter}::uuid`, after?.id ?? null)
  const { rows } = await executor.query<BookingRow & Record<string, unknown>>(
    `${SELECT_BOOKING} where ${list.clause} order by b.id desc limit $1::int + 1`,
    list.values,
  )
  return toPage(rows, limit, (row) => ({ key: 0, id: row.id }), toBookingView)
}
