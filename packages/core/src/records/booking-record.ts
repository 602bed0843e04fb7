import type { BookingEventType, FactsOf } from '../domain/outgoing-events/outgoing-events.ts'
import { newId } from '../runtime/new-id.ts'

type Before = Readonly<Record<string, unknown>> | null
type OwnType = Extract<BookingEventType, `booking.${string}`>
type PartType = Exclude<BookingEventType, OwnType>

/** Returns the record of a change of the booking itself. */
export function bookingRecord<T extends OwnType>(bookingId: string, type: T, before: Before, after: FactsOf<T>) {
  return { id: newId(), bookingId, type, entityId: bookingId, before, after }
}

/** Returns the record of a change of a payment, refund or ticket. */
export function partRecord<T extends PartType>(
  bookingId: string,
  entityId: string,
  type: T,
  before: Before,
  after: FactsOf<T>,
) {
  return { id: newId(), bookingId, type, entityId, before, after }
}
