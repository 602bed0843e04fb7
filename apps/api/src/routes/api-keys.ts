import type { Router } from 'express'
import { createApiKey, revokeApiKey } from '@boxoffice/core/access/api-keys.ts'
import { listApiKeys, type ApiKeyView, findApiKeyView } from '@boxoffice/core/access/queries/api-key-view.ts'
import type { Database } from '@boxoffice/core/db/connect.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'
import { organizerScope } from '../callers/authenticate.ts'
import { markReplay } from '../routing/idempotency-key.ts'
import { organizerOf } from '../callers/organizer-of.ts'
import { pageCursor } from '../lists/page-cursor.ts'
import type { Reports } from '../lists/reports.ts'
import { type RouteDependencies, Routes } from '../routing/routes.ts'
import { sendPrivateJson } from '../answers/send-json.ts'
import * as apiKeys from '@boxoffice/contract/operations/api-keys.ts'
import { notFound } from '@boxoffice/core/use-case/problem.ts'

interface ApiKeyDependencies {
  readonly database: Database
  /** For lists. */
  readonly reports: Reports
}

/** Keys for an organizer's machines. */
export function apiKeyRoutes(deps: RouteDependencies, { database, reports }: ApiKeyDependencies): Router {
  const routes = new Routes(deps)

  routes.on(apiKeys.create, async ({ caller, body, requestId, response, keyed }) => {
    const { organizerId: named, ...terms } = body
    const organizerId = organizerOf(caller, named)
    const made = await createApiKey(database, {
      ...terms,
      organizerId,
      actor: caller.subject,
      requestId,
      keyed: keyed(),
    })
    markReplay(response, made.replayed)
    sendPrivateJson(response, 201, { ...(await find(caller, made.id)), key: made.key })
  })

  routes.on(apiKeys.list, async ({ caller, query, response }) => {
    const organizerId = caller.role === 'admin' ? (query.organizerId ?? null) : organizerOf(caller, query.organizerId)
    const page = await reports.read(caller, 'limit', (lists) =>
      listApiKeys(lists.pool, organizerId, query.limit, pageCursor(query.cursor)),
    )
    sendPrivateJson(response, 200, page)
  })

  routes.on(apiKeys.get, async ({ caller, params, response }) => {
    sendPrivateJson(response, 200, await find(caller, params.id))
  })

  routes.on(apiKeys.revoke, async ({ caller, params, requestId, response }) => {
    const organizerId = organizerScope(caller)
    await revokeApiKey(database, { id: params.id, organizerId, actor: caller.subject, requestId })
    sendPrivateJson(response, 200, await find(caller, params.id))
  })

  async function find(caller: Caller, id: string): Promise<ApiKeyView> {
    const found = await findApiKeyView(database.pool, id)
    const scope = organizerScope(caller)
    if (found === null || (scope !== null && found.organizerId !== scope)) throw notFound('API key')
    return found
  }

  return routes.router
}
