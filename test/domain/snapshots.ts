import type { BookingRequest } from '@boxoffice/core/domain/booking-request.ts'
import { wishesOf } from '@boxoffice/core/domain/wish.ts'
import { promoCodeKey } from '@boxoffice/core/domain/promo-code.ts'
import type { CategoryPrice } from '@boxoffice/core/domain/rate.ts'
import type {
  PromoCodeSnapshot,
  ResourceSnapshot,
  SeatSnapshot,
  Snapshot,
  TicketTypeSnapshot,
} from '@boxoffice/core/domain/snapshot.ts'

export const ORGANIZER = 'organizer-1'
export const ACCEPTED_AT = Date.UTC(2026, 5, 1, 12)
export const NOW = ACCEPTED_AT + 5_000
export const STARTS_AT = ACCEPTED_AT + 86_400_000

export function snapshotOf(
  resources: readonly ResourceSnapshot[],
  promos: readonly PromoCodeSnapshot[] = [],
): Snapshot {
  return {
    resources: new Map(resources.map((resource) => [resource.id, resource])),
    promoCodes: new Map(promos.map((promo) => [promoCodeKey(promo.organizerId, promo.code), promo])),
  }
}

export function seatMapOf(seats: readonly (SeatSnapshot & { label: string })[]): Map<string, SeatSnapshot> {
  return new Map(seats.map(({ label, ...seat }) => [label, seat]))
}

/** Returns what a showtime and an event have in common where nothing is said of it. */
function plainResource() {
  return {
    organizerId: ORGANIZER,
    startsAt: STARTS_AT,
    endsAt: STARTS_AT + 7_200_000,
    salesStartAt: null,
    salesEndAt: null,
    currency: 'EUR',
    feeBasisPoints: 300,
    holdTtlMs: 600_000,
    minimumTotal: 0,
    rates: [],
    maxSeatsPerBooking: 3,
    singleSeats: 'allow' as const,
    seats: new Map(),
    prices: new Map(),
    allocated: new Set<string>(),
    blockOf: new Map<string, string>(),
    areas: new Map(),
    seating: null,
    ticketTypes: new Map(),
    quotas: [],
    blocks: new Map(),
    changedAt: null,
    announcesRefusals: false,
  }
}

/** Returns the price of a category that has no rates. */
export const priceOf = (name: string, price: number): CategoryPrice => ({ name, price, rates: {} })

/** Returns a showtime with seats A1 to A4 at 10.00 and B1 at 15.00; A9 is disabled, C1 has no price. */
export function showtime(changes: Partial<ResourceSnapshot> = {}): ResourceSnapshot {
  return {
    ...plainResource(),
    kind: 'showtime',
    id: 'showtime-1',
    status: 'active',
    seats: seatMapOf([
      ...['A1', 'A2', 'A3', 'A4'].map((label) => ({ label, categoryId: 'stalls', disabled: false })),
      { label: 'A9', categoryId: 'stalls', disabled: true },
      { label: 'B1', categoryId: 'balcony', disabled: false },
      { label: 'C1', categoryId: 'unpriced', disabled: false },
    ]),
    prices: new Map([
      ['stalls', priceOf('Stalls', 1_000)],
      ['balcony', priceOf('Balcony', 1_500)],
    ]),
    ...changes,
  }
}

export function ticketType(changes: Partial<TicketTypeSnapshot> = {}): TicketTypeSnapshot {
  return {
    id: 'standard',
    name: 'Standard',
    price: 2_000,
    capacity: 10,
    sold: 0,
    active: true,
    hidden: false,
    saleStartsAt: null,
    saleEndsAt: null,
    minPerBooking: 1,
    maxPerBooking: 4,
    maxPerCustomer: null,
    heldByCustomer: new Map(),
    ...changes,
  }
}

export function event(types: readonly TicketTypeSnapshot[], changes: Partial<ResourceSnapshot> = {}): ResourceSnapshot {
  return {
    ...plainResource(),
    kind: 'event',
    id: 'event-1',
    status: 'published',
    ticketTypes: new Map(types.map((type) => [type.id, type])),
    ...changes,
  }
}

export function promoCode(changes: Partial<PromoCodeSnapshot> = {}): PromoCodeSnapshot {
  return {
    id: 'promo-1',
    organizerId: ORGANIZER,
    code: 'EARLY20',
    active: true,
    kind: 'percent',
    value: 2_000,
    currency: null,
    startsAt: null,
    endsAt: null,
    resourceIds: null,
    ticketTypeIds: null,
    categories: null,
    rates: null,
    opens: new Set(),
    maxTickets: null,
    maxTicketsPerBooking: null,
    tickets: 0,
    maxRedemptions: null,
    redeemed: 0,
    maxPerCustomer: null,
    redeemedByCustomer: new Map(),
    ...changes,
  }
}

export function seatRequest(seats: readonly string[], changes: Partial<BookingRequest> = {}): BookingRequest {
  return { ...request(), resourceId: 'showtime-1', wishes: wishesOf({ seats }), ...changes }
}

export function ticketRequest(
  tickets: readonly (readonly [ticketTypeId: string, quantity: number])[],
  changes: Partial<BookingRequest> = {},
): BookingRequest {
  return {
    ...request(),
    resourceId: 'event-1',
    wishes: wishesOf({ tickets: tickets.map(([ticketTypeId, quantity]) => ({ ticketTypeId, quantity })) }),
    ...changes,
  }
}

function request() {
  return {
    id: 'request-1',
    seq: 1,
    promoCode: null,
    expectedTotal: null,
    seller: 'public' as const,
    blockId: null,
    holdUntil: null,
    customerKeys: ['owner-1', 'email-1'],
    acceptedAt: ACCEPTED_AT,
  }
}
