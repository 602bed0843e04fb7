import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import type { BookingRow } from '../queries/booking-view.ts'
import { findBookingById } from '../queries/find-booking.ts'
import { verifyRecoveryToken } from '../../access/recovery-token.ts'
import { signGuestToken } from '../../access/tokens.ts'

/** Long enough to pay, to print and to come back for it on the evening. */
const SESSION_TTL_S = 86_400

export interface RecoveredSession {
  /** A guest's token for this booking and no other. */
  readonly token: string
  /** Seconds. */
  readonly expiresIn: number
  readonly reference: string
}

/** Returns the booking that a mailed link leads to; `null` for an expired or invented link. */
export async function findRecovered(pool: pg.Pool, token: string, guestSecret: string): Promise<BookingRow | null> {
  const bookingId = await verifyRecoveryToken(token, guestSecret)
  return bookingId === null ? null : findBookingById(pool, bookingId)
}

/** Returns a session for the booking of a mailed link. The link stays valid until its hour is over. */
export async function redeemRecovery(
  pool: pg.Pool,
  token: string,
  guestSecret: string,
): Promise<RecoveredSession | null> {
  const booking = await findRecovered(pool, token, guestSecret)
  if (booking === null) return null
  const session = await signGuestToken(randomUUID(), SESSION_TTL_S, guestSecret, booking.id)
  return { token: session, expiresIn: SESSION_TTL_S, reference: booking.reference }
}
