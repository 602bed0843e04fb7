/**
 * Every reason a booking request can be refused for. Codes are part of the public contract and are never reused.
 * The first rule that fails decides; the order is documented in `decide-showtime.ts` and `decide-event.ts`.
 */
export const REFUSAL_CODES = [
  'resource_not_found',
  'price_changed',
  'not_on_sale',
  'in_the_past',
  'unknown_ticket_type',
  'sale_not_started',
  'sale_ended',
  'quantity_out_of_range',
  'customer_limit_reached',
  'tickets_unavailable',
  'invalid_seat',
  'duplicate_seat',
  'seat_disabled',
  'seat_unavailable',
  'promo_invalid',
  'promo_not_active',
  'promo_exhausted',
  'internal_error',
] as const

export type RefusalCode = (typeof REFUSAL_CODES)[number]

/** Why a request was refused, in a form that a shop can show and a program can act on. */
export interface Refusal {
  readonly code: RefusalCode
  /** One English sentence for people. */
  readonly detail: string
  /** The seat labels that the rule failed for. */
  readonly seats?: readonly string[]
  /** The ticket types that the rule failed for; `available` says how many are left, where that is the reason. */
  readonly ticketTypes?: readonly RefusedTicketType[]
  /** What the booking would cost now, in minor units, where the price is the reason. */
  readonly total?: number
}

export interface RefusedTicketType {
  readonly id: string
  readonly available?: number
}
