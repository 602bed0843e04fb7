import type { MinimumTotals } from '../../domain/money/minimum-total.ts'
import type { Minor } from '../../domain/money/money.ts'

/**
 * The smallest charges that Stripe takes, in ISO 4217's minor units:
 * https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts. Stripe holds a charge in another currency than the
 * account's against the minimum of the account's, after an exchange that nobody knows before: that one is not known here.
 */
const MINIMUMS: ReadonlyMap<string, Minor> = new Map([
  ['AED', 200],
  ['AUD', 50],
  ['BGN', 100],
  ['BRL', 50],
  ['CAD', 50],
  ['CHF', 50],
  ['CZK', 1_500],
  ['DKK', 250],
  ['EUR', 50],
  ['GBP', 30],
  ['HKD', 400],
  ['HUF', 17_500],
  ['INR', 50],
  ['JPY', 50],
  ['MXN', 1_000],
  ['MYR', 200],
  ['NOK', 300],
  ['NZD', 50],
  ['PLN', 200],
  ['RON', 200],
  ['SEK', 300],
  ['SGD', 50],
  ['THB', 1_000],
  ['USD', 50],
])

/** Returns the smallest charge in a currency; 0 for one that Stripe names none for. */
export const stripeMinimum: MinimumTotals = (currency) => MINIMUMS.get(currency) ?? 0
