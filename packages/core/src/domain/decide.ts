import type { Booked, BookingRequest, Decision } from './booking-request.ts'
import { decideEvent } from './decide-event.ts'
import { decideShowtime } from './decide-showtime.ts'
import { promoCodeKey } from './promo-code.ts'
import { REQUEST_RULES } from './refusals/request-rules.ts'
import { refusedBy } from './refusals/rule.ts'
import type { EventSnapshot, PromoCodeSnapshot, ShowtimeSnapshot, Snapshot } from './snapshot.ts'

/**
 * Decides one request: booked with its price, or refused with the first rule that fails, in the order of
 * `RULES_IN_ORDER`. Pure, and changes nothing; `applyDecision` has to follow a booking before the next request of the
 * batch is decided.
 *
 * @param nowMs database clock, after the locks. Used for the hold's end only: everything a buyer could lose by waiting
 *   in line is judged at `request.acceptedAt`.
 * @throws RangeError when a price leaves the safe integers, which is a mistake in the catalogue.
 */
export function decide(snapshot: Snapshot, request: BookingRequest, nowMs: number): Decision {
  const resource = snapshot.resources.get(request.resourceId)
  const { selection } = request
  const refused = refusedBy(REQUEST_RULES, { resource, selection })
  if (refused !== null) return refused
  if (resource?.kind === 'showtime' && selection.kind === 'showtime') {
    return decideShowtime(snapshot.promoCodes, resource, request, selection.seats, nowMs)
  }
  if (resource?.kind === 'event' && selection.kind === 'event') {
    return decideEvent(snapshot.promoCodes, resource, request, selection.tickets, nowMs)
  }
  throw new Error(`the rules have let a request for no ${selection.kind} pass`)
}

/**
 * Advances the snapshot's counters past a booking, as reading it again after the write would.
 *
 * @param booked what `decide` answered for this request on this snapshot, in this state.
 * @throws Error when the booking does not belong to the snapshot, before anything is changed.
 */
export function applyDecision(snapshot: Snapshot, request: BookingRequest, booked: Booked): void {
  const resource = snapshot.resources.get(request.resourceId)
  if (resource === undefined) throw new Error(`no resource ${request.resourceId} in the snapshot`)
  const promo =
    booked.promoCodeId === null ? null : promoOf(snapshot, resource.organizerId, request, booked.promoCodeId)
  // The same key given twice is one customer, who holds these tickets once.
  const customerKeys = new Set(request.customerKeys)

  switch (resource.kind) {
    case 'showtime':
      allocateSeats(resource, booked)
      break
    case 'event':
      sellTickets(resource, booked, customerKeys)
      break
  }

  if (promo === null) return
  promo.redeemed += 1
  if (promo.maxPerCustomer !== null) {
    for (const key of customerKeys) addTo(promo.redeemedByCustomer, key, 1)
  }
}

function promoOf(
  snapshot: Snapshot,
  organizerId: string,
  request: BookingRequest,
  promoCodeId: string,
): PromoCodeSnapshot {
  const promo = snapshot.promoCodes.get(promoCodeKey(organizerId, request.promoCode ?? ''))
  if (promo?.id !== promoCodeId) throw new Error(`no promo code ${promoCodeId} in the snapshot`)
  return promo
}

function allocateSeats(showtime: ShowtimeSnapshot, booked: Booked): void {
  const labels = booked.items.map(({ seat }) => {
    if (seat === null || !showtime.seats.has(seat)) throw new Error(`no seat ${seat} in showtime ${showtime.id}`)
    if (showtime.allocated.has(seat)) throw new Error(`seat ${seat} of showtime ${showtime.id} is taken`)
    return seat
  })
  for (const label of labels) showtime.allocated.add(label)
}

function sellTickets(event: EventSnapshot, booked: Booked, customerKeys: ReadonlySet<string>): void {
  const sales = booked.items.map(({ ticketTypeId, quantity }) => {
    const type = ticketTypeId === null ? undefined : event.ticketTypes.get(ticketTypeId)
    if (type === undefined) throw new Error(`no ticket type ${ticketTypeId} in event ${event.id}`)
    if (type.sold + quantity > type.capacity) throw new Error(`ticket type ${type.id} would be oversold`)
    return { type, quantity }
  })
  for (const { type, quantity } of sales) {
    type.sold += quantity
    if (type.maxPerCustomer === null) continue
    for (const key of customerKeys) addTo(type.heldByCustomer, key, quantity)
  }
}

function addTo(counts: Map<string, number>, key: string, quantity: number): void {
  counts.set(key, (counts.get(key) ?? 0) + quantity)
}
