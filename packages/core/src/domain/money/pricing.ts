import type { Price, PricedItem } from '../booking-request.ts'
import { feeOf, minor, splitByLargestRemainder, sumOf, timesQuantity } from './money.ts'
import { discountOf } from '../promo-code.ts'
import type { PromoCodeSnapshot } from '../snapshot.ts'

/** A position that has its unit price, before the booking's discount is spread. */
export type UndiscountedItem = Omit<PricedItem, 'discount'>

/**
 * Prices a booking: total = subtotal - discount + fee, all in minor units of `currency`. The fee is `feeBasisPoints` of
 * (subtotal - discount), rounded half-even. The discount is spread over the items by largest remainder, each item
 * weighing quantity * unitPrice, so that no item is discounted below zero. Items that the code is not for keep their price: the
 * discount is of the others alone.
 *
 * @param promo one that `PROMO_CODE_RULES` let pass, or `null`.
 * @throws RangeError when an amount is negative or leaves the safe integers: prices that high are a mistake in the
 *   catalogue, and a wrong total would be worse than none.
 */
export function priceItems(
  items: readonly UndiscountedItem[],
  promo: Pick<PromoCodeSnapshot, 'kind' | 'value'> | null,
  feeBasisPoints: number,
  currency: string,
  isDiscounted: (item: UndiscountedItem) => boolean = () => true,
): Price {
  const amounts = items.map((item) => timesQuantity(item.unitPrice, item.quantity))
  const subtotal = sumOf(amounts)
  const weights =
    promo === null ? amounts : items.map((item, index) => (isDiscounted(item) ? (amounts[index] ?? 0) : 0))
  const discount = promo === null ? 0 : discountOf(promo, sumOf(weights))
  const shares = splitByLargestRemainder(discount, weights)
  const net = minor(subtotal - discount)
  const fee = feeOf(net, feeBasisPoints)
  return {
    currency,
    items: items.map(({ seat, area, categoryId, ticketTypeId, rate, quantity, kept, unitPrice }, index) => ({
      seat,
      area,
      categoryId,
      ticketTypeId,
      rate,
      quantity,
      kept,
      unitPrice,
      discount: shares[index] ?? 0,
    })),
    subtotal,
    discount,
    fee,
    total: minor(net + fee),
  }
}
