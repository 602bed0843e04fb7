import type { Router } from 'express'
import {
  cancelShowtime,
  createShowtime,
  createShowtimes,
  getOrganizerShowtime,
  getShowtimeCancellation,
  listOrganizerShowtimes,
  updateShowtime,
} from '@boxoffice/contract/operations/management-showtimes.ts'
import { batchRange, newBatchIds } from '@boxoffice/core/catalogue/batch-ids.ts'
import { createShowtime as makeShowtime, scheduleShowtimes } from '@boxoffice/core/catalogue/create-showtime.ts'
import { findManagedWithin, MANAGED_SHOWTIMES } from '@boxoffice/core/catalogue/queries/managed-resources.ts'
import { updateShowtime as changeShowtime } from '@boxoffice/core/catalogue/update-showtime.ts'
import { makeOnce } from '@boxoffice/core/use-case/idempotency.ts'
import { transact } from '@boxoffice/core/use-case/transact.ts'
import { organizerScope } from '../../http/authenticate.ts'
import { markReplay } from '../../http/idempotency-key.ts'
import { organizerOf } from '../../http/organizer-of.ts'
import { type RouteDependencies, Routes } from '../../http/routes.ts'
import { sendPrivateJson } from '../../http/send-json.ts'
import { changedBy, type ManagementDependencies, requireAdminForLane } from './dependencies.ts'
import { serveResources } from './resources.ts'

/** Showtimes, as their organizer sees and changes them. */
export function showtimeRoutes(deps: RouteDependencies, management: ManagementDependencies): Router {
  const routes = new Routes(deps)
  const { database, lanes } = management

  const find = serveResources(routes, management, {
    kind: 'showtime',
    views: MANAGED_SHOWTIMES,
    update: updateShowtime,
    cancel: cancelShowtime,
    cancellation: getShowtimeCancellation,
    list: listOrganizerShowtimes,
    get: getOrganizerShowtime,
    change: (tx, showtimeId, by, body) => changeShowtime(tx, { ...by, ...body, showtimeId }),
  })

  routes.on(createShowtime, async (call) => {
    const { caller, body, response } = call
    const input = { ...changedBy(call), ...body, organizerId: organizerOf(caller, body.organizerId), lanes }
    requireAdminForLane(caller, body.lane)
    const made = await transact(database, (tx) =>
      makeOnce(tx, call.keyed(), async () => (await makeShowtime(tx, input)).showtimeId),
    )
    markReplay(response, made.replayed)
    sendPrivateJson(response, 201, await find(caller, made.id))
  })

  routes.on(createShowtimes, async (call) => {
    const { caller, body, response } = call
    const { recurrence: startsAt, ...terms } = body
    const input = { ...changedBy(call), ...terms, startsAt, organizerId: organizerOf(caller, body.organizerId), lanes }
    requireAdminForLane(caller, body.lane)
    const made = await transact(database, (tx) =>
      makeOnce(tx, call.keyed(), async () => {
        const idOf = newBatchIds()
        await scheduleShowtimes(tx, { ...input, idOf })
        return idOf(0)
      }),
    )
    markReplay(response, made.replayed)
    const range = batchRange(made.id)
    const items = await findManagedWithin(database.pool, MANAGED_SHOWTIMES, range, organizerScope(caller))
    sendPrivateJson(response, 201, { items })
  })

  return routes.router
}
