import type { BookingRequest, Price } from '../booking-request.ts'
import { formatMoney, type Minor } from '../money/money.ts'
import { placesLeft } from '../promo-code.ts'
import { type Rule, rule } from './rule.ts'
import type { PromoCodeSnapshot } from '../snapshot.ts'

/** A request with a promo code of the organizer of the showtime or event. */
export interface AskedPromoCode {
  /** `undefined` if the organizer has no such code. */
  readonly promo: PromoCodeSnapshot | undefined
  readonly request: Pick<BookingRequest, 'resourceId' | 'customerKeys' | 'acceptedAt'>
  /** Places of the request that the code is for: those that it discounts or opens. */
  readonly places: number
  /** The currency of the showtime or event. */
  readonly currency: string
}

/** The rules of promo codes. They apply only if the request has one. */
export const PROMO_CODE_RULES: readonly Rule<AskedPromoCode>[] = [
  rule({
    code: 'promo_invalid',
    // The same refusal for all four: a guesser must not learn which codes exist. Its sentence helps a buyer who has the right
    // code for other tickets all the same.
    when: 'the promo code does not exist, or is for another showtime or event, for another currency, or for other places',
    fails: ({ promo, request, places, currency }) =>
      promo === undefined || !isValidHere(promo, request.resourceId, currency) || places === 0,
    detail: 'This promo code is not valid here, or not for what you have chosen.',
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
  rule({
    code: 'promo_exhausted',
    when: 'it is for more places than the promo code is good for, in one booking or in all',
    fails: ({ promo, places }) => promo !== undefined && places > placesLeft(promo) && placesLeft(promo),
    detail: (available) =>
      available === 0
        ? 'This promo code has been used for as many places as it is good for.'
        : `This promo code is good for ${available} more ${available === 1 ? 'place' : 'places'} in this booking.`,
    facts: (available) => ({ available }),
  }),
]

/** A request with its price. */
export interface AskedPrice {
  readonly price: Price
  readonly request: Pick<BookingRequest, 'expectedTotal' | 'seller'>
  /** Smallest total that the public can pay, above nothing. */
  readonly minimumTotal: Minor
}

/** The rules about the price of the booking. They come last. */
export const PRICE_RULES: readonly Rule<AskedPrice>[] = [
  rule({
    code: 'amount_too_small',
    when: 'the total is above nothing, and below the least that the payment provider takes',
    // The organizer's people take money at the counter.
    fails: ({ price, request, minimumTotal }) =>
      request.seller !== 'house' && price.total > 0 && price.total < minimumTotal,
    detail: (_, { price, minimumTotal }) =>
      `The total is ${formatMoney(price.total, price.currency)}, and no less than ${formatMoney(minimumTotal, price.currency)} can be paid.`,
    facts: (_, { price, minimumTotal }) => ({ total: price.total, minimum: minimumTotal }),
  }),
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
