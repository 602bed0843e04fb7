import type pg from 'pg'
import { run } from '../../db/transaction.ts'
import { type BookingRow, SELECT_BOOKING } from './booking-view.ts'

const BY_REFERENCE = { name: 'find-booking-by-reference', text: `${SELECT_BOOKING} where b.reference = $1` }
const BY_ID = { name: 'find-booking-by-id', text: `${SELECT_BOOKING} where b.id = $1` }

/** Returns a booking with all that belongs to it, or `null`. */
export async function findBooking(executor: pg.Pool | pg.PoolClient, reference: string): Promise<BookingRow | null> {
  const [row] = await run<BookingRow & Record<string, unknown>>(executor, BY_REFERENCE, [reference])
  return row ?? null
}

/** Returns a booking by id, with all that belongs to it, or `null`. */
export async function findBookingById(executor: pg.Pool | pg.PoolClient, id: string): Promise<BookingRow | null> {
  const [row] = await run<BookingRow & Record<string, unknown>>(executor, BY_ID, [id])
  return row ?? null
}

/** Returns a booking by id, which must exist. */
export async function getBooking(executor: pg.Pool | pg.PoolClient, id: string): Promise<BookingRow> {
  const booking = await findBookingById(executor, id)
  if (booking === null) throw new Error(`there is no booking ${id}`)
  return booking
}
