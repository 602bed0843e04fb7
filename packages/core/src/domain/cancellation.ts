/** Reasons why a booking was cancelled. Part of the public contract: codes are never reused. */
export const CANCEL_REASONS = ['expired', 'payment_failed', 'customer', 'organizer'] as const
export type CancelReason = (typeof CANCEL_REASONS)[number]

/** The reason of a cancelled showtime or event where nobody said more. */
export const NO_REASON = 'The organizer has cancelled it.'

/**
 * Returns whether a booking cancelled for this reason may be confirmed after all: nobody wanted it cancelled, it only
 * ran out of time. If the buyer has paid and the places are still free, it is confirmed instead of being refunded. No
 * command does that.
 */
export function isReinstatable(reason: CancelReason): boolean {
  return reason === 'expired' || reason === 'payment_failed'
}
