import type { BookingRequest, Decision, Refused, TicketQuantity } from './booking-request.ts'
import { decidePrice } from './decide-price.ts'
import type { RefusalCode } from './refusal.ts'
import { listed, refuse } from './refuse.ts'
import type { EventSnapshot, Snapshot, TicketTypeSnapshot } from './snapshot.ts'

interface Wanted {
  readonly type: TicketTypeSnapshot
  /** Summed over the items that name this type; NaN once one of them is not a positive integer. */
  readonly quantity: number
}

/**
 * Decides a request for tickets. Items that name the same ticket type count as one, so that limits hold for their sum.
 * The first rule that fails gives the refusal, and each is asked of all ticket types before the next one:
 *
 * 1. `not_on_sale`: the event is not published
 * 2. `in_the_past`: it had started when the request was accepted
 * 3. `unknown_ticket_type`: a ticket type is not this event's
 * 4. `not_on_sale`: a ticket type is not active
 * 5. `sale_not_started`, 6. `sale_ended`: outside the sale window [start, end) when the request was accepted
 * 7. `quantity_out_of_range`: no tickets, or not within the minimum and maximum per booking
 * 8. `customer_limit_reached`: with what any of the customer keys holds, more than the maximum per customer
 * 9. `tickets_unavailable`: more than are left; says how many are
 * 10. `promo_invalid`, `promo_not_active`, `promo_exhausted`, `price_changed`: see `decidePrice`
 *
 * Ticket types keep the order in which the request first names them.
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
  const { acceptedAt, customerKeys } = request
  if (event.status !== 'published') return refuse({ code: 'not_on_sale', detail: 'This event is not on sale.' })
  if (acceptedAt >= event.startsAt) return refuse({ code: 'in_the_past', detail: 'This event has already started.' })

  const wanted: Wanted[] = []
  const unknown: string[] = []
  for (const [id, quantity] of quantityByType(tickets)) {
    const type = event.ticketTypes.get(id)
    if (type === undefined) unknown.push(id)
    else wanted.push({ type, quantity })
  }
  if (unknown.length > 0) {
    return refuse({
      code: 'unknown_ticket_type',
      detail: `Not a ticket type of this event: ${listed(unknown)}.`,
      ticketTypes: unknown.map((id) => ({ id })),
    })
  }

  const inactive = wanted.filter(({ type }) => !type.active)
  if (inactive.length > 0) return refuseTypes('not_on_sale', 'Not on sale', inactive)

  const early = wanted.filter(({ type }) => type.saleStartsAt !== null && acceptedAt < type.saleStartsAt)
  if (early.length > 0) return refuseTypes('sale_not_started', 'Not on sale yet', early)

  const late = wanted.filter(({ type }) => type.saleEndsAt !== null && acceptedAt >= type.saleEndsAt)
  if (late.length > 0) return refuseTypes('sale_ended', 'No longer on sale', late)

  if (wanted.length === 0)
    return refuse({ code: 'quantity_out_of_range', detail: 'A booking takes at least 1 ticket.' })
  const outOfRange = wanted.filter(
    // Put this way round, NaN is out of range.
    ({ type, quantity }) => !(quantity >= type.minPerBooking && quantity <= type.maxPerBooking),
  )
  if (outOfRange.length > 0) {
    const limits = outOfRange.map(({ type }) => `${type.name} (${type.minPerBooking} to ${type.maxPerBooking})`)
    return refuse({
      code: 'quantity_out_of_range',
      detail: `Outside the limits per booking: ${listed(limits)}.`,
      ticketTypes: outOfRange.map(({ type }) => ({ id: type.id })),
    })
  }

  const overLimit = wanted.filter(
    ({ type, quantity }) =>
      type.maxPerCustomer !== null && mostHeld(type, customerKeys) + quantity > type.maxPerCustomer,
  )
  if (overLimit.length > 0) {
    // The limit, but not what is held: that may be another account's, by the same e-mail address.
    const limits = overLimit.map(({ type }) => `${type.name} (at most ${type.maxPerCustomer} per customer)`)
    return refuse({
      code: 'customer_limit_reached',
      detail: `More than one customer may have: ${listed(limits)}.`,
      ticketTypes: overLimit.map(({ type }) => ({ id: type.id })),
    })
  }

  const short = wanted.filter(({ type, quantity }) => quantity > availableOf(type))
  if (short.length > 0) {
    return refuse({
      code: 'tickets_unavailable',
      detail: `Not enough left: ${listed(short.map(({ type }) => `${type.name} (${availableOf(type)} left)`))}.`,
      ticketTypes: short.map(({ type }) => ({ id: type.id, available: availableOf(type) })),
    })
  }

  const items = wanted.map(({ type, quantity }) => ({
    seat: null,
    categoryId: null,
    ticketTypeId: type.id,
    quantity,
    unitPrice: type.price,
  }))
  return decidePrice(promoCodes, event, request, items, nowMs)
}

function refuseTypes(code: RefusalCode, reason: string, wanted: readonly Wanted[]): Refused {
  return refuse({
    code,
    detail: `${reason}: ${listed(wanted.map(({ type }) => type.name))}.`,
    ticketTypes: wanted.map(({ type }) => ({ id: type.id })),
  })
}

/** A Map keeps the order of first mention. A negative item must not make room for another one, hence the NaN. */
function quantityByType(tickets: readonly TicketQuantity[]): Map<string, number> {
  const sums = new Map<string, number>()
  for (const { ticketTypeId, quantity } of tickets) {
    const counted = Number.isSafeInteger(quantity) && quantity > 0 ? quantity : Number.NaN
    sums.set(ticketTypeId, (sums.get(ticketTypeId) ?? 0) + counted)
  }
  return sums
}

function mostHeld(type: TicketTypeSnapshot, customerKeys: readonly string[]): number {
  return Math.max(0, ...customerKeys.map((key) => type.heldByCustomer.get(key) ?? 0))
}

/** Never below 0, also where a capacity was lowered below what is sold. */
function availableOf(type: TicketTypeSnapshot): number {
  return Math.max(0, type.capacity - type.sold)
}
