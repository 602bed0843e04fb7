import type { SentWish, Wish } from './wish.ts'

/**
 * The most places that any booking can have, whatever the settings say. A request with more is refused without being
 * priced: it alone would keep its line standing.
 */
export const MAX_BOOKING_PLACES = 10_000

/** The wishes of a request, in any of the forms they have on their way. */
export interface WantedPlaces extends SentWish {
  readonly wishes?: readonly SentWish[] | undefined
}

/** Counts the places that a request may get: seats, places of areas and tickets; of several wishes those of the largest. */
export function placesOf({ wishes, ...own }: WantedPlaces): number {
  return wishes === undefined ? placesOfWish(own) : Math.max(0, ...wishes.map(placesOfWish))
}

/** Counts the places of one wish. */
export function placesOfWish({ seats, areas, tickets, best }: SentWish | Wish): number {
  return (seats?.length ?? 0) + sumOf(areas) + sumOf(tickets) + (best?.quantity ?? 0)
}

function sumOf(parts: readonly { readonly quantity: number }[] | undefined): number {
  return parts?.reduce((sum, { quantity }) => sum + quantity, 0) ?? 0
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
