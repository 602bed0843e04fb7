import { askForSeats, linesOfSeats } from './asked-seats.ts'
import type { BookingRequest, Decision } from './booking-request.ts'
import { decidePrice } from './decide-price.ts'
import { refusedBy } from './refusals/rule.ts'
import { SEAT_RULES, SHOWTIME_RULES } from './refusals/showtime-rules.ts'
import type { ShowtimeSnapshot, Snapshot } from './snapshot.ts'

/**
 * Decides a request for seats by `SHOWTIME_RULES`, `SEAT_RULES` and those of `decidePrice`.
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
  const refused = refusedBy(SHOWTIME_RULES, { showtime, request })
  if (refused !== null) return refused

  const asked = askForSeats(showtime, labels)
  return refusedBy(SEAT_RULES, asked) ?? decidePrice(promoCodes, showtime, request, linesOfSeats(asked), nowMs)
}
