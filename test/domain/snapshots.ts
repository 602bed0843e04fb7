import type { BookingRequest } from '@boxoffice/core/domain/booking-request.ts'
import { promoCodeKey } from '@boxoffice/core/domain/promo-code.ts'
import type {
  EventSnapshot,
  PromoCodeSnapshot,
  ResourceSnapshot,
  SeatSnapshot,
  ShowtimeSnapshot,
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

/** Returns a showtime with seats A1 to A4 at 10.00 and B1 at 15.00; A9 is disabled, C1 has no price. */
export function showtime(changes: Partial<ShowtimeSnapshot> = {}): ShowtimeSnapshot {
  return {
    kind: 'showtime',
    id: 'showtime-1',
    organizerId: ORGANIZER,
    status: 'active',
    startsAt: STARTS_AT,
    currency: 'EUR',
    feeBasisPoints: 300,
    holdTtlMs: 600_000,
    maxSeatsPerBooking: 3,
    seats: seatMapOf([
      ...['A1', 'A2', 'A3', 'A4'].map((label) => ({ label, categoryId: 'stalls', disabled: false })),
      { label: 'A9', categoryId: 'stalls', disabled: true },
      { label: 'B1', categoryId: 'balcony', disabled: false },
      { label: 'C1', categoryId: 'unpriced', disabled: false },
    ]),
    prices: new Map([
      ['stalls', 1_000],
      ['balcony', 1_500],
    ]),
    allocated: new Set(),
    changedAt: null,
    announcesRefusals: false,
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
    saleStartsAt: null,
    saleEndsAt: null,
    minPerBooking: 1,
    maxPerBooking: 4,
    maxPerCustomer: null,
    heldByCustomer: new Map(),
    ...changes,
  }
}

export function event(types: readonly TicketTypeSnapshot[], changes: Partial<EventSnapshot> = {}): EventSnapshot {
  return {
    kind: 'event',
    id: 'event-1',
    organizerId: ORGANIZER,
    status: 'published',
    startsAt: STARTS_AT,
    currency: 'EUR',
    feeBasisPoints: 300,
    holdTtlMs: 600_000,
    ticketTypes: new Map(types.map((type) => [type.id, type])),
    changedAt: null,
    announcesRefusals: false,
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
    maxRedemptions: null,
    redeemed: 0,
    maxPerCustomer: null,
    redeemedByCustomer: new Map(),
    ...changes,
  }
}

export function seatRequest(seats: readonly string[], changes: Partial<BookingRequest> = {}): BookingRequest {
  return { ...request(), resourceId: 'showtime-1', selection: { kind: 'showtime', seats }, ...changes }
}

export function ticketRequest(
  tickets: readonly (readonly [ticketTypeId: string, quantity: number])[],
  changes: Partial<BookingRequest> = {},
): BookingRequest {
  return {
    ...request(),
    resourceId: 'event-1',
    selection: { kind: 'event', tickets: tickets.map(([ticketTypeId, quantity]) => ({ ticketTypeId, quantity })) },
    ...changes,
  }
}

function request() {
  return {
    id: 'request-1',
    seq: 1,
    promoCode: null,
    expectedTotal: null,
    customerKeys: ['owner-1', 'email-1'],
    acceptedAt: ACCEPTED_AT,
  }
}
