import { bookingRecord } from '../records/booking-record.ts'
import type { BookingRecord } from '../records/queries/insert-records.ts'

/** Returns the record of a confirmed booking whose show is over. `note` is what staff wrote who closed it by hand. */
export function closingRecord(bookingId: string, status: 'completed' | 'no_show', note?: string): BookingRecord {
  const before = { status: 'confirmed' }
  const noted = note !== undefined && { note }
  return status === 'completed'
    ? bookingRecord(bookingId, 'booking.completed', before, { status, ...noted })
    : bookingRecord(bookingId, 'booking.no_show', before, { status, ...noted })
}
