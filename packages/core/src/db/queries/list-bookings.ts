import type pg from 'pg'
import type { BookingStatus } from '../../domain/booking-status.ts'
import { type BookingRow, type BookingView, SELECT_BOOKING, toBookingView } from './booking-view.ts'
import { type Cursor, type Page, toPage } from './cursor.ts'

export interface BookingFilter {
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
  const values: unknown[] = [limit]
  const conditions = ['true']
  // Only the conditions that are asked for: `$1 is null or …` would keep the planner from the index.
  const where = (condition: (parameter: string) => string, value: unknown) => {
    if (value === null) return
    values.push(value)
    conditions.push(condition(`$${values.length}`))
  }
  where((parameter) => `b.owner = ${parameter}`, filter.owner)
  where((parameter) => `b.organizer_id = ${parameter}::uuid`, filter.organizerId)
  where((parameter) => `b.status = ${parameter}`, filter.status)
  where((parameter) => `b.resource_id = ${parameter}::uuid`, filter.resourceId)
  where((parameter) => `b.id < ${parameter}::uuid`, after?.id ?? null)
  const { rows } = await executor.query<BookingRow & Record<string, unknown>>(
    `${SELECT_BOOKING} where ${conditions.join(' and ')} order by b.id desc limit $1::int + 1`,
    values,
  )
  return toPage(rows, limit, (row) => ({ key: 0, id: row.id }), toBookingView)
}
