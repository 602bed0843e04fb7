import type { BookingRequest, Decision } from './booking-request.ts'
import { decidePrice } from './decide-price.ts'
import type { UndiscountedItem } from './pricing.ts'
import { listed, refuse } from './refuse.ts'
import type { ShowtimeSnapshot, Snapshot } from './snapshot.ts'

/**
 * Decides a request for seats. The first rule that fails gives the refusal, and each is asked of all seats before the
 * next one:
 *
 * 1. `not_on_sale`: the showtime is not active
 * 2. `in_the_past`: it had started when the request was accepted
 * 3. `invalid_seat`: a label is not in the layout
 * 4. `duplicate_seat`: a label is repeated
 * 5. `seat_disabled`: a seat is never sold, or its category has no price
 * 6. `seat_unavailable`: a seat is taken
 * 7. `quantity_out_of_range`: no seat, or more than `maxSeatsPerBooking`
 * 8. `promo_invalid`, `promo_not_active`, `promo_exhausted`, `price_changed`: see `decidePrice`
 *
 * Seats named in a refusal are each named once, in the order of the request; so are the items of a booking.
 *
 * @throws RangeError when a price leaves the safe integers.
 */
export function decideShowtime(
  promoCodes: Snapshot['promoCodes'],
  showtime: ShowtimeSnapshot,
  request: BookingRequest,
  labels: readonly string[],
  nowMs: number,
): Decision {
  if (showtime.status !== 'active') return refuse({ code: 'not_on_sale', detail: 'This showtime is not on sale.' })
  if (request.acceptedAt >= showtime.startsAt) {
    return refuse({ code: 'in_the_past', detail: 'This showtime has already started.' })
  }

  const asked = [...new Set(labels)]

  const invalid = asked.filter((label) => !showtime.seats.has(label))
  if (invalid.length > 0) {
    return refuse({ code: 'invalid_seat', detail: `Not a seat of this showtime: ${listed(invalid)}.`, seats: invalid })
  }

  const repeated = repeatedOf(labels)
  if (repeated.length > 0) {
    return refuse({ code: 'duplicate_seat', detail: `Named more than once: ${listed(repeated)}.`, seats: repeated })
  }

  const items: UndiscountedItem[] = []
  const unsold: string[] = []
  for (const label of asked) {
    const item = itemFor(showtime, label)
    if (item === null) unsold.push(label)
    else items.push(item)
  }
  if (unsold.length > 0) return refuse({ code: 'seat_disabled', detail: whyUnsold(showtime, unsold), seats: unsold })

  const taken = asked.filter((label) => showtime.allocated.has(label))
  if (taken.length > 0) {
    return refuse({ code: 'seat_unavailable', detail: `Already taken: ${listed(taken)}.`, seats: taken })
  }

  if (asked.length === 0 || asked.length > showtime.maxSeatsPerBooking) {
    return refuse({
      code: 'quantity_out_of_range',
      detail: `A booking takes 1 to ${showtime.maxSeatsPerBooking} seats, this one ${asked.length}.`,
    })
  }

  return decidePrice(promoCodes, showtime, request, items, nowMs)
}

/** `null` when the seat is not for sale. */
function itemFor(showtime: ShowtimeSnapshot, label: string): UndiscountedItem | null {
  const seat = showtime.seats.get(label)
  if (seat === undefined || seat.disabled) return null
  const unitPrice = showtime.prices.get(seat.categoryId)
  if (unitPrice === undefined) return null
  return { seat: label, categoryId: seat.categoryId, ticketTypeId: null, quantity: 1, unitPrice }
}

/** A seat that is never sold is one thing; one that another showtime may well sell is told apart from it. */
function whyUnsold(showtime: ShowtimeSnapshot, labels: readonly string[]): string {
  const disabled = labels.filter((label) => showtime.seats.get(label)?.disabled === true)
  const unpriced = labels.filter((label) => !disabled.includes(label))
  return [
    ...(disabled.length > 0 ? [`Never for sale: ${listed(disabled)}.`] : []),
    ...(unpriced.length > 0 ? [`Not on sale at this showtime: ${listed(unpriced)}.`] : []),
  ].join(' ')
}

function repeatedOf(labels: readonly string[]): string[] {
  const seen = new Set<string>()
  const repeated = new Set<string>()
  for (const label of labels) {
    if (seen.has(label)) repeated.add(label)
    seen.add(label)
  }
  return [...repeated]
}
