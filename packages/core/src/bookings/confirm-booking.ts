import { eq } from '../db/drizzle.ts'
import type { BookingRecord } from '../records/queries/insert-records.ts'
import type { LockedBooking } from './queries/lock-bookings.ts'
import { issueTickets } from '../inventory/queries/issue-tickets.ts'
import { bookings } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { bookingRecord } from '../records/booking-record.ts'

/**
 * Confirms a pending booking that is paid, and issues its tickets. Needs the booking's lock and nothing of the
 * resource: confirming changes no inventory, and confirmations that took the resource's lock slowed the line tenfold.
 */
export async function confirmBooking(
  tx: Transaction,
  booking: Pick<LockedBooking, 'id' | 'status' | 'resourceId' | 'places'>,
  { paidBy, note, now }: { readonly paidBy: string | null; readonly note?: string | undefined; readonly now: Date },
): Promise<BookingRecord> {
  await tx.orm
    .update(bookings)
    .set({
      status: 'confirmed',
      confirmedAt: now,
      expiresAt: null,
      remindAt: null,
      cancelledAt: null,
      cancelReason: null,
      paidBy,
      paymentStatus: 'completed',
    })
    .where(eq(bookings.id, booking.id))
  await issueTickets(tx, booking)
  return bookingRecord(
    booking.id,
    'booking.confirmed',
    { status: booking.status },
    { status: 'confirmed', paymentStatus: 'completed', ...(note !== undefined && { note }) },
  )
}
