import { percentOf } from './money/money.ts'
import type { Minor } from './money/money.ts'
import type { PromoCodeSnapshot } from './snapshot.ts'

/**
 * Returns the form in which codes are stored and compared: buyers type them in any case and with blanks around them.
 */
export function normalizePromoCode(text: string): string {
  return text.trim().toUpperCase()
}

/**
 * Returns the key of `Snapshot.promoCodes`. Codes are unique per organizer. Ids have no blank, so the first one ends
 * the id.
 */
export function promoCodeKey(organizerId: string, code: string): string {
  return `${organizerId} ${normalizePromoCode(code)}`
}

/**
 * Returns what the code takes off a subtotal, in minor units, from 0 to the subtotal. A percentage is rounded half-even.
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
