import type Stripe from 'stripe'

const DAY_MS = 86_400_000

/**
 * Longest time that a payment is processed: https://docs.stripe.com/payments/payment-methods#payment-notification. Bank
 * debits are the slowest. SEPA debits end after 14 business days at the most, and after five on average; with weekends and
 * two holidays these are three weeks.
 */
export const PROCESSING_WINDOW_MS = 21 * DAY_MS

/**
 * Payment methods that are not offered: the page is done as soon as the buyer has a voucher or the number of an account, and
 * whether and when they pay is up to them. Such a payment is not on its way, and would keep places from those who pay.
 */
export const PAID_LATER: Stripe.Checkout.SessionCreateParams.ExcludedPaymentMethodType[] = [
  'boleto',
  'customer_balance',
  'konbini',
  'multibanco',
  'oxxo',
]
