import { placesOfWish, type WantedPlaces } from '@boxoffice/core/domain/places.ts'
import type { SentWish } from '@boxoffice/core/domain/wish.ts'
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
  const { wishes, ...own } = wanted
  const errors = (wishes ?? [own]).flatMap((wish, index) => {
    const places = placesOfWish(wish)
    const pointer = `${wishes === undefined ? '' : `/wishes/${index}`}/${listOf(wish)}`
    return places > limit ? [{ pointer, detail: `A booking takes at most ${limit} tickets, not ${places}` }] : []
  })
  const [first] = errors
  if (first !== undefined) throw new Problem('invalid_request', { detail: `${first.detail}.`, errors })
}

function listOf({ seats, areas, best }: SentWish): keyof SentWish {
  if (best !== undefined) return 'best'
  if (seats !== undefined) return 'seats'
  return areas === undefined ? 'tickets' : 'areas'
}
