import { currencyExponent } from './currency.ts'

/** An amount in integer minor units of its currency: 1250 is 12.50 EUR, 1250 JPY or 1.250 KWD. */
export type Minor = number

/**
 * The highest price of one seat or ticket, in minor units. A booking takes at most 20 items of 1,000 tickets and a fee of
 * at most what they cost: 4 * 10^14 is far below the largest safe integer (9 * 10^15), and a `bigint` in PostgreSQL. In
 * currencies of small worth it is still more than a ticket costs: 10^10 is 100 million rial or rupiah.
 */
export const MAX_PRICE: Minor = 10_000_000_000

const BASIS_POINTS = 10_000n

/**
 * Returns `value` itself, checked to be exact.
 *
 * @throws RangeError unless it is a safe integer.
 */
export function minor(value: number): Minor {
  if (!Number.isSafeInteger(value)) throw new RangeError(`not an amount in minor units: ${value}`)
  return value
}

/** Returns the sum in minor units. @throws RangeError if it, or an amount on the way, is not a safe integer. */
export function sumOf(amounts: readonly Minor[]): Minor {
  let sum = 0
  for (const amount of amounts) sum = minor(sum + minor(amount))
  return sum
}

/**
 * Returns `quantity * unitPrice` in minor units. @throws RangeError if a factor or the result is not a safe integer.
 */
export function timesQuantity(unitPrice: Minor, quantity: number): Minor {
  return minor(minor(unitPrice) * minor(quantity))
}

/**
 * Returns a share of an amount, in minor units, rounded half-even. It uses BigInt, because amount * basisPoints leaves
 * the safe integers long before the amount does.
 *
 * @param basisPoints hundredths of a percent: 2000 is 20 %.
 * @throws RangeError when a factor is negative, or a factor or the result is not a safe integer.
 */
export function percentOf(amount: Minor, basisPoints: number): Minor {
  const scaled = BigInt(nonNegative(amount)) * BigInt(nonNegative(basisPoints))
  const floor = scaled / BASIS_POINTS
  const twiceRest = (scaled % BASIS_POINTS) * 2n
  const up = twiceRest > BASIS_POINTS || (twiceRest === BASIS_POINTS && floor % 2n === 1n)
  return minor(Number(up ? floor + 1n : floor))
}

/**
 * Returns the organizer's fee on an amount, in minor units: `percentOf`, half-even, so that rounding favours neither
 * side.
 */
export function feeOf(amount: Minor, basisPoints: number): Minor {
  return percentOf(amount, basisPoints)
}

/**
 * Spreads `amount` over `weights` in proportion, by largest remainder (Hamilton's method). The shares sum to `amount`
 * exactly; ties go to the first; while `amount` is at most the sum of the weights, no share is above its weight.
 *
 * @throws RangeError when something is negative or no safe integer, or an amount has no weight to go to.
 */
export function splitByLargestRemainder(amount: Minor, weights: readonly Minor[]): Minor[] {
  nonNegative(amount)
  for (const weight of weights) nonNegative(weight)
  // The common case, a booking without a discount, and the only one that needs no weight.
  if (amount === 0) return weights.map(() => 0)
  const total = weights.reduce((sum, weight) => sum + BigInt(weight), 0n)
  if (total === 0n) throw new RangeError(`nothing to spread ${amount} over`)

  const shares: Minor[] = []
  const remainders: { index: number; rest: bigint }[] = []
  let left = amount
  for (const [index, weight] of weights.entries()) {
    const scaled = BigInt(amount) * BigInt(weight)
    const share = minor(Number(scaled / total))
    shares.push(share)
    remainders.push({ index, rest: scaled % total })
    left -= share
  }

  // The remainders sum to `left * total` and each is below `total`: more than `left` of them are above zero, so that a
  // share which came out even is never raised.
  remainders.sort((a, b) => (a.rest === b.rest ? a.index - b.index : a.rest > b.rest ? -1 : 1))
  for (const { index } of remainders.slice(0, left)) shares[index] = (shares[index] ?? 0) + 1
  return shares
}

/**
 * Returns an amount for people: `12.50 EUR`, `1250 JPY`, `-0.050 KWD`. It is never parsed back.
 *
 * @throws RangeError for an unknown currency or an amount that is no safe integer.
 */
export function formatMoney(amount: Minor, currency: string): string {
  const exponent = currencyExponent(currency)
  const sign = minor(amount) < 0 ? '-' : ''
  const digits = String(Math.abs(amount)).padStart(exponent + 1, '0')
  if (exponent === 0) return `${sign}${digits} ${currency}`
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)} ${currency}`
}

function nonNegative(value: number): number {
  if (minor(value) < 0) throw new RangeError(`must not be negative: ${value}`)
  return value
}
