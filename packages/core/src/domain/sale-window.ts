/** Time after its start for which a showtime sells unless a setting or its organizer says otherwise: people come during the trailers. */
export const SHOWTIME_SELLS_AFTER_START_MS = 900_000

/** Times of a showtime or event, ms since the epoch. */
export interface SaleTimes {
  readonly kind: 'showtime' | 'event'
  readonly startsAt: number
  readonly endsAt: number
  /** The window that the organizer has set; `null` at an end is the default. */
  readonly salesStartAt: number | null
  readonly salesEndAt: number | null
}

/** State of a sale at a moment: it has not begun, it is open, it has ended, or what is sold is over. */
export type SaleState = 'early' | 'open' | 'ended' | 'over'

/**
 * Returns the end of the public sale: the end that the organizer has set, but never after the end of what is sold.
 *
 * @param showtimeSellsForMs time after its start for which a showtime sells by default
 */
function salesEnd(
  { kind, startsAt, endsAt, salesEndAt }: SaleTimes,
  showtimeSellsForMs: number = SHOWTIME_SELLS_AFTER_START_MS,
): number {
  const standard = kind === 'event' ? endsAt : startsAt + showtimeSellsForMs
  return Math.min(salesEndAt ?? standard, endsAt)
}

/** Returns the times with the end of the public sale filled in, so that nobody who reads them has to know the default. */
export function withSalesEnd<Times extends SaleTimes>(
  times: Times,
  showtimeSellsForMs: number | undefined,
): Times & { readonly salesEndAt: number } {
  return { ...times, salesEndAt: salesEnd(times, showtimeSellsForMs) }
}

/** Returns the state of the sale. The organizer's people (`house`) sell until the end, whatever the window says. */
export function saleState(times: SaleTimes, atMs: number, seller: 'public' | 'house'): SaleState {
  if (atMs >= times.endsAt) return 'over'
  if (seller === 'house') return 'open'
  if (times.salesStartAt !== null && atMs < times.salesStartAt) return 'early'
  return atMs < salesEnd(times) ? 'open' : 'ended'
}

/** Returns the next time at which the state of the public sale changes; `Infinity` if it stays. */
export function nextSaleChange(times: SaleTimes, atMs: number): number {
  const boundaries = [times.salesStartAt ?? atMs, salesEnd(times), times.endsAt]
  return Math.min(Number.POSITIVE_INFINITY, ...boundaries.filter((boundary) => boundary > atMs))
}
