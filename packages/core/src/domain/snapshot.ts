import type { Minor } from './money/money.ts'
import type { House } from './house/house.ts'
import type { Occupancy } from './house/occupancy.ts'
import type { Quota } from './quota.ts'
import type { CategoryPrice, Rate } from './rate.ts'
import type { SaleTimes } from './sale-window.ts'

/**
 * Input of decisions: everything that the requests of one batch refer to, read once under the lines' locks. Decisions
 * are pure functions of it; `applyDecision` advances its counters from one request to the next. Times are milliseconds
 * since the epoch, amounts integer minor units.
 */
export interface Snapshot {
  readonly resources: ReadonlyMap<string, ResourceSnapshot>
  /** Promo codes by `promoCodeKey(organizerId, code)`. */
  readonly promoCodes: ReadonlyMap<string, PromoCodeSnapshot>
}

/** A showtime or an event. What it does not sell is empty: seats and areas of an event without a house, tickets of a showtime. */
export interface ResourceSnapshot extends SaleTimes {
  readonly id: string
  readonly organizerId: string
  readonly status: 'draft' | 'active' | 'published' | 'cancelled'
  readonly currency: string
  readonly feeBasisPoints: number
  readonly holdTtlMs: number
  /** Smallest total that the public can pay, above nothing; 0 is any. */
  readonly minimumTotal: Minor
  /** The first is the default; empty where there is one price only. */
  readonly rates: readonly Rate[]
  readonly maxSeatsPerBooking: number
  /** `refuse`: a booking must not leave one free seat between taken ones, unless nothing else is left. */
  readonly singleSeats: 'allow' | 'refuse'
  /** Seats of the layout that this resource uses, at least those that the batch asks for. */
  readonly seats: SeatsByLabel
  /** Prices by seat category; a category without one is not for sale. */
  readonly prices: ReadonlyMap<string, CategoryPrice>
  /** Labels allocated to a live booking or a block. Advanced by `applyDecision`. */
  readonly allocated: Set<string>
  /** Blocks of those that one keeps, by label. Advanced by `applyDecision`. */
  readonly blockOf: Map<string, string>
  /** All areas, by label. */
  readonly areas: ReadonlyMap<string, AreaSnapshot>
  /** All of the house and who sits where; `null` where no request of the batch asks about neighbours. */
  readonly seating: Seating | null
  readonly ticketTypes: ReadonlyMap<string, TicketTypeSnapshot>
  readonly quotas: readonly Quota[]
  /** Blocks of this resource that the batch names, by id. */
  readonly blocks: Map<string, BlockSnapshot>
  /** Last time that places were taken or given back; `null` if never. */
  readonly changedAt: number | null
  /** An active webhook endpoint asks for refusals by name. */
  readonly announcesRefusals: boolean
}

/** Seats by label. */
export type SeatsByLabel = Pick<ReadonlyMap<string, SeatSnapshot>, 'get'>

/** Facts about a seat. Seats that are alike may share one object: halls have up to 200,000. */
export interface SeatSnapshot {
  readonly categoryId: string
  readonly disabled: boolean
}

/** Counted places of a house. */
export interface AreaSnapshot {
  readonly label: string
  readonly categoryId: string
  readonly capacity: number
  /** Held and sold together. Advanced by `applyDecision`. */
  sold: number
  /** Kept by blocks. Advanced by `applyDecision`. */
  kept: number
}

/** A house with its occupancy, which `applyDecision` advances. */
export interface Seating {
  readonly house: House
  readonly occupancy: Occupancy
}

export interface BlockSnapshot {
  readonly id: string
  /** Places that it keeps, by area. Advanced by `applyDecision`. */
  readonly areas: Map<string, number>
}

export interface TicketTypeSnapshot {
  readonly id: string
  readonly name: string
  readonly price: Minor
  readonly capacity: number
  /** Held and sold together. Advanced by `applyDecision`. */
  sold: number
  readonly active: boolean
  /** Sold only with a promo code that opens it, and by the organizer's people. */
  readonly hidden: boolean
  readonly saleStartsAt: number | null
  readonly saleEndsAt: number | null
  readonly minPerBooking: number
  readonly maxPerBooking: number
  readonly maxPerCustomer: number | null
  /** Live quantity by customer key; only read where `maxPerCustomer` is set. Advanced by `applyDecision`. */
  readonly heldByCustomer: Map<string, number>
}

export interface PromoCodeSnapshot {
  readonly id: string
  readonly organizerId: string
  readonly code: string
  readonly active: boolean
  /** `percent`: `value` is basis points (2000 = 20 %; 0 only opens hidden ticket types). `fixed`: `value` is minor units of `currency`. */
  readonly kind: 'percent' | 'fixed'
  readonly value: number
  readonly currency: string | null
  readonly startsAt: number | null
  readonly endsAt: number | null
  /** The resources it may be used for; `null` means every resource of its organizer. */
  readonly resourceIds: ReadonlySet<string> | null
  /** Ticket types, names of categories and codes of rates that it discounts; `null` is all (see `isDiscounted`). */
  readonly ticketTypeIds: ReadonlySet<string> | null
  readonly categories: ReadonlySet<string> | null
  readonly rates: ReadonlySet<string> | null
  /** Hidden ticket types that it opens. */
  readonly opens: ReadonlySet<string>
  readonly maxRedemptions: number | null
  /** Live redemptions. Advanced by `applyDecision`. */
  redeemed: number
  /** The most places that it is for, in all and in one booking: those that it discounts or opens. */
  readonly maxTickets: number | null
  readonly maxTicketsPerBooking: number | null
  /** Places of live bookings that it is for. Advanced by `applyDecision`. */
  tickets: number
  readonly maxPerCustomer: number | null
  /** Live redemptions by customer key; only read where `maxPerCustomer` is set. Advanced by `applyDecision`. */
  readonly redeemedByCustomer: Map<string, number>
}
