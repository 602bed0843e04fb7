import type { PaymentReport, RefundReport } from './payment.ts'

/** A report of a payment or a refund. The same event has the same `eventId`, however often it is sent. */
export type ProviderEvent = PaymentEvent | RefundEvent

export interface PaymentEvent {
  readonly kind: 'payment'
  readonly eventId: string
  /** Ours. */
  readonly paymentId: string
  readonly providerReference: string
  readonly report: PaymentReport
}

export interface RefundEvent {
  readonly kind: 'refund'
  readonly eventId: string
  /** Ours. */
  readonly refundId: string
  readonly providerReference: string
  readonly report: RefundReport
}
