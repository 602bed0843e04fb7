import type { Database } from '../../db/connect.ts'
import { isTransient } from '../../db/sql-errors.ts'
import { isCurrency } from '../../domain/money/currency.ts'
import {
  ProviderRefusedError,
  ProviderUnavailableError,
  type Checkout,
  type CheckoutOrder,
  type PaymentProvider,
} from '../provider.ts'
import { reportOf } from './checkout.ts'
import { cancelOpenCheckout } from './queries/cancel-checkout.ts'
import { findCheckoutOfPayment } from './queries/find-checkout-of-payment.ts'
import { findRefund } from './queries/find-refund.ts'
import { insertCheckout } from './queries/insert-checkout.ts'
import { refundCheckout } from './refund-checkout.ts'
import { isWebUrl } from './return-url.ts'
import { newCheckoutId } from './sandbox-id.ts'
import { SIGNATURE_HEADER, verifyWebhook } from './signature.ts'
import { readWebhookBody } from './webhook-body.ts'

export interface SandboxProviderOptions {
  readonly database: Database
  /** Address where people reach this Boxoffice, without a slash at the end. */
  readonly publicUrl: () => string
  readonly webhookSecret: string
  /** Two hours by default: longer than any payment can be played to take. */
  readonly processingWindowMs?: number
}

const PROCESSING_WINDOW_MS = 7_200_000

/**
 * Creates a payment provider for trying the product: it takes no money, and whoever opens its page decides how a
 * payment ends. It keeps records of its own and sends its webhooks over HTTP, so that nothing else can tell it from a
 * real one.
 */
export function createSandboxProvider({
  database,
  publicUrl,
  webhookSecret,
  processingWindowMs = PROCESSING_WINDOW_MS,
}: SandboxProviderOptions): PaymentProvider {
  const { pool } = database
  return {
    name: 'sandbox',
    processingWindowMs,
    createCheckout: (order) => answering(() => createCheckout(database, publicUrl, order)),
    findPayment: ({ paymentId }) =>
      answering(async () => {
        const checkout = await findCheckoutOfPayment(pool, paymentId)
        return checkout === null ? null : reportOf(checkout)
      }),
    cancelCheckout: ({ paymentId }) => answering(() => cancelOpenCheckout(pool, paymentId)),
    refund: (order) =>
      answering(async () => {
        const { id } = await refundCheckout(database, order)
        return { providerReference: id, report: { status: 'completed' } }
      }),
    findRefund: ({ providerReference }) =>
      answering(async () => {
        const refund = await findRefund(pool, { id: providerReference })
        if (refund === null) throw new ProviderRefusedError('There is no such refund.')
        return { status: 'completed' }
      }),
    readWebhook: (rawBody, headers) => {
      verifyWebhook(rawBody, headers[SIGNATURE_HEADER], webhookSecret, Date.now())
      return readWebhookBody(rawBody)
    },
  }
}

/**
 * Creates a checkout in two statements: whoever inserts the payment's row first wins, and everybody reads the winner's.
 * In one statement the loser would not see it.
 */
async function createCheckout(database: Database, publicUrl: () => string, order: CheckoutOrder): Promise<Checkout> {
  refuseImpossible(order)
  await insertCheckout(database.pool, { ...order, id: newCheckoutId() })
  const checkout = await findCheckoutOfPayment(database.pool, order.paymentId)
  if (checkout === null) throw new Error('the checkout is gone as soon as it was made')
  if (checkout.amount !== order.amount || checkout.currency !== order.currency) {
    throw new ProviderRefusedError('This payment id stands for a payment of another amount.')
  }
  return { providerReference: checkout.id, checkoutUrl: `${publicUrl()}/sandbox/checkouts/${checkout.id}` }
}

function refuseImpossible({ amount, currency, returnUrl }: CheckoutOrder): void {
  if (!Number.isSafeInteger(amount) || amount < 1) throw new ProviderRefusedError('The amount must be above zero.')
  if (!isCurrency(currency)) throw new ProviderRefusedError('The currency is not known.')
  if (returnUrl !== null && !isWebUrl(returnUrl)) {
    throw new ProviderRefusedError('The return address must start with http:// or https://.')
  }
}

/** Runs a call. A sandbox that cannot reach its own database counts as a provider that cannot be reached. */
async function answering<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isTransient(error)) throw error
    throw new ProviderUnavailableError('The sandbox cannot reach its books.', { cause: error })
  }
}
