import type { BookingRequest } from './booking-request.ts'
import type { TicketQuantity } from './wish.ts'
import type { UndiscountedItem } from './money/pricing.ts'
import type { PromoCodeSnapshot, ResourceSnapshot, TicketTypeSnapshot } from './snapshot.ts'

/** A request for tickets, looked up: what the rules for tickets ask about. */
export interface AskedTickets {
  readonly resource: ResourceSnapshot
  readonly request: Pick<BookingRequest, 'acceptedAt' | 'customerKeys' | 'seller'>
  /** Promo code of the request, if the organizer has it: it may open hidden ticket types. */
  readonly promo: PromoCodeSnapshot | undefined
  /** Each ticket type once, in the order in which the request first names it. */
  readonly wanted: readonly WantedTickets[]
  /** Ids that are no ticket type of this event. */
  readonly unknown: readonly string[]
}

export interface WantedTickets {
  readonly type: TicketTypeSnapshot
  /** Summed over the lines that name this type, so that limits hold for the sum; NaN once one is no positive integer. */
  readonly quantity: number
}

/** Looks the ticket types of a request up. */
export function askForTickets(
  resource: ResourceSnapshot,
  request: AskedTickets['request'],
  tickets: readonly TicketQuantity[],
  promo: PromoCodeSnapshot | undefined,
): AskedTickets {
  const wanted: WantedTickets[] = []
  const unknown: string[] = []
  for (const [id, quantity] of quantityByType(tickets)) {
    const type = resource.ticketTypes.get(id)
    if (type === undefined) unknown.push(id)
    else wanted.push({ type, quantity })
  }
  return { resource, request, promo, wanted, unknown }
}

/** Returns the lines to price. */
export function linesOfTickets({ wanted }: AskedTickets): readonly UndiscountedItem[] {
  return wanted.map(({ type, quantity }) => ({
    seat: null,
    area: null,
    categoryId: null,
    ticketTypeId: type.id,
    rate: null,
    quantity,
    kept: 0,
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
