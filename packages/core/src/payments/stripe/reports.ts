import type Stripe from 'stripe'
import type { PaymentReport, RefundReport } from '../provider.ts'
import { fromStripeAmount } from './amounts.ts'

export const PAGE_CLOSED = 'The checkout page was closed before anything was paid.'

/** Returns the report of a payment by its session, with the payment intent expanded. */
export function reportOfSession(session: Stripe.Checkout.Session): PaymentReport {
  const paid = paidBy(session)
  if (paid !== null) return paid
  if (session.status === 'expired') return { status: 'failed', reason: PAGE_CLOSED }
  const intent = typeof session.payment_intent === 'object' ? session.payment_intent : null
  // A declined card puts the intent back to where it asks for one; so does a bank that in the end sent no money.
  const rejected = intent?.status === 'requires_payment_method' && intent.last_payment_error !== null ? intent : null
  if (session.status !== 'complete') {
    return rejected === null ? { status: 'open' } : { status: 'declined', reason: reasonOf(rejected) }
  }
  const ended = intent?.status === 'canceled' ? intent : rejected
  return ended === null ? { status: 'processing' } : { status: 'failed', reason: reasonOf(ended) }
}

/**
 * Returns the report of a paid session; `null` while nothing was paid. A refund does not change it.
 *
 * @throws Error for a paid session without an amount, which Stripe does not have.
 */
export function paidBy({ id, payment_status, amount_total, currency }: Stripe.Checkout.Session): PaymentReport | null {
  if (payment_status === 'unpaid') return null
  if (amount_total === null || currency === null) throw new Error(`Stripe says that ${id} is paid, but not how much`)
  return { status: 'completed', captured: fromStripeAmount(amount_total, currency) }
}

/** Returns why an attempt to pay failed, in Stripe's words, which are meant for buyers. */
export function reasonOf({ last_payment_error }: Stripe.PaymentIntent): string {
  return last_payment_error?.message ?? last_payment_error?.code ?? 'The payment failed.'
}

export function reportOfRefund(refund: Stripe.Refund): RefundReport {
  switch (refund.status) {
    case 'succeeded':
      return { status: 'completed' }
    case 'failed':
    case 'canceled':
      return { status: 'failed', reason: refund.failure_reason ?? `The refund was ${refund.status}.` }
    default:
      // `pending`, or `requires_action` of the buyer.
      return { status: 'pending' }
  }
}
