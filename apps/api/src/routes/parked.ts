import type { Router } from 'express'
import { listParked, retryParked } from '@boxoffice/contract/operations/parked.ts'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { listParked as readParked } from '@boxoffice/core/setbacks/queries/parked-view.ts'
import { retryParked as retry } from '@boxoffice/core/setbacks/retry-parked.ts'
import { markReplay } from '../http/idempotency-key.ts'
import { pageCursor } from '../http/page-cursor.ts'
import { type RouteDependencies, Routes } from '../http/routes.ts'
import { sendPrivateJson } from '../http/send-json.ts'

/** Work that was set aside, for those who run the service. */
export function parkedRoutes(
  deps: RouteDependencies,
  { reads, lifecycle }: { readonly reads: Database; readonly lifecycle: Database },
): Router {
  const routes = new Routes(deps)

  routes.on(listParked, async ({ query, response }) => {
    const page = await readParked(reads.pool, query.kind ?? null, query.limit, pageCursor(query.cursor))
    sendPrivateJson(response, 200, page)
  })

  routes.on(retryParked, async ({ caller, params, requestId, response, keyed }) => {
    const { parked, replayed } = await retry(lifecycle, {
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
