import type { Router } from 'express'
import { receivePaymentWebhook } from '@boxoffice/contract/operations/payment-webhooks.ts'
import type { LifecycleDependencies } from '@boxoffice/core/bookings/lifecycle.ts'
import { receiveWebhook } from '@boxoffice/core/bookings/payments/receive-webhook.ts'
import { sendRefund } from '@boxoffice/core/bookings/payments/send-refunds.ts'
import { notFound, Problem } from '@boxoffice/core/use-case/problem.ts'
import { readBytes } from '../http/json-body.ts'
import { type RouteDependencies, Routes } from '../http/routes.ts'
import { sendPrivateJson } from '../http/send-json.ts'

/**
 * Where payment providers send their news. What they signed are the bytes, so no reader of JSON comes first. Answered
 * 5xx while the payment is unknown (its row may not be committed yet), so that they send it again.
 */
export function paymentWebhookRoutes(
  deps: RouteDependencies,
  { lifecycle }: { readonly lifecycle: LifecycleDependencies },
): Router {
  const routes = new Routes(deps)
  routes.on(receivePaymentWebhook, async ({ params, request, response }) => {
    const provider = lifecycle.providers.all.get(params.provider)
    if (provider === undefined) throw notFound('payment provider')
    const { outcome, refundIds } = await receiveWebhook(lifecycle, provider, await readBytes(request), request.headers)
    if (outcome === 'unknown') throw new Problem('unknown_payment')
    sendPrivateJson(response, 200, { received: true })
    for (const refundId of refundIds) {
      sendRefund(lifecycle, refundId).catch((error: unknown) => {
        lifecycle.logger.warn({ err: error, refund: refundId }, 'a refund was not sent at once')
      })
    }
  })
  return routes.router
}
