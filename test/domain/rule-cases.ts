import type { BookingRequest } from '@boxoffice/core/domain/booking-request.ts'
import { buildHouse } from '@boxoffice/core/domain/house/house.ts'
import { Occupancy } from '@boxoffice/core/domain/house/occupancy.ts'
import { wishOf } from '@boxoffice/core/domain/wish.ts'
import type {
  PromoCodeSnapshot,
  ResourceSnapshot,
  SeatSnapshot,
  Snapshot,
  TicketTypeSnapshot,
} from '@boxoffice/core/domain/snapshot.ts'
import { ACCEPTED_AT, event, priceOf, promoCode, showtime, snapshotOf, ticketRequest, ticketType } from './snapshots.ts'

type Changes<T> = { -readonly [Key in keyof T]?: T[Key] }

/** A request that breaks no rule, until cases change it or what it asks for. */
export interface Scenario {
  readonly resource: Changes<ResourceSnapshot>
  readonly type: Changes<TicketTypeSnapshot>
  readonly promo: Changes<PromoCodeSnapshot>
  readonly request: Changes<BookingRequest>
  seats: (string | { seat: string; rate: string })[]
  areas: { area: string; quantity: number; rate?: string }[]
  tickets: [ticketTypeId: string, quantity: number][]
  best: number | null
}

/** A way to break one rule and no other. */
export interface RuleCase {
  /** The rule that the case breaks. */
  readonly when: string
  readonly violate: (scenario: Scenario) => void
  /** Sort of places that the request must ask for. `nothing` goes with no other, and `best` not with `seats`. */
  readonly asks?: 'seats' | 'areas' | 'tickets' | 'best' | 'nothing'
  /** Name of a group of cases of which only one can be. */
  readonly group?: string
}

const NO_SUCH_RATE = { seat: 'A1', rate: 'pensioner' }

