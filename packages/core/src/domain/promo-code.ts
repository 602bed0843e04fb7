import type { PricedItem } from './booking-request.ts'
import { percentOf } from './money/money.ts'
import type { Minor } from './money/money.ts'
import { cleanCode } from './plain-text.ts'
import type { PromoCodeSnapshot, ResourceSnapshot } from './snapshot.ts'

/**
 * Returns the form in which codes are stored and compared: buyers type them in any case, with blanks, and in full-width
 * letters.
 */
export function normalizePromoCode(text: string): string {
  return cleanCode(text).toUpperCase()
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

type Scopes = Pick<PromoCodeSnapshot, 'value' | 'ticketTypeIds' | 'categories' | 'rates' | 'opens'>
type Place = Pick<PricedItem, 'categoryId' | 'ticketTypeId' | 'rate'>
type House = Pick<ResourceSnapshot, 'prices'>

/**
 * Returns whether the code takes something off the item. A code with no scope discounts everything. One with ticket types
 * discounts tickets of these, and one with categories or rates the seats and places of areas that have both; whichever of the
 * two kinds it does not name keeps its price.
 */
export function isDiscounted(promo: Scopes, { ticketTypeId, categoryId, rate }: Place, { prices }: House): boolean {
  const { ticketTypeIds, categories, rates } = promo
  if (promo.value === 0) return false
  if (ticketTypeId !== null) {
    return ticketTypeIds === null ? categories === null && rates === null : ticketTypeIds.has(ticketTypeId)
  }
  if (categories === null && rates === null) return ticketTypeIds === null
  const category = categoryId === null ? undefined : prices.get(categoryId)?.name
  return (
    (categories === null || (category !== undefined && categories.has(category))) &&
    (rates === null || (rate !== null && rates.has(rate)))
  )
}

/** Returns the places that the code is for, each counted once: those that it discounts, and those that it opens. */
export function placesOf(
  promo: Scopes,
  items: readonly (Place & Pick<PricedItem, 'quantity'>)[],
  house: House,
): number {
  return items.reduce((sum, item) => {
    const isOpened = item.ticketTypeId !== null && promo.opens.has(item.ticketTypeId)
    return isOpened || isDiscounted(promo, item, house) ? sum + item.quantity : sum
  }, 0)
}

/** Returns the most places that one more booking could have at the code; `Infinity` without a limit. */
export function placesLeft({
  maxTickets,
  maxTicketsPerBooking,
  tickets,
}: Pick<PromoCodeSnapshot, 'maxTickets' | 'maxTicketsPerBooking' | 'tickets'>): number {
  const left = maxTickets === null ? Number.POSITIVE_INFINITY : Math.max(0, maxTickets - tickets)
  return Math.min(left, maxTicketsPerBooking ?? Number.POSITIVE_INFINITY)
}
