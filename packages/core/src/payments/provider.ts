import type { Minor } from '../domain/money/money.ts'
import type { PaymentReport, RefundReport } from '../domain/payment.ts'
import type { ProviderEvent } from '../domain/provider-event.ts'

export type { Captured, PaymentReport, RefundReport } from '../domain/payment.ts'
export type { PaymentEvent, ProviderEvent } from '../domain/provider-event.ts'

/**
 * Payment provider: a page where a buyer pays, signed payment reports, and refunds. Every provider passes one contract
 * suite. No method is ever called inside a database transaction.
 */
export interface PaymentProvider {
  /** Name, as in `PAYMENT_PROVIDER`, in the webhook's path and in the payment's row. */
  readonly name: string
  /**
   * Longest time from the report that a payment is being processed to the one that says how it ended: so long the booking
   * keeps its places. What takes longer is not offered. 0 for a provider that knows at once.
   */
  readonly processingWindowMs: number
  /** Opens a page to pay on. Sent again with the same `paymentId` it answers the same page. */
  createCheckout(order: CheckoutOrder): Promise<Checkout>
  /** Returns a payment as the provider records it; `null` if the provider has never heard of it. */
  findPayment(payment: PaymentAtProvider): Promise<PaymentReport | null>
  /** Closes the page. Does nothing where it is closed, was paid or never was; `findPayment` tells which. */
  cancelCheckout(payment: PaymentAtProvider): Promise<void>
  /** Sends money back. Sent again with the same `refundId` it is the same refund, and answers how that stands. */
  refund(order: RefundOrder): Promise<RefundReceipt>
  /** Returns a refund as the provider records it. */
  findRefund(refund: { readonly providerReference: string }): Promise<RefundReport>
  /**
   * Returns the content of a webhook, if its signature fits its raw bytes; `null` for a report that means nothing to
   * Boxoffice. Throws `WebhookRefusedError` for what the provider did not sign, or signed too long ago.
   */
  readWebhook(rawBody: Buffer, headers: WebhookHeaders): ProviderEvent | null
}

export type WebhookHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

export interface CheckoutOrder {
  /** Ours; the idempotency key. */
  readonly paymentId: string
  readonly bookingReference: string
  readonly amount: Minor
  /** ISO 4217. */
  readonly currency: string
  /** Purpose of the payment, for people. */
  readonly description: string
  readonly customerEmail: string
  /** Page that the buyer returns to, if the shop named one. */
  readonly returnUrl: string | null
  /** End of the hold. A provider whose pages live longer is told to close the page then. */
  readonly expiresAt: Date
}

export interface Checkout {
  readonly providerReference: string
  readonly checkoutUrl: string
}

export interface PaymentAtProvider {
  /** Ours. */
  readonly paymentId: string
  /** `null` where the provider's answer to `createCheckout` never reached us. */
  readonly providerReference: string | null
}

export interface RefundOrder extends PaymentAtProvider {
  /** Ours; the idempotency key. */
  readonly refundId: string
  readonly amount: Minor
  readonly currency: string
}

export interface RefundReceipt {
  readonly providerReference: string
  readonly report: RefundReport
}

/** The provider cannot be reached, is too slow or has too much to do: nothing is known of the outcome. Try again. */
export class ProviderUnavailableError extends Error {
  override readonly name = 'ProviderUnavailableError'
}

/** The provider understood and said no; asking again would change nothing. The message is its reason. */
export class ProviderRefusedError extends Error {
  override readonly name = 'ProviderRefusedError'
}

/**
 * Webhook that is not from the provider, or not as it was sent: the signature does not fit the bytes, or it is too old.
 */
export class WebhookRefusedError extends Error {
  override readonly name = 'WebhookRefusedError'
}
