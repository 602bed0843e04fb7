import type { BookingRecord } from './queries/insert-records.ts'
import { newId } from '../runtime/new-id.ts'

type Facts = Readonly<Record<string, unknown>>

/** A change of the booking itself: `booking.confirmed`. */
export function bookingRecord(bookingId: string, action: string, before: Facts | null, after: Facts): BookingRecord {
  return { id: newId(), bookingId, action: `booking.${action}`, entity: 'booking', entityId: bookingId, before, after }
}

/** A change of what belongs to a booking: `payment.completed`. */
export function partRecord(
  bookingId: string,
  entity: 'payment' | 'refund' | 'ticket',
  entityId: string,
  action: string,
  before: Facts | null,
  after: Facts,
): BookingRecord {
  const facts = { [`${entity}Id`]: entityId, ...after }
  return { id: newId(), bookingId, action: `${entity}.${action}`, entity, entityId, before, after: facts }
}
