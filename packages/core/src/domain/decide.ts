import { askForPlaces, linesOfPlaces } from './asked-places.ts'
import { askForTickets, linesOfTickets } from './asked-tickets.ts'
import type { Booked, BookingRequest, Decision, Refused } from './booking-request.ts'
import { decidePrice, promoOf } from './decide-price.ts'
import { PLACE_RULES } from './refusals/place-rules.ts'
import type { Refusal } from './refusals/refusal.ts'
import { REQUEST_RULES } from './refusals/request-rules.ts'
import { RESOURCE_RULES } from './refusals/resource-rules.ts'
import { refusedBy } from './refusals/rule.ts'
import { TICKET_RULES } from './refusals/ticket-rules.ts'
import type { PromoCodeSnapshot, ResourceSnapshot, Snapshot } from './snapshot.ts'
import type { Wish } from './wish.ts'

/**
 * Decides one request: booked with its price, or refused with the first rule that fails, in the order of
 * `RULES_IN_ORDER`. Its wishes are tried one after the other on the same state, and the first that can be met is booked.
 * Pure, and changes nothing; `applyDecision` has to follow a booking before the next request of the batch is decided.
 *
 * Things named in a refusal are each named once, in the order of the request; so are the items of a booking.
 *
 * @param nowMs database clock, after the locks. Used for the hold's end only: everything a buyer could lose by waiting
 *   in line is judged at `request.acceptedAt`.
 * @throws RangeError when a price leaves the safe integers, which is a mistake in the catalogue.
 */
export function decide(snapshot: Snapshot, request: BookingRequest, nowMs: number): Decision {
  const resource = snapshot.resources.get(request.resourceId)
  const unread = refusedBy(REQUEST_RULES, { resource, request })
  if (unread !== null) return unread
  if (resource === undefined) throw new Error('the rules have let a request for nothing pass')
  const refused = refusedBy(RESOURCE_RULES, { resource, request })
  if (refused !== null) return refused

  const [only] = request.wishes
  if (only === undefined) throw new Error('a request has no wish')
  if (request.wishes.length === 1) return decideWish(snapshot, resource, request, only, nowMs)
  const refusals: Refusal[] = []
  for (const [index, wish] of request.wishes.entries()) {
    const decision = decideWish(snapshot, resource, request, wish, nowMs)
    if (decision.outcome === 'booked') return { ...decision, wish: index }
    refusals.push(decision.refusal)
  }
  return refusedWishes(refusals)
}

function decideWish(
  snapshot: Snapshot,
  resource: ResourceSnapshot,
  request: BookingRequest,
  wish: Wish,
  nowMs: number,
): Decision {
  const places = askForPlaces(resource, request, wish)
  const tickets = askForTickets(resource, request, wish.tickets, promoOf(snapshot.promoCodes, resource, request))
  const refused = refusedBy(PLACE_RULES, places) ?? refusedBy(TICKET_RULES, tickets)
  if (refused !== null) return refused
  const lines =
    wish.tickets.length === 0 ? linesOfPlaces(places) : [...linesOfPlaces(places), ...linesOfTickets(tickets)]
  return decidePrice(snapshot.promoCodes, resource, request, lines, nowMs)
}

function refusedWishes(refusals: readonly Refusal[]): Refused {
  const last = refusals.at(-1)
  if (last === undefined) throw new Error('no wish was refused')
  return { outcome: 'refused', refusal: { ...last, wishes: refusals } }
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
  const promo = booked.promoCodeId === null ? null : bookedPromo(snapshot, resource, request, booked.promoCodeId)
  // The same key given twice is one customer, who holds these tickets once.
  const customerKeys = new Set(request.customerKeys)

  const takeSeats = seatsToTake(resource, request, booked)
  const takePlaces = placesToTake(resource, request, booked)
  const sellTickets = ticketsToSell(resource, booked, customerKeys)
  takeSeats()
  takePlaces()
  sellTickets()

  if (promo === null) return
  promo.redeemed += 1
  promo.tickets += booked.promoTickets
  if (promo.maxPerCustomer !== null) {
    for (const key of customerKeys) addTo(promo.redeemedByCustomer, key, 1)
  }
}

function bookedPromo(
  { promoCodes }: Snapshot,
  resource: ResourceSnapshot,
  request: BookingRequest,
  promoCodeId: string,
): PromoCodeSnapshot {
  const promo = promoOf(promoCodes, resource, request)
  if (promo?.id !== promoCodeId) throw new Error(`no promo code ${promoCodeId} in the snapshot`)
  return promo
}

function seatsToTake(resource: ResourceSnapshot, { blockId }: BookingRequest, booked: Booked): () => void {
  const labels = booked.items.flatMap(({ seat }) => (seat === null ? [] : [seat]))
  for (const label of labels) {
    const isKept = blockId !== null && resource.blockOf.get(label) === blockId
    if (resource.allocated.has(label) && !isKept)
      throw new Error(`seat ${label} of ${resource.kind} ${resource.id} is taken`)
  }
  return () => {
    for (const label of labels) {
      resource.allocated.add(label)
      resource.blockOf.delete(label)
      resource.seating?.occupancy.take(label)
    }
  }
}

function placesToTake(resource: ResourceSnapshot, { blockId }: BookingRequest, booked: Booked): () => void {
  const block = blockId === null ? undefined : resource.blocks.get(blockId)
  const taken = booked.items.flatMap(({ area: label, quantity, kept }) => {
    if (label === null) return []
    const area = resource.areas.get(label)
    if (area === undefined) throw new Error(`no area ${label} in ${resource.kind} ${resource.id}`)
    return [{ area, quantity, kept }]
  })
  return () => {
    for (const { area, quantity, kept } of taken) {
      block?.areas.set(area.label, (block.areas.get(area.label) ?? 0) - kept)
      area.kept -= kept
      area.sold += quantity
    }
  }
}

function ticketsToSell(resource: ResourceSnapshot, booked: Booked, customerKeys: ReadonlySet<string>): () => void {
  const sales = booked.items.flatMap(({ ticketTypeId, quantity }) => {
    if (ticketTypeId === null) return []
    const type = resource.ticketTypes.get(ticketTypeId)
    if (type === undefined) throw new Error(`no ticket type ${ticketTypeId} in ${resource.kind} ${resource.id}`)
    if (type.sold + quantity > type.capacity) throw new Error(`ticket type ${type.id} would be oversold`)
    return [{ type, quantity }]
  })
  return () => {
    for (const { type, quantity } of sales) {
      type.sold += quantity
      if (type.maxPerCustomer === null) continue
      for (const key of customerKeys) addTo(type.heldByCustomer, key, quantity)
    }
  }
}

function addTo(counts: Map<string, number>, key: string, quantity: number): void {
  counts.set(key, (counts.get(key) ?? 0) + quantity)
}
