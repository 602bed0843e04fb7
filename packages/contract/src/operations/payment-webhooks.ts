import { z } from 'zod'
import { operation } from '../operation.ts'

export const receive = operation({
  id: 'receivePaymentWebhook',
  method: 'post',
  path: '/v1/payment-webhooks/{provider}',
  tag: 'Payment webhooks',
  summary: 'Take a report from a payment provider',
  description: 'Signed by the provider over the bytes of the body. Providers send a report again that is answered 5xx.',
  access: 'anyone',
  scope: null,
  limit: 'signed',
  noun: 'payment provider',
  params: z.strictObject({ provider: z.string().meta({ example: 'stripe' }) }),
  takesBytes: true,
  answers: {
    200: {
      description: 'Acted on, now or before',
      schema: z.strictObject({ received: z.literal(true) }),
      example: { received: true },
    },
  },
  problems: ['invalid_webhook', 'unknown_payment'],
})
