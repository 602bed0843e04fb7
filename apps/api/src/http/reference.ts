import { isReference } from '@boxoffice/core/domain/booking-reference.ts'
import { NotFoundError } from '@boxoffice/core/services/errors.ts'

/** A booking reference from a path, which people may have typed in lower case. What is none cannot exist. */
export function bookingReference(text: string): string {
  const reference = text.toUpperCase()
  if (!isReference(reference)) throw new NotFoundError('booking')
  return reference
}
