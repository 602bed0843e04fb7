/** A started payment gets at least this long, for a hold that was given as long itself. */
const PAYMENT_WINDOW_MS = 300_000

export interface Hold {
  readonly expiresAtMs: number
  /** How long the resource holds places for. */
  readonly ttlMs: number
  /** Extended before. */
  readonly extended: boolean
}

/**
 * When the hold ends once its buyer starts to pay at `nowMs`: the first start leaves at least five minutes, and never more
 * than the hold had to begin with, so that all in all no hold lasts longer than twice its time. Later starts change nothing.
 */
export function holdWhilePaying(hold: Hold, nowMs: number): number {
  if (hold.extended) return hold.expiresAtMs
  return Math.max(hold.expiresAtMs, nowMs + Math.min(PAYMENT_WINDOW_MS, hold.ttlMs))
}
