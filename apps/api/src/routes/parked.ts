import type { Router } from 'express'
import * as parked from '@boxoffice/contract/operations/parked.ts'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { listParked } from '@boxoffice/core/setbacks/queries/parked-view.ts'
import { retryParked } from '@boxoffice/core/setbacks/retry-parked.ts'
import { markReplay } from '../routing/idempotency-key.ts'
import { pageCursor } from '../lists/page-cursor.ts'
import { type RouteDependencies, Routes } from '../routing/routes.ts'
import { sendPrivateJson } from '../answers/send-json.ts'

/** Serves parked work, for operators. */
export function parkedRoutes(
  deps: RouteDependencies,
  { reads, lifecycle }: { readonly reads: Database; readonly lifecycle: Database },
): Router {
  const routes = new Routes(deps)

  routes.on(parked.list, async ({ query, response }) => {
    const page = await listParked(reads.pool, query.kind ?? null, query.limit, pageCursor(query.cursor))
    sendPrivateJson(response, 200, page)
  })

  routes.on(parked.retry, async ({ caller, params, requestId, response, keyed }) => {
    const { parked, replayed } = await retryParked(lifecycle, {
      id: params.id,
      actor: caller.subject,
      requestId,
      keyed: keyed(),
    })
    markReplay(response, replayed)
    sendPrivateJson(response, 200, parked)
  })

  return routes.router
}
