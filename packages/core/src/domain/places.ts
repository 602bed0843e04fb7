import type { TicketQuantity } from './booking-request.ts'

/**
 * The most places that any booking can have, whatever the settings say. A request with more is refused without being
 * priced: it alone would keep its line standing.
 */
export const MAX_BOOKING_PLACES = 10_000

/** The selection of a request, in any of the forms it has on its way. */
export interface WantedPlaces {
  readonly seats?: readonly string[] | undefined
  readonly tickets?: readonly TicketQuantity[] | undefined
}

/** Counts the places that are asked for: seats, or tickets of all types. */
export function placesOf({ seats, tickets }: WantedPlaces): number {
  return seats?.length ?? tickets?.reduce((sum, { quantity }) => sum + quantity, 0) ?? 0
}

/**
 * Counts how many requests, from the first one on, fit into `maxPlaces` together; at least one, for what fits into no
 * batch must be decided all the same. A request beyond `MAX_BOOKING_PLACES` counts as one place: refusing it is cheap.
 */
export function countWithin(places: readonly number[], maxPlaces: number): number {
  let sum = 0
  for (const [index, wanted] of places.entries()) {
    sum += wanted <= MAX_BOOKING_PLACES ? wanted : 1
    if (sum > maxPlaces) return Math.max(1, index)
  }
  return places.length
}
