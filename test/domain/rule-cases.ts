import type { BookingRequest } from '@boxoffice/core/domain/booking-request.ts'
import type {
  EventSnapshot,
  PromoCodeSnapshot,
  SeatSnapshot,
  ShowtimeSnapshot,
  Snapshot,
  TicketTypeSnapshot,
} from '@boxoffice/core/domain/snapshot.ts'
import {
  ACCEPTED_AT,
  event,
  promoCode,
  seatRequest,
  showtime,
  snapshotOf,
  ticketRequest,
  ticketType,
} from './snapshots.ts'

type Changes<T> = { -readonly [Key in keyof T]?: T[Key] }

/** A request that breaks no rule, until cases change it or what it asks for. */
export interface Scenario {
  readonly showtime: Changes<ShowtimeSnapshot>
  readonly event: Changes<EventSnapshot>
  readonly type: Changes<TicketTypeSnapshot>
  readonly promo: Changes<PromoCodeSnapshot>
  readonly request: Changes<BookingRequest>
  seats: string[]
  tickets: [ticketTypeId: string, quantity: number][]
}

/** A way to break one rule and no other. */
export interface RuleCase {
  /** The rule that the case breaks. */
  readonly when: string
  readonly violate: (scenario: Scenario) => void
  /** Set if the rule cannot be broken together with `asksForNothing`. */
  readonly needsTickets?: true
  readonly asksForNothing?: true
}

export type Kind = 'showtime' | 'event'

const OF_RESOURCE: RuleCase = {
  when: 'the showtime or event does not exist',
  violate: (s) => (s.request.resourceId = 'other'),
}
const TOO_MANY = 'it is for more than 10000 places, even if the showtime or event allows more'

const OF_PRICE: readonly RuleCase[] = [
  {
    when: 'the promo code does not exist, or is for another showtime or event, or for another currency',
    violate: (s) => (s.promo.resourceIds = new Set()),
  },
  { when: 'the promo code is switched off', violate: (s) => (s.promo.active = false) },
  {
    when: 'it was accepted before the promo code became valid',
    violate: (s) => (s.promo.startsAt = ACCEPTED_AT + 1),
  },
  {
    when: 'it was accepted at or after the expiry of the promo code',
    violate: (s) => (s.promo.endsAt = ACCEPTED_AT),
  },
  {
    when: 'the promo code has reached its limit of uses',
    violate: (s) => (s.promo.maxRedemptions = 0),
  },
  {
    when: 'the customer has reached the limit of uses per customer of the promo code',
    violate: (s) => (s.promo.maxPerCustomer = 0),
  },
  { when: 'the total differs from its `expectedTotal`, if it has one', violate: (s) => (s.request.expectedTotal = 1) },
]

/** The cases in the order of the rules. A rule may have several cases. */
export const CASES: Readonly<Record<Kind, readonly RuleCase[]>> = {
  showtime: [
    OF_RESOURCE,
    { when: TOO_MANY, violate: (s) => s.seats.push(...MANY) },
    { when: 'the showtime is not active', violate: (s) => (s.showtime.status = 'draft') },
    {
      when: 'the showtime had started when the request was accepted',
      violate: (s) => (s.showtime.startsAt = ACCEPTED_AT),
    },
    { when: 'a seat is not in the seat map', violate: (s) => s.seats.push('Z99') },
    { when: 'a seat is named more than once', violate: (s) => s.seats.push('A1') },
    { when: 'a seat is never sold, or its category has no price', violate: (s) => s.seats.push('A9') },
    { when: 'a seat is never sold, or its category has no price', violate: (s) => s.seats.push('C1') },
    { when: 'a seat is held or sold', violate: (s) => (s.showtime.allocated = new Set(['A1'])) },
    {
      when: 'it names no seat, or more seats than the showtime allows in one booking',
      violate: (s) => (s.showtime.maxSeatsPerBooking = 0),
    },
    ...OF_PRICE,
  ],
  event: [
    OF_RESOURCE,
    { when: TOO_MANY, violate: (s) => s.tickets.push(['standard', 10_000]), needsTickets: true },
    { when: 'the event is not published', violate: (s) => (s.event.status = 'draft') },
    { when: 'the event had started when the request was accepted', violate: (s) => (s.event.startsAt = ACCEPTED_AT) },
    {
      when: 'a ticket type does not belong to this event',
      violate: (s) => s.tickets.push(['other', 1]),
      needsTickets: true,
    },
    { when: 'a ticket type is not active', violate: (s) => (s.type.active = false), needsTickets: true },
    {
      when: 'it was accepted before the sale of a ticket type started',
      violate: (s) => (s.type.saleStartsAt = ACCEPTED_AT + 1),
      needsTickets: true,
    },
    {
      when: 'it was accepted at or after the end of the sale of a ticket type',
      violate: (s) => (s.type.saleEndsAt = ACCEPTED_AT),
      needsTickets: true,
    },
    { when: 'it has no tickets', violate: (s) => (s.tickets = []), asksForNothing: true },
    {
      when: 'a quantity is outside the minimum and maximum of its ticket type',
      violate: (s) => (s.type.maxPerBooking = 1),
      needsTickets: true,
    },
    {
      when: 'the customer would exceed the limit per customer of a ticket type',
      violate: (s) => (s.type.maxPerCustomer = 1),
      needsTickets: true,
    },
    {
      when: 'it is for more tickets of a type than are left',
      violate: (s) => (s.type.sold = 20_000),
      needsTickets: true,
    },
    ...OF_PRICE,
  ],
}

const MANY = Array.from({ length: 10_000 }, (_, index) => `S${index}`)

const SEATS: ReadonlyMap<string, SeatSnapshot> = new Map([
  ...showtime().seats,
  ...MANY.map((label) => [label, { categoryId: 'stalls', disabled: false }] as const),
])

/** Returns the request and the snapshot after these cases. */
export function broken(kind: Kind, cases: readonly RuleCase[]): { snapshot: Snapshot; request: BookingRequest } {
  const scenario: Scenario = {
    showtime: { maxSeatsPerBooking: 20_000, seats: SEATS },
    event: {},
    type: { maxPerBooking: 20_000, capacity: 20_000 },
    promo: {},
    request: { promoCode: 'early20' },
    seats: ['A1'],
    tickets: [['standard', 2]],
  }
  for (const { violate } of cases) violate(scenario)
  const { seats, tickets } = scenario
  const resources = [showtime(scenario.showtime), event([ticketType(scenario.type)], scenario.event)]
  return {
    snapshot: snapshotOf(resources, [promoCode(scenario.promo)]),
    request: kind === 'showtime' ? seatRequest(seats, scenario.request) : ticketRequest(tickets, scenario.request),
  }
}
