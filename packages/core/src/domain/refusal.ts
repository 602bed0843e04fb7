/**
 * Meaning of a refusal code and what follows from it. The rules that refuse with it, in their order, are in
 * `rules-in-order.ts`; docs/refusals.md, the contract and the client are generated from both.
 */
export interface RefusalTerms {
  /** The meaning in the documentation. */
  readonly meaning: string
  /**
   * Cause of the refusal: `others` besides the caller (or the clock, or a price), the `caller`, whose request could
   * have known it, or the `service` itself. It decides how much a refusal counts (`refusal-budget.ts`).
   */
  readonly cause: 'others' | 'caller' | 'service'
  /** The refusal follows from what others, or the customer before, have booked (`refusal-news.ts`). */
  readonly isByCompetition: boolean
}

/** Every reason a booking request can be refused for, in about the order of the rules. Codes are part of the public contract and are never reused. */
export const REFUSALS = {
  resource_not_found: {
    meaning: 'there is no such showtime or event (usually answered `404` before the line)',
    cause: 'caller',
    isByCompetition: false,
  },
  not_on_sale: {
    meaning: 'the showtime, event or ticket type is not on sale',
    cause: 'others',
    isByCompetition: false,
  },
  in_the_past: {
    meaning: 'it had started when the request was accepted',
    cause: 'others',
    isByCompetition: false,
  },
  unknown_ticket_type: {
    meaning: "a ticket type is not one of this event's",
    cause: 'caller',
    isByCompetition: false,
  },
  sale_not_started: {
    meaning: 'a ticket type goes on sale later',
    cause: 'others',
    isByCompetition: false,
  },
  sale_ended: {
    meaning: 'a ticket type was on sale until earlier',
    cause: 'others',
    isByCompetition: false,
  },
  quantity_out_of_range: {
    meaning: "too many places, none, or not within a ticket type's minimum and maximum",
    cause: 'caller',
    isByCompetition: false,
  },
  customer_limit_reached: {
    meaning: 'more than one customer may have, counted by account and by e-mail address',
    // It tells that an e-mail address has tickets: whoever asks for many addresses is stopped soon.
    cause: 'caller',
    isByCompetition: true,
  },
  tickets_unavailable: {
    meaning: 'fewer tickets are left than asked for',
    cause: 'others',
    isByCompetition: true,
  },
  invalid_seat: {
    meaning: 'a label is not in the seat map',
    cause: 'caller',
    isByCompetition: false,
  },
  duplicate_seat: {
    meaning: 'a seat is named twice',
    cause: 'caller',
    isByCompetition: false,
  },
  seat_disabled: {
    meaning: 'a seat is never sold, or has no price at this showtime',
    cause: 'caller',
    isByCompetition: false,
  },
  seat_unavailable: {
    meaning: 'a seat is held or sold',
    cause: 'others',
    isByCompetition: true,
  },
  promo_invalid: {
    meaning: 'there is no such promo code, or it is not for this',
    cause: 'caller',
    isByCompetition: false,
  },
  promo_not_active: {
    meaning: 'the promo code is switched off, or not valid at this time',
    cause: 'caller',
    isByCompetition: false,
  },
  promo_exhausted: {
    meaning: 'the promo code has been used as often as it may be, by everybody or by this customer',
    cause: 'others',
    isByCompetition: true,
  },
  price_changed: {
    meaning: 'the total is not the `expectedTotal` of the request',
    cause: 'others',
    isByCompetition: false,
  },
  internal_error: {
    meaning: 'it could not be decided because of a bug, or an admin refused it; the line went on',
    cause: 'service',
    isByCompetition: false,
  },
} as const satisfies Readonly<Record<string, RefusalTerms>>

export type RefusalCode = keyof typeof REFUSALS

export const REFUSAL_CODES = Object.keys(REFUSALS) as RefusalCode[]

/** Reason why a request was refused, in a form that a shop can show and a program can act on. */
export interface Refusal extends RefusalFacts {
  readonly code: RefusalCode
  /** One English sentence for people. */
  readonly detail: string
}

/** The things that a rule failed for, as far as the refusal names them. */
export interface RefusalFacts {
  /** The seat labels that the rule failed for. */
  readonly seats?: readonly string[]
  /** The ticket types that the rule failed for; `available` says how many are left, where that is the reason. */
  readonly ticketTypes?: readonly RefusedTicketType[]
  /** Current total of the booking, in minor units, if the price is the reason. */
  readonly total?: number
}

export interface RefusedTicketType {
  readonly id: string
  readonly available?: number
}
