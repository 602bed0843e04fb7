import type { PaymentProvider } from './provider.ts'
import { ProviderRefusedError, WebhookRefusedError } from './provider.ts'

export const MANUAL = 'manual'

/**
 * Money that changed hands outside of Boxoffice, at the counter or by transfer: staff confirm the booking and say so. Its
 * refunds are paid out by hand too, so they count as done once they are asked for.
 */
export const manualProvider: PaymentProvider = {
  name: MANUAL,
  processingWindowMs: 0,
  createCheckout: () => Promise.reject(new ProviderRefusedError('A manual payment has no page to pay on.')),
  findPayment: () => Promise.resolve(null),
  cancelCheckout: () => Promise.resolve(),
  refund: ({ refundId }) =>
    Promise.resolve({ providerReference: `manual_${refundId}`, report: { status: 'completed' } }),
  findRefund: () => Promise.resolve({ status: 'completed' }),
  readWebhook: () => {
    throw new WebhookRefusedError('Nobody sends reports of manual payments.')
  },
}
