import type { Router } from 'express'
import * as lanes from '@boxoffice/contract/operations/lanes.ts'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { changeLane } from '@boxoffice/core/booking-requests/lines/change-lines.ts'
import { findLane, type LaneView, listLanes } from '@boxoffice/core/booking-requests/lines/lane-view.ts'
import { markReplay } from '../routing/idempotency-key.ts'
import { type RouteDependencies, Routes } from '../routing/routes.ts'
import { sendPrivateJson } from '../answers/send-json.ts'
import { notFound } from '@boxoffice/core/use-case/problem.ts'

interface LaneRoutesDependencies {
  readonly reads: Database
  readonly lifecycle: Database
  /** The setting `LANES`. */
  readonly lanes: number
}

/** Lanes, for those who run the service. */
export function laneRoutes(
  deps: RouteDependencies,
  { reads, lifecycle, lanes: count }: LaneRoutesDependencies,
): Router {
  const routes = new Routes(deps)

  routes.on(lanes.list, async ({ response }) => {
    sendPrivateJson(response, 200, { items: await listLanes(reads.pool, count) })
  })

  routes.on(lanes.get, async ({ params, response }) => {
    sendPrivateJson(response, 200, await find(params.lane))
  })

  for (const [action, operation] of [
    ['pause', lanes.pause],
    ['drain', lanes.drain],
    ['resume', lanes.resume],
  ] as const) {
    routes.on(operation, async ({ caller, params, body, requestId, response, keyed }) => {
      const { replayed } = await changeLane(lifecycle, {
        lane: params.lane,
        lanes: count,
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
    const found = await findLane(reads.pool, lane, count)
    if (found === null) throw notFound('lane')
    return found
  }

  return routes.router
}