/** The cases in the order of the rules. A rule may have several cases. */
export const CASES: readonly RuleCase[] = [
  { when: 'the showtime or event does not exist', violate: (s) => (s.request.resourceId = 'other') },
  {
    when: 'it is for more than 10000 places, even if the showtime or event allows more',
    violate: (s) => s.seats.push(...MANY),
    asks: 'seats',
    group: 'size',
  },
  {
    when: 'the showtime is not active, or the event not published',
    violate: (s) => (s.resource.status = 'draft'),
  },
  {
    when: 'the showtime or event was over when the request was accepted',
    violate: (s) => (s.resource.endsAt = ACCEPTED_AT),
    group: 'sale',
  },
  {
    when: 'it was accepted before the sale of the showtime or event started',
    violate: (s) => (s.resource.salesStartAt = ACCEPTED_AT + 1),
    group: 'sale',
  },
  {
    when: 'it was accepted at or after the end of the sale of the showtime or event',
    violate: (s) => (s.resource.salesEndAt = ACCEPTED_AT),
    group: 'sale',
  },
  {
    when: 'it names a block of kept places that does not exist here or was given back',
    violate: (s) => (s.request.blockId = 'block-2'),
  },
  { when: 'a seat is not in the seat map', violate: (s) => s.seats.push('Z99'), asks: 'seats' },
  {
    when: 'an area is not in the seat map',
    violate: (s) => s.areas.push({ area: 'Roof', quantity: 1 }),
    asks: 'areas',
  },
  { when: 'a seat is named more than once', violate: (s) => s.seats.push('A1'), asks: 'seats' },
  { when: 'a seat is never sold, or its category has no price', violate: (s) => s.seats.push('A9'), asks: 'seats' },
  { when: 'a seat is never sold, or its category has no price', violate: (s) => s.seats.push('C1'), asks: 'seats' },
  {
    when: "an area's category has no price",
    violate: (s) => s.areas.push({ area: 'Pit', quantity: 1 }),
    asks: 'areas',
  },
  {
    when: 'a rate is none of the showtime or event',
    violate: (s) => s.areas.push({ area: 'Floor', quantity: 1, rate: NO_SUCH_RATE.rate }),
    asks: 'areas',
  },
  {
    when: 'a rate is not sold in the category of its place',
    violate: (s) => s.areas.push({ area: 'Floor', quantity: 1, rate: 'member' }),
    asks: 'areas',
  },
  {
    when: 'it names no place, more places than one booking may have, or a quantity that is no positive integer',
    violate: (s) => (s.resource.maxSeatsPerBooking = 0),
    group: 'size',
  },
  {
    when: 'it names no place, more places than one booking may have, or a quantity that is no positive integer',
    violate: (s) => {
      Object.assign(s, { seats: [], areas: [], tickets: [] })
      s.request.promoCode = null
    },
    asks: 'nothing',
    group: 'size',
  },
  {
    when: 'it names no place, more places than one booking may have, or a quantity that is no positive integer',
    violate: (s) => s.areas.push({ area: 'Floor', quantity: 0.5 }),
    asks: 'areas',
    group: 'size',
  },
  {
    when: 'it has more places of a rate than the rate allows, or lacks a place of the rate that another needs',
    violate: (s) => s.areas.push({ area: 'Floor', quantity: 1, rate: 'pupil' }),
    asks: 'areas',
    group: 'size',
  },
  {
    when: 'it has more places of a rate than the rate allows, or lacks a place of the rate that another needs',
    violate: (s) => s.areas.push({ area: 'Floor', quantity: 3, rate: 'child' }),
    asks: 'areas',
    group: 'size',
  },
  {
    when: 'fewer seats are free than the best ones that it asks for',
    violate: (s) => (s.best = 5),
    asks: 'best',
    group: 'size',
  },
  { when: 'a seat is held or sold', violate: (s) => (s.resource.allocated = new Set(['A1'])), asks: 'seats' },
  {
    when: 'it is for more places of an area than are left',
    violate: (s) => (s.resource.areas = areasOf({ sold: 20_000, kept: 1 })),
    asks: 'areas',
    group: 'size',
  },
  {
    when: 'it would leave one free seat between taken ones, where single seats are refused and other choices would leave none',
    violate: (s) => Object.assign(s.resource, { singleSeats: 'refuse', seating: seatingWithout(['A3']) }),
    asks: 'seats',
    group: 'size',
  },
  {
    when: 'a ticket type does not belong to this event',
    violate: (s) => s.tickets.push(['other', 1]),
    asks: 'tickets',
  },
  { when: 'a ticket type is not active', violate: (s) => (s.type.active = false), asks: 'tickets' },
  {
    when: 'a ticket type is hidden, and its promo code does not open it',
    violate: (s) => (s.type.hidden = true),
    asks: 'tickets',
  },
  {
    when: 'it was accepted before the sale of a ticket type started',
    violate: (s) => (s.type.saleStartsAt = ACCEPTED_AT + 1),
    asks: 'tickets',
  },
  {
    when: 'it was accepted at or after the end of the sale of a ticket type',
    violate: (s) => (s.type.saleEndsAt = ACCEPTED_AT),
    asks: 'tickets',
  },
  {
    when: 'a quantity is outside the minimum and maximum of its ticket type',
    violate: (s) => (s.type.maxPerBooking = 1),
    asks: 'tickets',
  },
  {
    when: 'the customer would exceed the limit per customer of a ticket type',
    violate: (s) => (s.type.maxPerCustomer = 1),
    asks: 'tickets',
  },
  {
    when: 'it is for more tickets of a type than are left',
    violate: (s) => (s.type.sold = 20_000),
    asks: 'tickets',
  },
  {
    when: 'it is for more tickets than are left of a quota that ticket types share',
    violate: (s) => (s.resource.quotas = [{ name: 'Both days', capacity: 1, ticketTypeIds: ['standard'] }]),
    asks: 'tickets',
  },
  {
    when: 'the promo code does not exist, or is for another showtime or event, for another currency, or for other places',
    violate: (s) => (s.promo.resourceIds = new Set()),
    asks: 'tickets',
  },
  {
    when: 'the promo code is switched off',
    violate: (s) => (s.promo.active = false),
    asks: 'tickets',
  },
  {
    when: 'it was accepted before the promo code became valid',
    violate: (s) => (s.promo.startsAt = ACCEPTED_AT + 1),
    asks: 'tickets',
  },
  {
    when: 'it was accepted at or after the expiry of the promo code',
    violate: (s) => (s.promo.endsAt = ACCEPTED_AT),
    asks: 'tickets',
  },
  {
    when: 'the promo code has reached its limit of uses',
    violate: (s) => (s.promo.maxRedemptions = 0),
    asks: 'tickets',
  },
  {
    when: 'the customer has reached the limit of uses per customer of the promo code',
    violate: (s) => (s.promo.maxPerCustomer = 0),
    asks: 'tickets',
  },
  {
    when: 'it is for more places than the promo code is good for, in one booking or in all',
    violate: (s) => (s.promo.maxTicketsPerBooking = 1),
    asks: 'tickets',
  },
  {
    when: 'the total is above nothing, and below the least that the payment provider takes',
    violate: (s) => (s.resource.minimumTotal = 1_000_000_000),
    asks: 'areas',
    group: 'size',
  },
  { when: 'the total differs from its `expectedTotal`, if it has one', violate: (s) => (s.request.expectedTotal = 1) },
]

