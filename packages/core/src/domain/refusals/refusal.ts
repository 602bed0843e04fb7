/**
 * The meaning of a refusal code and its consequences. The rules that refuse with it are in `rules-in-order.ts`, in their
 * order. docs/refusals.md, the contract and the client are generated from both.
 */
export interface RefusalTerms {
  /** The meaning in the documentation. */
  readonly meaning: string
  /**
   * The cause of the refusal: `others` (another buyer, the clock or a price), the `caller`, who could have known better, or
   * the `service` itself. It decides how much a refusal counts (`refusal-budget.ts`).
   */
  readonly cause: 'others' | 'caller' | 'service'
  /** The refusal follows from earlier bookings, by others or by this customer (`refusal-news.ts`). */
  readonly isByCompetition: boolean
}

/** Every reason to refuse a booking request, roughly in the order of the rules. Codes are public and never reused. */
export const REFUSALS = {
  resource_not_found: {
    meaning: 'the showtime or event does not exist (usually reported as `404` before the line)',
    cause: 'caller',
    isByCompetition: false,
  },
  not_on_sale: {
    meaning: 'the showtime, event or ticket type is not on sale',
    cause: 'others',
    isByCompetition: false,
  },
  in_the_past: {
    meaning: 'the showtime or event was over when the request was accepted',
    cause: 'others',
    isByCompetition: false,
  },
  unknown_ticket_type: {
    meaning: 'a ticket type does not belong to this event',
    cause: 'caller',
    isByCompetition: false,
  },
  sale_not_started: {
    meaning: 'the sale of the showtime, event or ticket type had not started',
    cause: 'others',
    isByCompetition: false,
  },
  sale_ended: {
    meaning: 'the sale of the showtime, event or ticket type had ended',
    cause: 'others',
    isByCompetition: false,
  },
  quantity_out_of_range: {
    meaning: 'no places, too many places, or a quantity outside the minimum and maximum of its ticket type',
    cause: 'caller',
    isByCompetition: false,
  },
  customer_limit_reached: {
    meaning: 'the limit per customer is exceeded, counted by account and by e-mail address',
    // It reveals that an e-mail address has tickets: a caller who tries many addresses is stopped soon.
    cause: 'caller',
    isByCompetition: true,
  },
  tickets_unavailable: {
    meaning: 'fewer tickets are left than requested',
    cause: 'others',
    isByCompetition: true,
  },
  quota_exhausted: {
    meaning: 'fewer places are left than requested in a quota that several ticket types share',
    cause: 'others',
    isByCompetition: true,
  },
  code_required: {
    meaning: 'a ticket type is sold only with a promo code that opens it',
    cause: 'caller',
    isByCompetition: false,
  },
  rate_unknown: {
    meaning: 'a rate does not exist here, or is not sold in this category',
    cause: 'caller',
    isByCompetition: false,
  },
  area_full: {
    meaning: 'fewer places of an area are left than requested',
    cause: 'others',
    isByCompetition: true,
  },
  block_unknown: {
    meaning: 'the block of kept places does not exist here, or was given back',
    cause: 'caller',
    isByCompetition: false,
  },
  single_seat_left: {
    meaning: 'one free seat would be left between taken ones, and other choices would leave none',
    cause: 'caller',
    isByCompetition: true,
  },
  invalid_seat: {
    meaning: 'a seat or an area is not in the seat map',
    cause: 'caller',
    isByCompetition: false,
  },
  duplicate_seat: {
    meaning: 'a seat is named more than once',
    cause: 'caller',
    isByCompetition: false,
  },
  seat_disabled: {
    meaning: 'a seat is never sold, or has no price at this showtime',
    cause: 'caller',
    isByCompetition: false,
  },
  seat_unavailable: {
    meaning: 'a seat is held or sold, or fewer seats are free than the best ones asked for',
    cause: 'others',
    isByCompetition: true,
  },
  promo_invalid: {
    meaning: 'the promo code does not exist, or is not valid for this showtime or event or for these places',
    cause: 'caller',
    isByCompetition: false,
  },
  promo_not_active: {
    meaning: 'the promo code is switched off, or not valid at this time',
    cause: 'caller',
    isByCompetition: false,
  },
  promo_exhausted: {
    meaning: 'the promo code has reached its limit of uses, in total or for this customer, or of places',
    cause: 'others',
    isByCompetition: true,
  },
  amount_too_small: {
    meaning: 'the total is above nothing, and below what the payment provider takes',
    cause: 'caller',
    isByCompetition: false,
  },
  withdrawn: {
    meaning: 'whoever made the request has withdrawn it while it waited',
    cause: 'others',
    isByCompetition: false,
  },
  price_changed: {
    meaning: 'the total differs from the `expectedTotal` of the request',
    cause: 'others',
    isByCompetition: false,
  },
  internal_error: {
    meaning: 'a bug prevented a decision, or an admin refused the request; the line continued',
    cause: 'service',
    isByCompetition: false,
  },
} as const satisfies Readonly<Record<string, RefusalTerms>>

export type RefusalCode = keyof typeof REFUSALS

export const REFUSAL_CODES = Object.keys(REFUSALS) as RefusalCode[]

/** The reason of a refusal, in a form that a shop can show and a program can act on. */
export interface Refusal extends RefusalFacts {
  readonly code: RefusalCode
  /** One English sentence for people. */
  readonly detail: string
  /** The reason of each wish, in their order, if the request had several; the refusal itself is that of the last. */
  readonly wishes?: readonly Refusal[]
}

/** The things for which a rule failed, if the refusal names them. */
export interface RefusalFacts {
  /** The labels of the seats for which the rule failed. */
  readonly seats?: readonly string[]
  /** The ticket types for which the rule failed; `available` is the number left, if that is the reason. */
  readonly ticketTypes?: readonly RefusedTicketType[]
  /** The areas for which the rule failed; `available` is the number of places left, if that is the reason. */
  readonly areas?: readonly RefusedArea[]
  /** The rates for which the rule failed, by code. */
  readonly rates?: readonly string[]
  /** Places that are left: of a quota, of a promo code, or of the best seats. */
  readonly available?: number
  /** Current total of the booking, in minor units, if the price is the reason. */
  readonly total?: number
  /** Smallest total that can be paid, in minor units, if that is the reason. */
  readonly minimum?: number
}

export interface RefusedArea {
  readonly area: string
  readonly available?: number
}

export interface RefusedTicketType {
  readonly id: string
  readonly available?: number
}
