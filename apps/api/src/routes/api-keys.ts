import type { Router } from 'express'
import { createApiKey, getApiKey, listApiKeys, revokeApiKey } from '@boxoffice/contract/operations/api-keys.ts'
import type { Database } from '@boxoffice/core/db/connect.ts'
import {
  type ApiKeyView,
  findApiKeyView,
  listApiKeys as readPage,
} from '@boxoffice/core/access/queries/api-key-view.ts'
import { createApiKey as makeKey, revokeApiKey as revokeKey } from '@boxoffice/core/access/api-keys.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'
import { notFound } from '@boxoffice/core/use-case/problem.ts'
import { organizerScope } from '../http/authenticate.ts'
import { markReplay } from '../http/idempotency-key.ts'
import { organizerOf } from '../http/organizer-of.ts'
import { pageCursor } from '../http/page-cursor.ts'
import type { Reports } from '../http/reports.ts'
import { type RouteDependencies, Routes } from '../http/routes.ts'
import { sendPrivateJson } from '../http/send-json.ts'

interface ApiKeyDependencies {
  readonly database: Database
  /** For lists. */
  readonly reports: Reports
}

/** Keys for an organizer's machines. */
export function apiKeyRoutes(deps: RouteDependencies, { database, reports }: ApiKeyDependencies): Router {
  const routes = new Routes(deps)

  routes.on(createApiKey, async ({ caller, body, requestId, response, keyed }) => {
    const { organizerId: named, ...terms } = body
    const organizerId = organizerOf(caller, named)
    const made = await makeKey(database, { ...terms, organizerId, actor: caller.subject, requestId, keyed: keyed() })
    markReplay(response, made.replayed)
    sendPrivateJson(response, 201, { ...(await find(caller, made.id)), key: made.key })
  })

  routes.on(listApiKeys, async ({ caller, query, response }) => {
    const organizerId = caller.role === 'admin' ? (query.organizerId ?? null) : organizerOf(caller, query.organizerId)
    const page = await reports.read(caller, 'limit', (lists) =>
      readPage(lists.pool, organizerId, query.limit, pageCursor(query.cursor)),
    )
    sendPrivateJson(response, 200, page)
  })

  routes.on(getApiKey, async ({ caller, params, response }) => {
    sendPrivateJson(response, 200, await find(caller, params.id))
  })

  routes.on(revokeApiKey, async ({ caller, params, requestId, response }) => {
    const organizerId = organizerScope(caller)
    await revokeKey(database, { id: params.id, organizerId, actor: caller.subject, requestId })
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
