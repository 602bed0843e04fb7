import type { Minor } from './money/money.ts'

/** A sort of visitor who pays a price of their own: adult, child, member. */
export interface Rate {
  /** Name in requests: small letters, digits, hyphens and underscores. */
  readonly code: string
  readonly name: string
  /** Code of the rate of which the same booking must have at least one place. */
  readonly needs?: string | undefined
  /** Places of this rate in one booking at the most. */
  readonly maxPerBooking?: number | undefined
}

export interface CategoryPrice {
  readonly name: string
  /** Price of the default rate. */
  readonly price: Minor
  /** Prices of others; `null` for one that is not sold here. One that is not listed costs `price`. */
  readonly rates: Readonly<Record<string, Minor | null>>
}

/** Rates of a house, of which the first is the default, and its prices by seat category. */
interface Tariff {
  readonly rates: readonly Rate[]
  readonly prices: ReadonlyMap<string, CategoryPrice>
}

/**
 * Returns the rate that is stored, and what a place of the category costs at it. `wanted` is a code; `null` is the first rate of
 * the house. The price is `undefined` where the category is not sold, or not at this rate, or there is no such rate.
 */
export function priceAt(
  { rates, prices }: Tariff,
  categoryId: string | undefined,
  wanted: string | null,
): { readonly rate: string | null; readonly unitPrice: number | undefined } {
  const rate = wanted ?? rates[0]?.code ?? null
  const price = categoryId === undefined ? undefined : prices.get(categoryId)
  if (price === undefined || !isRate(rates, rate)) return { rate, unitPrice: undefined }
  if (rate === null) return { rate, unitPrice: price.price }
  const own = Object.hasOwn(price.rates, rate) ? price.rates[rate] : price.price
  return { rate, unitPrice: own ?? undefined }
}

/** Returns whether the house has the rate; `null` is that of a house without any. */
export function isRate(rates: readonly Rate[], code: string | null): boolean {
  return code === null ? rates.length === 0 : rates.some((rate) => rate.code === code)
}
