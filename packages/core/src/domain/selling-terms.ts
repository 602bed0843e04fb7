import type { MinimumTotals } from './money/minimum-total.ts'

/** Terms of the installation for all that is sold: they belong to no showtime or event. */
export interface SellingTerms {
  /** Smallest totals that the payment provider takes; any unless given. */
  readonly minimumTotals?: MinimumTotals
  /** Time after its start for which a showtime sells by default; the setting `SHOWTIME_SALES_END_MS`. */
  readonly showtimeSellsForMs?: number
}
