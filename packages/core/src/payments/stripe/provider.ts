/**
 * Stripe, by Checkout Sessions: https://docs.stripe.com/api/checkout/sessions.
 *
 * A payment is a session, and the reference is the session's id. Every creation carries a key made of our own id, with
 * which Stripe answers a repetition for at least 24 hours as it answered first, be that a 500
 * (https://docs.stripe.com/api/idempotent_requests). So a creation that ended in such a 500 stays unavailable for a day.
 * The tempting way out, a fresh key, is not taken: Stripe may still finish what it had begun, and then there would be
 * two. A checkout is replaced by starting another payment; a refund waits.
 */
import type Stripe from 'stripe'
import type { Logger } from '../../runtime/logger.ts'
import {
  ProviderRefusedError,
  ProviderUnavailableError,
  type Checkout,
  type CheckoutOrder,
  type PaymentAtProvider,
  type PaymentProvider,
  type RefundOrder,
  type RefundReceipt,
} from '../provider.ts'
import { toStripeAmount } from './amounts.ts'
import { asProviderError, isInvalidRequest, isKeyReused, isMissing } from './errors.ts'
import { findSession } from './find-session.ts'
import { refundIdOf, refundMetadata } from './metadata.ts'
import { reportOfRefund, reportOfSession } from './reports.ts'
import { connectStripe } from './sdk.ts'
import { PROCESSING_WINDOW_MS } from './slow-methods.ts'
import { sessionParams } from './session-params.ts'
import { providerEventOf, verifiedEvent } from './webhooks.ts'

const TIMEOUT_MS = 10_000

/** More of one payment are not looked through, and so not made. */
const REFUNDS_OF_A_PAYMENT = 1_000

export interface StripeProviderOptions {
  readonly secretKey: string
  readonly webhookSecret: string
  /** A stand-in for `https://api.stripe.com`; only host, port and protocol count. */
  readonly apiUrl?: string | undefined
  /** Page for buyers whose shop named none. */
  readonly fallbackReturnUrl: () => string
  /** Time that Stripe may be silent before it counts as unavailable; each request is tried twice. */
  readonly timeoutMs?: number
  readonly logger?: Logger
}

/** Loads Stripe's SDK, which takes a moment; a process that does not use Stripe does not make a provider either. */
export function createStripeProvider(options: StripeProviderOptions): PaymentProvider {
  const { webhookSecret, fallbackReturnUrl, logger, timeoutMs = TIMEOUT_MS, ...connection } = options
  const stripe = connectStripe({ ...connection, timeoutMs })

  const asking = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work
    } catch (error) {
      throw asProviderError(error, logger)
    }
  }

  return {
    name: 'stripe',
    processingWindowMs: PROCESSING_WINDOW_MS,
    createCheckout: async (order) => await asking(createCheckout(stripe, order, fallbackReturnUrl)),
    findPayment: async (payment) => {
      const session = await asking(findSession(stripe, payment))
      return session === null ? null : reportOfSession(session)
    },
    cancelCheckout: async (payment) => await asking(cancelCheckout(stripe, payment)),
    refund: async (order) => await asking(refund(stripe, order)),
    findRefund: async ({ providerReference }) => {
      return reportOfRefund(await asking(stripe.refunds.retrieve(providerReference)))
    },
    readWebhook: (rawBody, headers) => providerEventOf(verifiedEvent(stripe, webhookSecret, rawBody, headers)),
  }
}

async function createCheckout(
  stripe: Stripe,
  order: CheckoutOrder,
  fallbackReturnUrl: () => string,
): Promise<Checkout> {
  const params = sessionParams(order, fallbackReturnUrl)
  try {
    const session = await stripe.checkout.sessions.create(params, { idempotencyKey: `checkout:${order.paymentId}` })
    return checkoutOf(session)
  } catch (error) {
    if (!isKeyReused(error)) throw error
    // Sent again with another hold or another page to return to: it is still the same payment.
    const session = await findSession(stripe, { paymentId: order.paymentId, providerReference: null })
    if (session === null) throw error
    return checkoutOf(session)
  }
}

function checkoutOf({ id, url }: Stripe.Checkout.Session): Checkout {
  if (url === null) throw new ProviderRefusedError('The checkout page of this payment is closed.')
  return { providerReference: id, checkoutUrl: url }
}

/**
 * Closes a page, without a key of ours: closing is the same however often it is done, and with a key Stripe would
 * repeat what it said when the page was in another state. The SDK sends a fresh one for its own retry.
 */
async function cancelCheckout(stripe: Stripe, payment: PaymentAtProvider): Promise<void> {
  const { providerReference } = payment
  const id = providerReference?.startsWith('cs_') ? providerReference : (await findSession(stripe, payment))?.id
  if (id === undefined) return
  try {
    await stripe.checkout.sessions.expire(id)
  } catch (error) {
    if (isMissing(error)) return
    if (!isInvalidRequest(error)) throw error
    const { status } = await stripe.checkout.sessions.retrieve(id)
    if (status !== 'open') return
    throw new ProviderUnavailableError(`Stripe does not close the page now: ${error.message}`, { cause: error })
  }
}

/**
 * Refunds. Stripe forgets the key after a day, and then the same request would be a second refund. So the existing
 * refunds are read first, every time, because nobody can know whether this is the first time.
 */
async function refund(stripe: Stripe, order: RefundOrder): Promise<RefundReceipt> {
  const amount = toStripeAmount(order.amount, order.currency)
  const intentId = await paidIntent(stripe, order)
  const made =
    (await findMadeRefund(stripe, intentId, order.refundId)) ??
    (await stripe.refunds.create(
      { payment_intent: intentId, amount, metadata: refundMetadata(order) },
      { idempotencyKey: `refund:${order.refundId}` },
    ))
  return { providerReference: made.id, report: reportOfRefund(made) }
}

async function paidIntent(stripe: Stripe, order: RefundOrder): Promise<string> {
  const session = await findSession(stripe, order)
  if (session === null) throw new ProviderRefusedError('Stripe knows no such payment.')
  const intent = typeof session.payment_intent === 'string' ? session.payment_intent : session.payment_intent?.id
  if (session.payment_status === 'unpaid' || intent === undefined) {
    throw new ProviderRefusedError('Nothing was paid that could be sent back.')
  }
  // Stripe takes no currency with a refund: it is in the payment's.
  if (session.currency?.toUpperCase() !== order.currency) {
    throw new ProviderRefusedError(`The payment was not in ${order.currency}.`)
  }
  return intent
}

async function findMadeRefund(stripe: Stripe, intentId: string, refundId: string): Promise<Stripe.Refund | undefined> {
  const made = await stripe.refunds
    .list({ payment_intent: intentId, limit: 100 })
    .autoPagingToArray({ limit: REFUNDS_OF_A_PAYMENT })
  const found = made.find(({ metadata }) => refundIdOf(metadata) === refundId)
  if (found === undefined && made.length >= REFUNDS_OF_A_PAYMENT) {
    throw new ProviderRefusedError(`There are ${made.length} refunds of this payment already.`)
  }
  return found
}
