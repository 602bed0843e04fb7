import { askForTickets, linesOfTickets } from './asked-tickets.ts'
import type { BookingRequest, Decision, TicketQuantity } from './booking-request.ts'
import { decidePrice } from './decide-price.ts'
import { EVENT_RULES, TICKET_RULES } from './refusals/event-rules.ts'
import { refusedBy } from './refusals/rule.ts'
import type { EventSnapshot, Snapshot } from './snapshot.ts'

/**
 * Decides a request for tickets by `EVENT_RULES`, `TICKET_RULES` and those of `decidePrice`.
 *
 * Lines that name the same ticket type count as one, and ticket types keep the order in which the request first names
 * them.
 *
 * @throws RangeError when a price leaves the safe integers.
 */
export function decideEvent(
  promoCodes: Snapshot['promoCodes'],
  event: EventSnapshot,
  request: BookingRequest,
  tickets: readonly TicketQuantity[],
  nowMs: number,
): Decision {
  const refused = refusedBy(EVENT_RULES, { event, request })
  if (refused !== null) return refused

  const asked = askForTickets(event, request, tickets)
  return refusedBy(TICKET_RULES, asked) ?? decidePrice(promoCodes, event, request, linesOfTickets(asked), nowMs)
}
