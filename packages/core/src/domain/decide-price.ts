import type { BookingRequest, Decision } from './booking-request.ts'
import { formatMoney } from './money.ts'
import { priceItems } from './pricing.ts'
import type { UndiscountedItem } from './pricing.ts'
import { checkPromoCode, normalizePromoCode, promoCodeKey } from './promo-code.ts'
import { refuse } from './refuse.ts'
import type { PromoCodeSnapshot, ResourceSnapshot, Snapshot } from './snapshot.ts'

/**
 * The last rules, the same for showtimes and events: the promo code (`promo_invalid`, `promo_not_active`,
 * `promo_exhausted`, see `checkPromoCode`), then `price_changed`. A blank promo code is none.
 *
 * @param nowMs when the decision is taken; the hold ends `holdTtlMs` later.
 * @throws RangeError when a price leaves the safe integers.
 */
export function decidePrice(
  promoCodes: Snapshot['promoCodes'],
  resource: ResourceSnapshot,
  request: BookingRequest,
  items: readonly UndiscountedItem[],
  nowMs: number,
): Decision {
  let promo: PromoCodeSnapshot | null = null
  if (request.promoCode !== null && normalizePromoCode(request.promoCode) !== '') {
    const found = promoCodes.get(promoCodeKey(resource.organizerId, request.promoCode))
    const refusal = checkPromoCode(found, request, resource.currency)
    if (refusal !== null) return refuse(refusal)
    promo = found ?? null
  }

  const price = priceItems(items, promo, resource.feeBasisPoints, resource.currency)
  if (request.expectedTotal !== null && request.expectedTotal !== price.total) {
    return refuse({
      code: 'price_changed',
      detail: `The price has changed: the total is now ${formatMoney(price.total, price.currency)}.`,
      total: price.total,
    })
  }

  const free = price.total === 0
  return {
    outcome: 'booked',
    ...price,
    promoCodeId: promo?.id ?? null,
    status: free ? 'confirmed' : 'pending',
    expiresAt: free ? null : nowMs + resource.holdTtlMs,
  }
}
