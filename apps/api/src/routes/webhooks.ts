import type { Router } from 'express'
import { listWebhookDeliveries, findWebhookDelivery } from '@boxoffice/core/webhooks/queries/webhook-delivery-view.ts'
import { findWebhookSecret, webhookEndpoints } from '@boxoffice/core/webhooks/queries/webhook-endpoint-view.ts'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { getThing } from '@boxoffice/core/use-case/read-things.ts'
import { createEndpoint } from '@boxoffice/core/webhooks/create-endpoint.ts'
import { deleteEndpoint } from '@boxoffice/core/webhooks/delete-endpoint.ts'
import { replayDelivery, replayFailed } from '@boxoffice/core/webhooks/replay-deliveries.ts'
import { rotateSecret } from '@boxoffice/core/webhooks/rotate-secret.ts'
import { sendTest } from '@boxoffice/core/webhooks/send-test.ts'
import { updateEndpoint } from '@boxoffice/core/webhooks/update-endpoint.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'
import { type Destinations, parseDestination, RefusedDestinationError } from '@boxoffice/core/webhooks/destination.ts'
import { notFound, Problem } from '@boxoffice/core/use-case/problem.ts'
import { organizerScope } from '../callers/authenticate.ts'
import { markReplay } from '../routing/idempotency-key.ts'
import { organizerOf } from '../callers/organizer-of.ts'
import { pageCursor } from '../lists/page-cursor.ts'
import type { Reports } from '../lists/reports.ts'
import { type RouteDependencies, Routes } from '../routing/routes.ts'
import { sendPrivateJson } from '../answers/send-json.ts'
import { serveReads } from './management/things.ts'
import * as webhooks from '@boxoffice/contract/operations/webhooks.ts'

interface WebhookRouteDependencies {
  readonly database: Database
  /** For lists. */
  readonly reports: Reports
  readonly destinations: Destinations
}

/** Serves webhook endpoints and their deliveries. */
export function webhookRoutes(
  deps: RouteDependencies,
  { database, reports, destinations }: WebhookRouteDependencies,
): Router {
  const routes = new Routes(deps)
  const { pool } = database

  routes.on(webhooks.createEndpoint, async ({ caller, body, requestId, response, keyed }) => {
    const { organizerId: named, url, ...terms } = body
    const isOfAll = caller.role === 'admin' && (named === null || named === undefined)
    const organizerId = isOfAll ? null : organizerOf(caller, named ?? undefined)
    const input = { ...terms, url: requireDestination(url), organizerId, actor: caller.subject, requestId }
    const made = await createEndpoint(database, { ...input, keyed: keyed() })
    markReplay(response, made.replayed)
    const { secret } = await secretOf(caller, made.id)
    sendPrivateJson(response, 201, { ...(await endpointOf(caller, made.id)), secret })
  })

  serveReads(routes, { database, reports }, webhookEndpoints, {
    list: webhooks.listEndpoints,
    get: webhooks.getEndpoint,
  })

  routes.on(webhooks.updateEndpoint, async ({ caller, params, body, requestId, response }) => {
    const { url, ...terms } = body
    const input = { ...terms, url: url === undefined ? undefined : requireDestination(url) }
    await updateEndpoint(database, { ...input, ...callOf(caller, params.id, requestId) })
    sendPrivateJson(response, 200, await endpointOf(caller, params.id))
  })

  routes.on(webhooks.deleteEndpoint, async ({ caller, params, requestId, response }) => {
    await deleteEndpoint(database, callOf(caller, params.id, requestId))
    response.status(204).end()
  })

  routes.on(webhooks.getSecret, async ({ caller, params, response }) => {
    sendPrivateJson(response, 200, await secretOf(caller, params.id))
  })

  routes.on(webhooks.rotateSecret, async ({ caller, params, requestId, response, keyed }) => {
    const made = await rotateSecret(database, { ...callOf(caller, params.id, requestId), keyed: keyed() })
    markReplay(response, made.replayed)
    sendPrivateJson(response, 200, await secretOf(caller, params.id))
  })

  routes.on(webhooks.testEndpoint, async ({ caller, params, requestId, response, keyed }) => {
    const made = await sendTest(database, { ...callOf(caller, params.id, requestId), keyed: keyed() })
    markReplay(response, made.replayed)
    const { log: _, ...delivery } = await deliveryOf(caller, made.id)
    sendPrivateJson(response, 202, delivery)
  })

  routes.on(webhooks.listDeliveries, async ({ caller, params, query, response }) => {
    const { id } = await endpointOf(caller, params.id)
    const page = await reports.read(caller, 'limit', (lists) =>
      listWebhookDeliveries(lists.pool, id, query.status ?? null, query.limit, pageCursor(query.cursor)),
    )
    sendPrivateJson(response, 200, page)
  })

  routes.on(webhooks.replayEndpoint, async ({ caller, params, body, requestId, response, keyed }) => {
    const input = { ...callOf(caller, params.id, requestId), since: body.since, keyed: keyed() }
    const made = await replayFailed(database, input)
    markReplay(response, made.replayed)
    sendPrivateJson(response, 202, await endpointOf(caller, params.id))
  })

  routes.on(webhooks.getDelivery, async ({ caller, params, response }) => {
    sendPrivateJson(response, 200, await deliveryOf(caller, params.id))
  })

  routes.on(webhooks.replayDelivery, async ({ caller, params, requestId, response, keyed }) => {
    const made = await replayDelivery(database, { ...callOf(caller, params.id, requestId), keyed: keyed() })
    markReplay(response, made.replayed)
    const { log: _, ...delivery } = await deliveryOf(caller, made.id)
    sendPrivateJson(response, 202, delivery)
  })

  function requireDestination(url: string): string {
    try {
      return parseDestination(url, destinations).href
    } catch (error) {
      if (!(error instanceof RefusedDestinationError)) throw error
      const detail = error.message
      throw new Problem('invalid_request', { detail, errors: [{ pointer: '/url', detail }] })
    }
  }

  async function endpointOf(caller: Caller, id: string) {
    return getThing(pool, webhookEndpoints, id, organizerScope(caller))
  }

  async function secretOf(caller: Caller, id: string) {
    return found('webhook endpoint', await findWebhookSecret(pool, id, organizerScope(caller)))
  }

  async function deliveryOf(caller: Caller, id: string) {
    return found('webhook delivery', await findWebhookDelivery(pool, id, organizerScope(caller)))
  }

  return routes.router
}

const callOf = (caller: Caller, id: string, requestId: string) => ({
  id,
  organizerId: organizerScope(caller),
  actor: caller.subject,
  requestId,
})

function found<View>(what: string, view: View | null): View {
  if (view === null) throw notFound(what)
  return view
}
