import type { BookingRequest } from '../booking-request.ts'
import { MAX_BOOKING_PLACES, placesOfWish } from '../places.ts'
import { type Rule, rule } from './rule.ts'
import type { ResourceSnapshot } from '../snapshot.ts'

/** A request out of the line, with its showtime or event. */
export interface AskedResource {
  readonly resource: ResourceSnapshot | undefined
  readonly request: Pick<BookingRequest, 'wishes'>
}

/** The rules of every request, before anything is looked up for it. */
export const REQUEST_RULES: readonly Rule<AskedResource>[] = [
  rule({
    code: 'resource_not_found',
    when: 'the showtime or event does not exist',
    fails: ({ resource }) => resource === undefined,
    detail: 'There is no such showtime or event.',
  }),
  rule({
    code: 'quantity_out_of_range',
    when: `it is for more than ${MAX_BOOKING_PLACES} places, even if the showtime or event allows more`,
    fails: ({ request }) => request.wishes.some((wish) => placesOfWish(wish) > MAX_BOOKING_PLACES),
    detail: `A booking takes at most ${MAX_BOOKING_PLACES} tickets.`,
  }),
]
