import type Stripe from 'stripe'
import type { CheckoutOrder } from '../provider.ts'
import { toStripeAmount } from './amounts.ts'
import { paymentMetadata } from './metadata.ts'
import { PAID_LATER } from './slow-methods.ts'

const MINUTE_MS = 60_000

/** Stripe closes no page sooner than 30 minutes after it was made; the minute is for clocks that differ. */
const PAGE_OUTLIVES_HOLD_MS = 31 * MINUTE_MS
/** Stripe's own limit, and what it takes where nothing is said, is 24 hours. */
const LONGEST_PAGE_MS = 23 * 60 * MINUTE_MS

/** Longer names make a checkout page nobody can read. */
const NAME_LENGTH = 200

/**
 * Returns the parameters of a page for one order. They depend on the order alone, so that sending it again is the same
 * request to Stripe; and the page ends half an hour after the hold, so that a day later, when Stripe has forgotten the
 * key, it is refused instead of becoming a second page.
 *
 * @throws ProviderRefusedError for an amount that Stripe cannot take exactly.
 */
export function sessionParams(order: CheckoutOrder, fallbackReturnUrl: () => string) {
  const metadata = paymentMetadata(order)
  const returnUrl = order.returnUrl ?? fallbackReturnUrl()
  const name = shortened(order.description)
  const closesAt = order.expiresAt.getTime() + PAGE_OUTLIVES_HOLD_MS
  return {
    mode: 'payment',
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: order.currency.toLowerCase(),
          unit_amount: toStripeAmount(order.amount, order.currency),
          product_data: { name },
        },
      },
    ],
    // Which methods there are, the account says; but for those that might take for ever.
    excluded_payment_method_types: PAID_LATER,
    // Stripe would offer the buyer to pay in a currency of their own; what is captured must be what was asked for.
    adaptive_pricing: { enabled: false },
    client_reference_id: order.paymentId,
    customer_email: order.customerEmail,
    metadata,
    // What the session says is not copied to its payment intent, whose events must name the payment too.
    payment_intent_data: { metadata, description: `${order.bookingReference}: ${name}` },
    success_url: returnUrl,
    cancel_url: returnUrl,
    ...(closesAt - Date.now() > LONGEST_PAGE_MS ? {} : { expires_at: Math.floor(closesAt / 1_000) }),
  } satisfies Stripe.Checkout.SessionCreateParams
}

/** Shortens a description by whole characters, because the SDK throws at half of one. */
function shortened(description: string): string {
  const characters = [...description.toWellFormed()]
  return characters.length > NAME_LENGTH ? `${characters.slice(0, NAME_LENGTH - 1).join('')}…` : characters.join('')
}
