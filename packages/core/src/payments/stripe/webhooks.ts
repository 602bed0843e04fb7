import { isUtf8 } from 'node:buffer'
import type Stripe from 'stripe'
import { WebhookRefusedError, type PaymentReport, type ProviderEvent, type WebhookHeaders } from '../provider.ts'
import { paymentIdOf, refundIdOf } from './metadata.ts'
import { PAGE_CLOSED, paidBy, reasonOf, reportOfRefund } from './reports.ts'

/**
 * Checks the signature (https://docs.stripe.com/webhooks/signature) with the SDK's tolerance of five minutes.
 *
 * @throws WebhookRefusedError without the SDK's error, which carries the body and with it the buyer's name.
 */
export function verifiedEvent(
  stripe: Stripe,
  webhookSecret: string,
  rawBody: Buffer,
  headers: WebhookHeaders,
): Stripe.Event {
  const signature = headers['stripe-signature']
  if (typeof signature !== 'string') throw new WebhookRefusedError('There is no Stripe-Signature, or more than one.')
  // The SDK signs text, not bytes: left to decode by itself it takes invalid bytes for U+FFFD and skips a mark in front.
  if (!isUtf8(rawBody)) throw new WebhookRefusedError('The body is not UTF-8, and so not from Stripe.')
  try {
    return stripe.webhooks.constructEvent(rawBody.toString('utf8'), signature, webhookSecret)
  } catch (error) {
    const old = error instanceof Error && error.message.includes('tolerance')
    throw new WebhookRefusedError(old ? 'The webhook was signed too long ago.' : 'The Stripe-Signature does not fit.')
  }
}

/** Returns the report of one of our payments or refunds; `null` for all else. */
export function providerEventOf(event: Stripe.Event): ProviderEvent | null {
  switch (event.type) {
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded': {
      const session = event.data.object
      return paymentEvent(event, session, () => paidBy(session) ?? { status: 'processing' })
    }
    case 'checkout.session.async_payment_failed':
      return paymentEvent(event, event.data.object, () => ({ status: 'failed', reason: 'The money did not arrive.' }))
    case 'checkout.session.expired':
      return paymentEvent(event, event.data.object, () => ({ status: 'failed', reason: PAGE_CLOSED }))
    case 'payment_intent.payment_failed': {
      const intent = event.data.object
      return paymentEvent(event, intent, () => ({ status: 'declined', reason: reasonOf(intent) }))
    }
    case 'refund.created':
    case 'refund.updated':
    case 'refund.failed':
    case 'charge.refund.updated':
      return refundEvent(event, event.data.object)
    default:
      return null
  }
}

/**
 * Returns the report of an event. It calls `report` only for what is ours: other programs' sessions may be in
 * currencies that we do not know.
 */
function paymentEvent(
  event: Stripe.Event,
  object: Stripe.Checkout.Session | Stripe.PaymentIntent,
  report: () => PaymentReport,
): ProviderEvent | null {
  const paymentId = paymentIdOf(object.metadata)
  if (paymentId === null) return null
  return { kind: 'payment', eventId: event.id, paymentId, providerReference: object.id, report: report() }
}

function refundEvent(event: Stripe.Event, refund: Stripe.Refund): ProviderEvent | null {
  const refundId = refundIdOf(refund.metadata)
  if (refundId === null) return null
  return {
    kind: 'refund',
    eventId: event.id,
    refundId,
    providerReference: refund.id,
    report: reportOfRefund(refund),
  }
}
