import type { Minor } from './money/money.ts'
import type { Refusal } from './refusals/refusal.ts'

/** Selection of a client. `seats` are labels such as `A5`; ticket types may be repeated, their quantities add up. */
export type Selection =
  | { readonly kind: 'showtime'; readonly seats: readonly string[] }
  | { readonly kind: 'event'; readonly tickets: readonly TicketQuantity[] }

export interface TicketQuantity {
  readonly ticketTypeId: string
  readonly quantity: number
}

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

/** Validated booking request on its way into the line. */
export interface Submission {
  readonly resourceId: string
  readonly kind: 'showtime' | 'event'
  /** Subject of the caller's token. */
  readonly owner: string
  /** `null` if the client chose none: one is made up, so that a COMMIT of unknown outcome can be repeated. */
  readonly idempotencyKey: string | null
  /** The body, as it is stored. */
  readonly payload: {
    readonly seats?: readonly string[] | undefined
    readonly tickets?: readonly TicketQuantity[] | undefined
    readonly promoCode?: string | undefined
    readonly expectedTotal?: Minor | undefined
    readonly customer: Customer
    readonly metadata?: Metadata | undefined
  }
  readonly customerKeys: readonly string[]
}

/** Booking request out of the line, as the decision sees it. */
export interface BookingRequest {
  readonly id: string
  /** Its place in the line; 0 if it stands in none, as for a quote or a booking that is put back. */
  readonly seq: number
  readonly resourceId: string
  readonly selection: Selection
  /** Promo code as typed by the buyer; compared by `normalizePromoCode`. */
  readonly promoCode: string | null
  /** Refuse with `price_changed` unless the total is this. */
  readonly expectedTotal: Minor | null
  /** Pseudonyms under which limits per customer are counted (owner and e-mail); the limit holds for each of them. */
  readonly customerKeys: readonly string[]
  /** Database clock at intake: sale windows and "in the past" are judged at this time, so a backlog changes no answer. */
  readonly acceptedAt: number
}

/** One priced position: a seat (quantity 1) or a number of tickets of one type. Items of one ticket type are merged. */
export interface PricedItem {
  readonly seat: string | null
  readonly categoryId: string | null
  readonly ticketTypeId: string | null
  readonly quantity: number
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
  readonly promoCodeId: string | null
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
