import type { BookingRequest, TicketQuantity } from './booking-request.ts'
import type { UndiscountedItem } from './money/pricing.ts'
import type { EventSnapshot, TicketTypeSnapshot } from './snapshot.ts'

/** A request for tickets, looked up in the event: what the rules for tickets ask about. */
export interface AskedTickets {
  readonly event: EventSnapshot
  readonly request: Pick<BookingRequest, 'acceptedAt' | 'customerKeys'>
  /** Each ticket type once, in the order in which the request first names it. */
  readonly wanted: readonly WantedTickets[]
  /** Ids that are no ticket type of the event. */
  readonly unknown: readonly string[]
}

export interface WantedTickets {
  readonly type: TicketTypeSnapshot
  /** Summed over the lines that name this type, so that limits hold for the sum; NaN once one is no positive integer. */
  readonly quantity: number
}

/** Looks the ticket types of a request up. */
export function askForTickets(
  event: EventSnapshot,
  request: AskedTickets['request'],
  tickets: readonly TicketQuantity[],
): AskedTickets {
  const wanted: WantedTickets[] = []
  const unknown: string[] = []
  for (const [id, quantity] of quantityByType(tickets)) {
    const type = event.ticketTypes.get(id)
    if (type === undefined) unknown.push(id)
    else wanted.push({ type, quantity })
  }
  return { event, request, wanted, unknown }
}

/** Returns the lines to price. */
export function linesOfTickets({ wanted }: AskedTickets): readonly UndiscountedItem[] {
  return wanted.map(({ type, quantity }) => ({
    seat: null,
    categoryId: null,
    ticketTypeId: type.id,
    quantity,
    unitPrice: type.price,
  }))
}

/** Sums quantities by ticket type, in the order of first mention. Most requests name one type, and need no Map. */
function quantityByType(tickets: readonly TicketQuantity[]): Iterable<readonly [string, number]> {
  if (tickets.length < 2) return tickets.map(({ ticketTypeId, quantity }) => [ticketTypeId, countable(quantity)])
  const sums = new Map<string, number>()
  for (const { ticketTypeId, quantity } of tickets) {
    sums.set(ticketTypeId, (sums.get(ticketTypeId) ?? 0) + countable(quantity))
  }
  return sums
}

/** Returns the quantity, or NaN: a negative one must not make room for another item. */
function countable(quantity: number): number {
  return Number.isSafeInteger(quantity) && quantity > 0 ? quantity : Number.NaN
}
