import type { Router } from 'express'
import { drainLane, getLane, listLanes, pauseLane, resumeLane } from '@boxoffice/contract/operations/lanes.ts'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { findLane, type LaneView, listLanes as readLanes } from '@boxoffice/core/booking-requests/queries/lane-view.ts'
import { changeLane } from '@boxoffice/core/booking-requests/lanes/change-lane.ts'
import { notFound } from '@boxoffice/core/use-case/problem.ts'
import { markReplay } from '../http/idempotency-key.ts'
import { type RouteDependencies, Routes } from '../http/routes.ts'
import { sendPrivateJson } from '../http/send-json.ts'

/** Lanes, for those who run the service. */
export function laneRoutes(
  deps: RouteDependencies,
  { reads, lifecycle }: { readonly reads: Database; readonly lifecycle: Database },
): Router {
  const routes = new Routes(deps)

  routes.on(listLanes, async ({ response }) => {
    sendPrivateJson(response, 200, { items: await readLanes(reads.pool) })
  })

  routes.on(getLane, async ({ params, response }) => {
    sendPrivateJson(response, 200, await find(params.lane))
  })

  for (const [action, operation] of [
    ['pause', pauseLane],
    ['drain', drainLane],
    ['resume', resumeLane],
  ] as const) {
    routes.on(operation, async ({ caller, params, body, requestId, response, keyed }) => {
      const { replayed } = await changeLane(lifecycle, {
        lane: params.lane,
        action,
        reason: body.reason,
        actor: caller.subject,
        requestId,
        keyed: keyed(),
      })
      markReplay(response, replayed)
      sendPrivateJson(response, 200, await find(params.lane))
    })
  }

  async function find(lane: number): Promise<LaneView> {
    const found = await findLane(reads.pool, lane)
    if (found === null) throw notFound('lane')
    return found
  }

  return routes.router
}
