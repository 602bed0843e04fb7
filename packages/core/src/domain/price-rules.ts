import type { BookingRequest, Price } from './booking-request.ts'
import { formatMoney } from './money.ts'
import { type Rule, rule } from './rule.ts'
import type { PromoCodeSnapshot } from './snapshot.ts'

/** A request with a promo code, which is looked up for the organizer of the showtime or event. */
export interface AskedPromoCode {
  /** `undefined` if the organizer has no such code. */
  readonly promo: PromoCodeSnapshot | undefined
  readonly request: Pick<BookingRequest, 'resourceId' | 'customerKeys' | 'acceptedAt'>
  /** The currency of the showtime or event. */
  readonly currency: string
}

/** The rules of promo codes, only asked if the request has one. */
export const PROMO_CODE_RULES: readonly Rule<AskedPromoCode>[] = [
  rule({
    code: 'promo_invalid',
    // One answer for all three: a guesser must not learn which codes there are.
    when: 'there is no such promo code, or it is for something else, or for another currency',
    fails: ({ promo, request, currency }) => promo === undefined || !isValidHere(promo, request.resourceId, currency),
    detail: 'This promo code is not valid here.',
  }),
  // A buyer who holds a code has to know that it is not the code that is wrong. A guesser learns it too, but only so
  // often: it counts as a miss.
  rule({
    code: 'promo_not_active',
    when: 'the promo code is switched off',
    fails: ({ promo }) => promo?.active === false,
    detail: 'This promo code is switched off.',
  }),
  rule({
    code: 'promo_not_active',
    when: 'the request was accepted before the start of the promo code',
    fails: ({ promo, request }) => promo?.startsAt != null && request.acceptedAt < promo.startsAt,
    detail: 'This promo code is not valid yet.',
  }),
  rule({
    code: 'promo_not_active',
    when: 'the request was accepted at or after the end of the promo code',
    fails: ({ promo, request }) => promo?.endsAt != null && request.acceptedAt >= promo.endsAt,
    detail: 'This promo code is no longer valid.',
  }),
  rule({
    code: 'promo_exhausted',
    when: 'the promo code has been used as often as it may be',
    fails: ({ promo }) => promo?.maxRedemptions != null && promo.redeemed >= promo.maxRedemptions,
    detail: 'This promo code has been used as often as it may be.',
  }),
  rule({
    code: 'promo_exhausted',
    when: 'the customer has used the promo code as often as one customer may',
    fails: ({ promo, request }) => promo !== undefined && isUsedUpBy(promo, request.customerKeys),
    detail: 'You have used this promo code as often as you may.',
  }),
]

/** A request with its price. */
export interface AskedPrice {
  readonly price: Price
  readonly request: Pick<BookingRequest, 'expectedTotal'>
}

/** The rules of what the booking costs: the last ones. */
export const PRICE_RULES: readonly Rule<AskedPrice>[] = [
  rule({
    code: 'price_changed',
    when: 'the total is not its `expectedTotal`, if it has one',
    fails: ({ price, request }) => request.expectedTotal !== null && request.expectedTotal !== price.total,
    detail: (_, { price }) => `The price has changed: the total is now ${formatMoney(price.total, price.currency)}.`,
    facts: (_, { price }) => ({ total: price.total }),
  }),
]

function isValidHere(
  { resourceIds, kind, currency: ofCode }: PromoCodeSnapshot,
  resourceId: string,
  currency: string,
): boolean {
  return (resourceIds === null || resourceIds.has(resourceId)) && (kind !== 'fixed' || ofCode === currency)
}

function isUsedUpBy(
  { maxPerCustomer, redeemedByCustomer }: PromoCodeSnapshot,
  customerKeys: readonly string[],
): boolean {
  return maxPerCustomer !== null && customerKeys.some((key) => (redeemedByCustomer.get(key) ?? 0) >= maxPerCustomer)
}
