/** Why a booking was cancelled. Part of the public contract: codes are never reused. */
export const CANCEL_REASONS = ['expired', 'payment_failed', 'customer', 'organizer'] as const
export type CancelReason = (typeof CANCEL_REASONS)[number]

/** The reason of a cancelled showtime or event where nobody said more. */
export const NO_REASON = 'The organizer has cancelled it.'

/**
 * The one way out of `cancelled`: nobody wanted these bookings gone, they only ran out of time. If the buyer has paid all
 * the same and the places are still free, the booking is confirmed instead of being paid back. No command does that.
 */
export function isReinstatable(reason: CancelReason): boolean {
  return reason === 'expired' || reason === 'payment_failed'
}
