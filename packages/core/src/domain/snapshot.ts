import type { Minor } from './money/money.ts'

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

export type ResourceSnapshot = ShowtimeSnapshot | EventSnapshot

interface WithNews {
  /** Last time that places were taken or given back; `null` if never. */
  readonly changedAt: number | null
  /** An active webhook endpoint asks for refusals by name. */
  readonly announcesRefusals: boolean
}

export interface ShowtimeSnapshot extends WithNews {
  readonly kind: 'showtime'
  readonly id: string
  readonly organizerId: string
  readonly status: 'draft' | 'active' | 'cancelled'
  readonly startsAt: number
  readonly currency: string
  readonly feeBasisPoints: number
  readonly holdTtlMs: number
  readonly maxSeatsPerBooking: number
  /** The layout version this showtime was created with, by seat label (`A5`). */
  readonly seats: ReadonlyMap<string, SeatSnapshot>
  /** Price per seat category; a category without one is not for sale. */
  readonly prices: ReadonlyMap<string, Minor>
  /** Labels allocated to a live booking. Advanced by `applyDecision`. */
  readonly allocated: Set<string>
}

/** Facts about a seat. Seats that are alike may share one object: halls have up to 200,000. */
export interface SeatSnapshot {
  readonly categoryId: string
  readonly disabled: boolean
}

export interface EventSnapshot extends WithNews {
  readonly kind: 'event'
  readonly id: string
  readonly organizerId: string
  readonly status: 'draft' | 'published' | 'cancelled'
  readonly startsAt: number
  readonly currency: string
  readonly feeBasisPoints: number
  readonly holdTtlMs: number
  readonly ticketTypes: ReadonlyMap<string, TicketTypeSnapshot>
}

export interface TicketTypeSnapshot {
  readonly id: string
  readonly name: string
  readonly price: Minor
  readonly capacity: number
  /** Held and sold together. Advanced by `applyDecision`. */
  sold: number
  readonly active: boolean
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
  /** `percent`: `value` is basis points (2000 = 20 %). `fixed`: `value` is minor units of `currency`. */
  readonly kind: 'percent' | 'fixed'
  readonly value: number
  readonly currency: string | null
  readonly startsAt: number | null
  readonly endsAt: number | null
  /** The resources it may be used for; `null` means every resource of its organizer. */
  readonly resourceIds: ReadonlySet<string> | null
  readonly maxRedemptions: number | null
  /** Live redemptions. Advanced by `applyDecision`. */
  redeemed: number
  readonly maxPerCustomer: number | null
  /** Live redemptions by customer key; only read where `maxPerCustomer` is set. Advanced by `applyDecision`. */
  readonly redeemedByCustomer: Map<string, number>
}
