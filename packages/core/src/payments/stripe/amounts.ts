import { currencyExponent, isCurrency } from '../../domain/money/currency.ts'
import { formatMoney, type Minor } from '../../domain/money/money.ts'
import { ProviderRefusedError } from '../provider.ts'

/*
 * Stripe's amounts are integers of a smallest unit, which for some currencies is not ISO 4217's:
 * https://docs.stripe.com/currencies, "Zero-decimal currencies", "Three-decimal currencies" and "Special cases".
 */

/** Digits after the point where Stripe counts others than ISO 4217. ISK and UGX lost theirs, but Stripe keeps two zeros. */
const DIGITS_AT_STRIPE: ReadonlyMap<string, number> = new Map([
  ['ISK', 2],
  ['UGX', 2],
  ['MGA', 0],
])

/** Currencies with three digits that Stripe describes. Their last digit must be 0. */
const THREE_DECIMALS: ReadonlySet<string> = new Set(['BHD', 'JOD', 'KWD', 'OMR', 'TND'])

/**
 * Returns the amount to ask Stripe for.
 *
 * @param currency ISO 4217, upper case.
 * @throws ProviderRefusedError for what Stripe cannot take to the last digit; a rounded amount would be another price.
 */
export function toStripeAmount(amount: Minor, currency: string): number {
  const digits = digitsAtStripe(currency)
  const shifted = shift(amount, digits - currencyExponent(currency))
  if (shifted === null || (digits === 3 && shifted % 10 !== 0)) {
    throw new ProviderRefusedError(`Stripe cannot take ${formatMoney(amount, currency)}: that has too many digits.`)
  }
  return shifted
}

/**
 * Returns an amount that Stripe reports in our units.
 *
 * @param currency ISO 4217 in lower case, as Stripe writes it.
 * @throws ProviderRefusedError for an amount that is none in ISO 4217's minor units.
 */
export function fromStripeAmount(amount: number, currency: string): { amount: Minor; currency: string } {
  const code = currency.toUpperCase()
  const shifted = shift(amount, currencyExponent(code) - digitsAtStripe(code))
  if (shifted === null) throw new ProviderRefusedError(`Stripe reports ${amount} ${code}, which is no amount of it.`)
  return { amount: shifted, currency: code }
}

function digitsAtStripe(currency: string): number {
  const digits = DIGITS_AT_STRIPE.get(currency) ?? (isCurrency(currency) ? currencyExponent(currency) : null)
  if (digits === null || (digits > 2 && !THREE_DECIMALS.has(currency))) {
    throw new ProviderRefusedError(`Stripe does not take ${currency}.`)
  }
  return digits
}

/** Returns `amount * 10 ** places`, or `null` unless that is a whole number that JavaScript keeps exactly. */
function shift(amount: number, places: number): number | null {
  const factor = 10 ** Math.abs(places)
  if (!Number.isSafeInteger(amount) || (places < 0 && amount % factor !== 0)) return null
  const shifted = places < 0 ? amount / factor : amount * factor
  return Number.isSafeInteger(shifted) ? shifted : null
}
