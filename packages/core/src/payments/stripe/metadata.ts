import type Stripe from 'stripe'
import type { CheckoutOrder, RefundOrder } from '../provider.ts'

/*
 * How things at Stripe are known to be ours. An account may serve other programs too, and one of them may have a
 * `paymentId` of its own; so ours has to be a UUID with the company it always has.
 */

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

type Metadata = Stripe.Metadata | null | undefined

export function paymentMetadata({ paymentId, bookingReference }: CheckoutOrder) {
  return { paymentId, bookingReference }
}

export function refundMetadata({ paymentId, refundId }: RefundOrder) {
  return { paymentId, refundId }
}

/** Returns the id of the payment in the metadata of a session or a payment intent. */
export function paymentIdOf(metadata: Metadata): string | null {
  return metadata?.['bookingReference'] === undefined ? null : uuidIn(metadata, 'paymentId')
}

/** Returns the id of the refund in the metadata of a refund. */
export function refundIdOf(metadata: Metadata): string | null {
  return uuidIn(metadata, 'paymentId') === null ? null : uuidIn(metadata, 'refundId')
}

function uuidIn(metadata: Metadata, key: string): string | null {
  const value = metadata?.[key]
  return value !== undefined && UUID.test(value) ? value : null
}
