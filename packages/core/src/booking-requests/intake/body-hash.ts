import { hash } from 'node:crypto'
import type { Submission } from '../../domain/booking-request.ts'

/**
 * SHA-256, in hex, over what the client asked for: two requests under one idempotency key are the same where this is. Over a
 * list in a fixed order, so that the order of keys in its JSON does not count.
 */
export function bodyHashOf({ resourceId, kind, payload }: Pick<Submission, 'resourceId' | 'kind' | 'payload'>): string {
  const { seats, tickets, promoCode, expectedTotal, customer } = payload
  const quantities = tickets?.map(({ ticketTypeId, quantity }) => [ticketTypeId, quantity])
  const asked = [kind, resourceId, seats, quantities, promoCode, expectedTotal]
  return hash('sha256', JSON.stringify([...asked, customer.name, customer.email, customer.phone]), 'hex')
}
