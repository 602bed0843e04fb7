import type { Router } from 'express'
import * as calls from '@boxoffice/contract/operations/management-showtimes.ts'
import { batchRange, newBatchIds } from '@boxoffice/core/catalogue/batch-ids.ts'
import { inLane } from '@boxoffice/core/catalogue/create-resource.ts'
import { createShowtime, scheduleShowtimes } from '@boxoffice/core/catalogue/create-showtime.ts'
import { findManagedWithin, managedShowtimes } from '@boxoffice/core/catalogue/queries/managed-resources.ts'
import { updateShowtime } from '@boxoffice/core/catalogue/update-showtime.ts'
import { makeOnce } from '@boxoffice/core/use-case/idempotency.ts'
import { transact } from '@boxoffice/core/use-case/transact.ts'
import { organizerScope } from '../callers/authenticate.ts'
import { markReplay } from '../routing/idempotency-key.ts'
import { organizerOf } from '../callers/organizer-of.ts'
import { type RouteDependencies, Routes } from '../routing/routes.ts'
import { sendPrivateJson } from '../answers/send-json.ts'
import { changedBy, type ManagementDependencies, requireAdminForLane } from './management/dependencies.ts'
import { serveResources } from './management/resources.ts'

/** Serves showtimes, as their organizer sees and changes them. */
export function showtimeRoutes(deps: RouteDependencies, management: ManagementDependencies): Router {
  const routes = new Routes(deps)
  const { database, lanes, showtimeSellsForMs } = management
  const views = managedShowtimes(lanes, showtimeSellsForMs)

  const find = serveResources(routes, management, {
    kind: 'showtime',
    views,
    update: calls.update,
    cancel: calls.cancel,
    cancellation: calls.getCancellation,
    pause: calls.pause,
    drain: calls.drain,
    resume: calls.resume,
    line: calls.getLine,
    keepPlaces: calls.keepPlaces,
    blocks: calls.blocks,
    giveBack: calls.giveBack,
    list: calls.list,
    get: calls.get,
    change: (tx, showtimeId, by, body) => updateShowtime(tx, { ...by, ...body, showtimeId }),
  })

  routes.on(calls.create, async (call) => {
    const { caller, body, response } = call
    const input = { ...changedBy(call), ...body, organizerId: organizerOf(caller, body.organizerId), lanes }
    requireAdminForLane(caller, body.lane)
    const made = await transact(database, (tx) =>
      makeOnce(tx, call.keyed(), async () => (await createShowtime(tx, input)).showtimeId),
    )
    markReplay(response, made.replayed)
    sendPrivateJson(response, 201, await find(caller, made.id))
  })

  routes.on(calls.createMany, async (call) => {
    const { caller, body, response } = call
    const { recurrence: startsAt, ...terms } = body
    const input = { ...changedBy(call), ...terms, startsAt, organizerId: organizerOf(caller, body.organizerId), lanes }
    requireAdminForLane(caller, body.lane)
    const made = await transact(database, (tx) =>
      makeOnce(tx, call.keyed(), async () => {
        const idOf = newBatchIds(inLane(body.lane, lanes))
        await scheduleShowtimes(tx, { ...input, idOf })
        return idOf(0)
      }),
    )
    markReplay(response, made.replayed)
    const range = batchRange(made.id)
    const items = await findManagedWithin(database.pool, views, range, organizerScope(caller))
    sendPrivateJson(response, 201, { items })
  })

  return routes.router
}
