import type { Router } from 'express'
import * as paymentWebhooks from '@boxoffice/contract/operations/payment-webhooks.ts'
import type { LifecycleDependencies } from '@boxoffice/core/bookings/lifecycle.ts'
import { receiveWebhook } from '@boxoffice/core/bookings/payments/receive-webhook.ts'
import { sendRefund } from '@boxoffice/core/bookings/payments/send-refunds.ts'
import { readBytes } from '../bodies/json-body.ts'
import { Problem, notFound } from '@boxoffice/core/use-case/problem.ts'
import { type RouteDependencies, Routes } from '../routing/routes.ts'
import { sendPrivateJson } from '../answers/send-json.ts'

/**
 * Receives payment reports from providers. They sign the bytes, so no reader of JSON comes first. A report about an
 * unknown payment (its row may not be committed yet) is answered 5xx, so that the provider repeats it.
 */
export function paymentWebhookRoutes(
  deps: RouteDependencies,
  { lifecycle }: { readonly lifecycle: LifecycleDependencies },
): Router {
  const routes = new Routes(deps)
  routes.on(paymentWebhooks.receive, async ({ params, request, response }) => {
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
