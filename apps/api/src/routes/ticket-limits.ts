import { placesOf, type WantedPlaces } from '@boxoffice/core/domain/places.ts'
import { Problem } from '@boxoffice/core/use-case/problem.ts'

/** The most tickets and seats that one booking may have. */
export interface TicketLimits {
  /** Limit of a customer. */
  readonly perBooking: number
  /** Limit of those who sell to others: an organizer's people and API keys. */
  readonly perSellerBooking: number
}

/** Throws a `Problem` where a booking would have more tickets than the caller's bookings may have. */
export function requireFewTickets(limits: TicketLimits, sells: boolean, wanted: WantedPlaces): void {
  const limit = sells ? limits.perSellerBooking : limits.perBooking
  const places = placesOf(wanted)
  if (places <= limit) return
  const detail = `A booking takes at most ${limit} tickets, not ${places}`
  const pointer = wanted.seats === undefined ? '/tickets' : '/seats'
  throw new Problem('invalid_request', { detail: `${detail}.`, errors: [{ pointer, detail }] })
}
