import type { Minor } from './money/money.ts'
import type { Refusal } from './refusals/refusal.ts'
import type { SentWish, Wish } from './wish.ts'

/** The person that a booking is for. */
export interface Customer {
  readonly name: string
  readonly email: string
  readonly phone?: string | undefined
}

/** Facts of an integrator about a booking: a few named values that Boxoffice stores and returns, and never reads. */
export type Metadata = Readonly<Record<string, string | number | boolean>>

/*
 * The life of a booking request, in the order of its types: `Submission`, `StoredRequest`, `BookingRequest`, `Decision`,
 * `Outcome`, `RequestView`, `Signal`. docs/glossary.md says what each is for.
 */

/** The body of a booking request, as it is stored. */
export interface Payload extends SentWish {
  readonly wishes?: readonly SentWish[] | undefined
  readonly promoCode?: string | undefined
  readonly expectedTotal?: Minor | undefined
  readonly customer: Customer
  readonly metadata?: Metadata | undefined
  /** Block of kept places that it may take from. */
  readonly blockId?: string | undefined
  /** End of the hold (RFC 3339), if the organizer's people have set one. */
  readonly holdUntil?: string | undefined
  /** The organizer's people book: not sent by clients, but noted of who they are. */
  readonly seller?: 'house' | undefined
}

/** Validated booking request on its way into the line. */
export interface Submission {
  readonly resourceId: string
  readonly kind: 'showtime' | 'event'
  /** Subject of the caller's token. */
  readonly owner: string
  /** `null` if the client chose none: one is made up, so that a COMMIT of unknown outcome can be repeated. */
  readonly idempotencyKey: string | null
  readonly payload: Payload
  readonly customerKeys: readonly string[]
}

/** Booking request out of the line, as the decision sees it. */
export interface BookingRequest {
  readonly id: string
  /** Its place in the line; 0 if it stands in none, as for a quote or a booking that is put back. */
  readonly seq: number
  readonly resourceId: string
  /** Wishes in their order, at least one; the first that can be met is booked. */
  readonly wishes: readonly Wish[]
  /** Promo code as typed by the buyer; compared by `normalizePromoCode`. */
  readonly promoCode: string | null
  /** Refuse with `price_changed` unless the total is this. */
  readonly expectedTotal: Minor | null
  /** Pseudonyms under which limits per customer are counted (owner and e-mail); the limit holds for each of them. */
  readonly customerKeys: readonly string[]
  /** `house`: the organizer's people, who sell whatever the window and for as little as they like. */
  readonly seller: 'public' | 'house'
  readonly blockId: string | null
  /** End of the hold that the organizer's people have set (ms since the epoch); `null` is the resource's. */
  readonly holdUntil: number | null
  /** Database clock at intake: sale windows and "in the past" are judged at this time, so a backlog changes no answer. */
  readonly acceptedAt: number
}

/**
 * One priced position: a seat (quantity 1), a number of places of one area at one rate, or a number of tickets of one type.
 * Items of one ticket type are merged, and so are those of one area and rate.
 */
export interface PricedItem {
  readonly seat: string | null
  readonly area: string | null
  readonly categoryId: string | null
  readonly ticketTypeId: string | null
  /** Code of the rate; `null` where there is only one price, and for tickets. */
  readonly rate: string | null
  readonly quantity: number
  /** Number of these that the request's block keeps. */
  readonly kept: number
  readonly unitPrice: Minor
  /** This item's share of the booking's discount. */
  readonly discount: Minor
}

export interface Price {
  readonly currency: string
  readonly items: readonly PricedItem[]
  readonly subtotal: Minor
  readonly discount: Minor
  readonly fee: Minor
  readonly total: Minor
}

export interface Booked extends Price {
  readonly outcome: 'booked'
  /** The wish that is booked, counted from 0; `null` where there is only one. */
  readonly wish: number | null
  readonly promoCodeId: string | null
  /** Places that the promo code is for. */
  readonly promoTickets: number
  /** A booking that costs nothing needs no payment and is confirmed at once. */
  readonly status: 'pending' | 'confirmed'
  /** End of the hold (ms since the epoch); `null` once confirmed. */
  readonly expiresAt: number | null
}

export interface Refused {
  readonly outcome: 'refused'
  readonly refusal: Refusal
}

/** Result of `decide` for a request. */
export type Decision = Booked | Refused

/** End of a request, once it is committed (times RFC 3339, amounts minor units). It never changes. */
export interface Outcome {
  readonly id: string
  readonly state: 'booked' | 'refused'
  readonly decidedAt: string
  readonly booking: BookingSummary | null
  /** The wish that was booked, counted from 0, if there were several. */
  readonly wish?: number | undefined
  readonly refusal: Refusal | null
}

/** A booking as its request shows it (times RFC 3339, amounts minor units). */
export interface BookingSummary {
  readonly reference: string
  readonly status: string
  readonly paymentStatus: string
  readonly currency: string
  readonly subtotal: number
  readonly discount: number
  readonly fee: number
  readonly total: number
  readonly expiresAt: string | null
}
