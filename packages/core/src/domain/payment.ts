import type { BookingStatus, PaymentStatus } from './booking-status.ts'
import { isReinstatable, type CancelReason } from './cancellation.ts'
import type { Minor } from './money/money.ts'

/** Reasons why a payment failed. Part of the public contract: codes are never reused. */
export const PAYMENT_FAILURES = [
  'declined_finally',
  'hold_expired',
  'booking_cancelled',
  'paid_otherwise',
  'provider_refused',
  'amount_mismatch',
] as const
export type PaymentFailure = (typeof PAYMENT_FAILURES)[number]

/** Reasons for automatic refunds. */
export const AUTOMATIC_REFUNDS = ['late_payment', 'paid_twice', 'booking_cancelled', 'amount_mismatch'] as const
export type AutomaticRefund = (typeof AUTOMATIC_REFUNDS)[number]

/** A payment report, which is what a provider says of a payment. `declined` is not the end: the buyer may try another card on the same page. */
export type PaymentReport =
  | { readonly status: 'open' }
  | { readonly status: 'processing' }
  | { readonly status: 'declined'; readonly reason: string }
  | { readonly status: 'failed'; readonly reason: string }
  | { readonly status: 'completed'; readonly captured: Captured }

/** Amount taken from the buyer. */
export interface Captured {
  readonly amount: Minor
  /** ISO 4217, upper case. */
  readonly currency: string
}

/** Report of a provider about a refund. */
export type RefundReport =
  | { readonly status: 'pending' }
  | { readonly status: 'completed' }
  | { readonly status: 'failed'; readonly reason: string }

export interface PaymentState {
  readonly status: PaymentStatus
  readonly amount: Minor
  readonly currency: string
  readonly captured: Minor
}

export interface BookingState {
  readonly status: BookingStatus
  readonly cancelReason: CancelReason | null
}

/** Reaction to a payment report. */
export type Settlement =
  | { readonly action: 'ignore' }
  | { readonly action: 'process' }
  | { readonly action: 'decline'; readonly reason: string }
  /** The payment is over; the booking goes with it where it was waiting for it. */
  | { readonly action: 'fail'; readonly cancelsBooking: boolean }
  | { readonly action: 'confirm' }
  /** Paid, but the places went back meanwhile: try to get them again, or pay back. */
  | { readonly action: 'reinstate' }
  | { readonly action: 'refund'; readonly reason: AutomaticRefund }
  /** Refusal of a payment that is not what was asked for: it confirms nothing, and what was taken is refunded. */
  | { readonly action: 'refuse' }

/**
 * Decides about a payment report. Whatever their order and number, the end is the same: that money was taken counts
 * once and outranks everything else; what comes before it only says that there is none yet.
 */
export function settlePayment(payment: PaymentState, booking: BookingState, report: PaymentReport): Settlement {
  // Money was taken before: whatever this says, it is older or the same.
  if (payment.captured > 0) return { action: 'ignore' }
  const open = payment.status === 'pending' || payment.status === 'processing'
  switch (report.status) {
    case 'open':
      return { action: 'ignore' }
    case 'processing':
      return payment.status === 'pending' ? { action: 'process' } : { action: 'ignore' }
    case 'declined':
      return open ? { action: 'decline', reason: report.reason } : { action: 'ignore' }
    case 'failed':
      return open ? { action: 'fail', cancelsBooking: booking.status === 'pending' } : { action: 'ignore' }
    case 'completed': {
      const { amount, currency } = report.captured
      if (amount !== payment.amount || currency !== payment.currency) return { action: 'refuse' }
      return settleCompleted(booking)
    }
  }
}

function settleCompleted({ status, cancelReason }: BookingState): Settlement {
  switch (status) {
    case 'pending':
      return { action: 'confirm' }
    case 'cancelled':
      if (cancelReason !== null && isReinstatable(cancelReason)) return { action: 'reinstate' }
      return { action: 'refund', reason: 'booking_cancelled' }
    case 'confirmed':
    case 'completed':
    case 'no_show':
      return { action: 'refund', reason: 'paid_twice' }
  }
}

/** Returns what can still be refunded, in minor units: captured, and neither refunded nor promised to a refund. */
export function refundable(payment: {
  readonly captured: Minor
  readonly refunded: Minor
  readonly reserved: Minor
}): Minor {
  return payment.captured - payment.refunded - payment.reserved
}

/**
 * Returns the payments that have something left to refund, in the order in which refunds take from them: the one that
 * paid for the booking, then the others as given. Anything left of another is money that paid for nothing.
 *
 * @param paidBy the payment that confirmed the booking; `null` while none has.
 */
export function inRefundOrder<
  P extends { readonly id: string; readonly captured: Minor; readonly refunded: Minor; readonly reserved: Minor },
>(payments: readonly P[], paidBy: string | null): readonly P[] {
  const left = payments.filter((payment) => refundable(payment) > 0)
  const isPaying = ({ id }: P) => id === paidBy
  return [...left.filter(isPaying), ...left.filter((payment) => !isPaying(payment))]
}

/** Returns the status of a captured payment after refunds of `refunded` in all. */
export function statusAfterRefund(captured: Minor, refunded: Minor): PaymentStatus {
  if (refunded === 0) return 'completed'
  return refunded < captured ? 'partially_refunded' : 'refunded'
}

/**
 * Returns the payment status of a booking: that of the payment that confirmed it, else of its last one; `pending`
 * without one.
 *
 * @param payments oldest first.
 */
export function bookingPaymentStatus(
  payments: readonly { readonly id: string; readonly status: PaymentStatus }[],
  paidBy: string | null,
): PaymentStatus {
  const payment = payments.find(({ id }) => id === paidBy) ?? payments.at(-1)
  return payment?.status ?? 'pending'
}
