import type { BookingRequest, Decision } from './booking-request.ts'
import { PRICE_RULES, PROMO_CODE_RULES } from './refusals/price-rules.ts'
import { normalizePromoCode, promoCodeKey } from './promo-code.ts'
import { refusedBy } from './refusals/rule.ts'
import type { PromoCodeSnapshot, ResourceSnapshot, Snapshot } from './snapshot.ts'
import { priceItems, type UndiscountedItem } from './money/pricing.ts'

/**
 * Decides what a request costs, the same for showtimes and events, by `PROMO_CODE_RULES` and `PRICE_RULES`. A blank promo
 * code is none.
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
  let promo: PromoCodeSnapshot | undefined
  if (request.promoCode !== null && normalizePromoCode(request.promoCode) !== '') {
    promo = promoCodes.get(promoCodeKey(resource.organizerId, request.promoCode))
    const refused = refusedBy(PROMO_CODE_RULES, { promo, request, currency: resource.currency })
    if (refused !== null) return refused
  }

  const price = priceItems(items, promo ?? null, resource.feeBasisPoints, resource.currency)
  const refused = refusedBy(PRICE_RULES, { price, request })
  if (refused !== null) return refused

  // Field by field: spreading `price` would take a fifth of the whole decision.
  const { currency, subtotal, discount, fee, total } = price
  const free = total === 0
  return {
    outcome: 'booked',
    currency,
    items: price.items,
    subtotal,
    discount,
    fee,
    total,
    promoCodeId: promo?.id ?? null,
    status: free ? 'confirmed' : 'pending',
    expiresAt: free ? null : nowMs + resource.holdTtlMs,
  }
}
