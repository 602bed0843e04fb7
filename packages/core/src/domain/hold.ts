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

/** A hold whose payment is with the provider. */
export interface ProcessingHold {
  readonly expiresAtMs: number
  /** Longest time that the provider takes; 0 for one that answers at once. */
  readonly windowMs: number
  /** End of what is booked: money that comes later is of no use to anybody. */
  readonly endsAtMs: number
}

/**
 * Returns the end of the hold once its payment is being processed, at `nowMs`: the buyer has done all they can, so the
 * places are kept until the provider knows. No hold is shortened.
 */
export function holdWhileProcessing({ expiresAtMs, windowMs, endsAtMs }: ProcessingHold, nowMs: number): number {
  return Math.max(expiresAtMs, Math.min(nowMs + windowMs, endsAtMs))
}
