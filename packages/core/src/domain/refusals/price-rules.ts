import type { BookingRequest, Price } from '../booking-request.ts'
import { formatMoney } from '../money/money.ts'
import { type Rule, rule } from './rule.ts'
import type { PromoCodeSnapshot } from '../snapshot.ts'

/** A request with a promo code of the organizer of the showtime or event. */
export interface AskedPromoCode {
  /** `undefined` if the organizer has no such code. */
  readonly promo: PromoCodeSnapshot | undefined
  readonly request: Pick<BookingRequest, 'resourceId' | 'customerKeys' | 'acceptedAt'>
  /** The currency of the showtime or event. */
  readonly currency: string
}

/** The rules of promo codes. They apply only if the request has one. */
export const PROMO_CODE_RULES: readonly Rule<AskedPromoCode>[] = [
  rule({
    code: 'promo_invalid',
    // The same refusal for all three: a guesser must not learn which codes exist.
    when: 'the promo code does not exist, or is for another showtime or event, or for another currency',
    fails: ({ promo, request, currency }) => promo === undefined || !isValidHere(promo, request.resourceId, currency),
    detail: 'This promo code is not valid here.',
  }),
  // A buyer with a code must learn that the code itself is right. A guesser learns it too, but only a few times: it counts
  // as a miss.
  rule({
    code: 'promo_not_active',
    when: 'the promo code is switched off',
    fails: ({ promo }) => promo?.active === false,
    detail: 'This promo code is switched off.',
  }),
  rule({
    code: 'promo_not_active',
    when: 'it was accepted before the promo code became valid',
    fails: ({ promo, request }) => promo?.startsAt != null && request.acceptedAt < promo.startsAt,
    detail: 'This promo code is not valid yet.',
  }),
  rule({
    code: 'promo_not_active',
    when: 'it was accepted at or after the expiry of the promo code',
    fails: ({ promo, request }) => promo?.endsAt != null && request.acceptedAt >= promo.endsAt,
    detail: 'This promo code is no longer valid.',
  }),
  rule({
    code: 'promo_exhausted',
    when: 'the promo code has reached its limit of uses',
    fails: ({ promo }) => promo?.maxRedemptions != null && promo.redeemed >= promo.maxRedemptions,
    detail: 'This promo code has been used the maximum number of times.',
  }),
  rule({
    code: 'promo_exhausted',
    when: 'the customer has reached the limit of uses per customer of the promo code',
    fails: ({ promo, request }) => promo !== undefined && isUsedUpBy(promo, request.customerKeys),
    detail: 'You have used this promo code the maximum number of times.',
  }),
]

/** A request with its price. */
export interface AskedPrice {
  readonly price: Price
  readonly request: Pick<BookingRequest, 'expectedTotal'>
}

/** The rules about the price of the booking. They come last. */
export const PRICE_RULES: readonly Rule<AskedPrice>[] = [
  rule({
    code: 'price_changed',
    when: 'the total differs from its `expectedTotal`, if it has one',
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
