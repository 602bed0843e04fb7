import type { Selection } from '../booking-request.ts'
import { MAX_BOOKING_PLACES, placesOf } from '../places.ts'
import { type Rule, rule } from './rule.ts'
import type { ResourceSnapshot } from '../snapshot.ts'

/** A request out of the line, with its showtime or event. */
export interface AskedResource {
  readonly resource: ResourceSnapshot | undefined
  readonly selection: Selection
}

/** The rules of every request, before anything is looked up for it. */
export const REQUEST_RULES: readonly Rule<AskedResource>[] = [
  rule({
    code: 'resource_not_found',
    when: 'the showtime or event does not exist',
    fails: ({ resource, selection }) => resource?.kind !== selection.kind,
    detail: (_, { selection }) => `There is no such ${selection.kind}.`,
  }),
  rule({
    code: 'quantity_out_of_range',
    when: `it is for more than ${MAX_BOOKING_PLACES} places, even if the showtime or event allows more`,
    fails: ({ selection }) => placesOf(selection) > MAX_BOOKING_PLACES,
    detail: `A booking takes at most ${MAX_BOOKING_PLACES} tickets.`,
  }),
]
