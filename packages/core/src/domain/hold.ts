/** A started payment gets at least this long, for a hold that was given as long itself. */
const PAYMENT_WINDOW_MS = 300_000

export interface Hold {
  readonly expiresAtMs: number
  /** Time that the resource holds places. */
  readonly ttlMs: number
  /** Extended before. */
  readonly extended: boolean
}

/**
 * Returns the end of the hold once its buyer starts to pay at `nowMs`: the first start leaves at least five minutes,
 * and never more than the hold had at first, so that no hold lasts longer than twice its time. Later starts change
 * nothing.
 */
export function holdWhilePaying(hold: Hold, nowMs: number): number {
  if (hold.extended) return hold.expiresAtMs
  return Math.max(hold.expiresAtMs, nowMs + Math.min(PAYMENT_WINDOW_MS, hold.ttlMs))
}
