import { NO_MINIMUM } from '../domain/money/minimum-total.ts'
import type { SellingTerms } from '../domain/selling-terms.ts'
import type { Settings } from '../settings/settings.ts'
import { stripeMinimum } from './stripe/minimums.ts'

/** Returns what the settings lay down for all that is sold, the same for quotes and decisions. */
export function sellingTerms({
  PAYMENT_PROVIDER,
  SHOWTIME_SALES_END_MS,
}: Pick<Settings, 'PAYMENT_PROVIDER' | 'SHOWTIME_SALES_END_MS'>): Required<SellingTerms> {
  return {
    minimumTotals: PAYMENT_PROVIDER === 'stripe' ? stripeMinimum : NO_MINIMUM,
    showtimeSellsForMs: SHOWTIME_SALES_END_MS,
  }
}