const MANY = Array.from({ length: 10_000 }, (_, index) => `S${index}`)

const LABELS = ['A1', 'A2', 'A3', 'A4', 'B1', 'B2', 'B3']

const SEATS: ReadonlyMap<string, SeatSnapshot> = new Map([
  ...[...LABELS, ...MANY].map((label) => [label, { categoryId: 'stalls', disabled: false }] as const),
  ['A9', { categoryId: 'stalls', disabled: true }],
  ['C1', { categoryId: 'unpriced', disabled: false }],
])

const HOUSE = buildHouse(
  LABELS.map((label) => {
    const [row = '', number = ''] = label
    return {
      label,
      section: null,
      row,
      x: Number(number),
      y: row === 'A' ? 0 : 1,
      categoryId: 'stalls',
      disabled: false,
    }
  }),
  null,
)

const seatingWithout = (taken: readonly string[]) => ({ house: HOUSE, occupancy: new Occupancy(HOUSE, taken) })

const areasOf = (counts: { readonly sold: number; readonly kept: number }) =>
  new Map([
    ['Floor', { label: 'Floor', categoryId: 'stalls', capacity: 20_000, ...counts }],
    ['Pit', { label: 'Pit', categoryId: 'unpriced', capacity: 20_000, ...counts }],
  ])

/** Returns the request and the snapshot after these cases. */
export function broken(cases: readonly RuleCase[]): { snapshot: Snapshot; request: BookingRequest } {
  const scenario: Scenario = {
    resource: {
      maxSeatsPerBooking: 20_000,
      seats: SEATS,
      prices: new Map([['stalls', { ...priceOf('Stalls', 1_000), rates: { child: 800, member: null } }]]),
      rates: [
        { code: 'adult', name: 'Adult' },
        { code: 'child', name: 'Child', maxPerBooking: 2 },
        { code: 'pupil', name: 'Pupil', needs: 'teacher' },
        { code: 'teacher', name: 'Teacher' },
        { code: 'member', name: 'Member' },
      ],
      areas: areasOf({ sold: 0, kept: 0 }),
      seating: seatingWithout([]),
    },
    type: { maxPerBooking: 20_000, capacity: 20_000 },
    promo: {},
    request: { promoCode: 'early20' },
    seats: ['A1'],
    areas: [{ area: 'Floor', quantity: 2 }],
    tickets: [['standard', 2]],
    best: null,
  }
  for (const { violate } of cases) violate(scenario)
  const { seats, areas, tickets, best } = scenario
  const resource = event([ticketType(scenario.type)], scenario.resource)
  const wish = wishOf({
    ...(best === null ? { seats, areas } : { best: { quantity: best } }),
    tickets: tickets.map(([ticketTypeId, quantity]) => ({ ticketTypeId, quantity })),
  })
  return {
    snapshot: snapshotOf([showtime(), resource], [promoCode(scenario.promo)]),
    request: { ...ticketRequest([]), wishes: [wish], ...scenario.request },
  }
}
