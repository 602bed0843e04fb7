import type { BookingRequest } from './booking-request.ts'
import { percentOf } from './money.ts'
import type { Minor } from './money.ts'
import type { Refusal } from './refusal.ts'
import type { PromoCodeSnapshot } from './snapshot.ts'

/** The form in which codes are stored and compared: buyers type them in any case and with blanks around them. */
export function normalizePromoCode(text: string): string {
  return text.trim().toUpperCase()
}

/** Key of `Snapshot.promoCodes`. Codes are unique per organizer. Ids hold no blank, so the first one ends the id. */
export function promoCodeKey(organizerId: string, code: string): string {
  return `${organizerId} ${normalizePromoCode(code)}`
}

/**
 * Why the request may not use this code, or `null` when it may. The first rule that fails decides:
 *
 * 1. `promo_invalid`: no such code, not for this resource, or a fixed amount of another currency. These have one answer: a
 *    guesser must not learn which codes there are.
 * 2. `promo_not_active`: switched off, before its start, or at or after its end, judged at `acceptedAt`. A buyer who holds a
 *    code has to know that it is not the code that is wrong; that a guesser learns it too is bounded, for it counts as a miss.
 * 3. `promo_exhausted`: the limit in total, then the limit per customer for any of the request's customer keys
 *
 * @param promo what the organizer of the resource has under the typed code, if anything.
 * @param currency the resource's.
 */
export function checkPromoCode(
  promo: PromoCodeSnapshot | undefined,
  request: Pick<BookingRequest, 'resourceId' | 'customerKeys' | 'acceptedAt'>,
  currency: string,
): Refusal | null {
  if (promo === undefined || !isValidHere(promo, request, currency)) {
    return { code: 'promo_invalid', detail: 'This promo code is not valid here.' }
  }
  if (!promo.active) return { code: 'promo_not_active', detail: 'This promo code is switched off.' }
  if (promo.startsAt !== null && request.acceptedAt < promo.startsAt) {
    return { code: 'promo_not_active', detail: 'This promo code is not valid yet.' }
  }
  if (promo.endsAt !== null && request.acceptedAt >= promo.endsAt) {
    return { code: 'promo_not_active', detail: 'This promo code is no longer valid.' }
  }

  if (promo.maxRedemptions !== null && promo.redeemed >= promo.maxRedemptions) {
    return { code: 'promo_exhausted', detail: 'This promo code has been used as often as it may be.' }
  }
  const { maxPerCustomer, redeemedByCustomer } = promo
  if (maxPerCustomer !== null) {
    if (request.customerKeys.some((key) => (redeemedByCustomer.get(key) ?? 0) >= maxPerCustomer)) {
      return { code: 'promo_exhausted', detail: 'You have used this promo code as often as you may.' }
    }
  }
  return null
}

function isValidHere(
  { resourceIds, kind, currency: ofCode }: PromoCodeSnapshot,
  { resourceId }: Pick<BookingRequest, 'resourceId'>,
  currency: string,
): boolean {
  return (resourceIds === null || resourceIds.has(resourceId)) && (kind !== 'fixed' || ofCode === currency)
}

/**
 * What the code takes off a subtotal, in minor units, from 0 to the subtotal. A percentage is rounded half-even.
 *
 * @throws RangeError when the subtotal or the code's value is negative or no safe integer.
 */
export function discountOf(promo: Pick<PromoCodeSnapshot, 'kind' | 'value'>, subtotal: Minor): Minor {
  switch (promo.kind) {
    case 'percent':
      // Capped before multiplying, so that an absurd percentage cannot leave the safe integers.
      return percentOf(subtotal, Math.min(promo.value, 10_000))
    case 'fixed':
      if (promo.value < 0) throw new RangeError(`a discount must not be negative: ${promo.value}`)
      return Math.min(promo.value, subtotal)
  }
}
