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
import {
  findManagedShowtime,
  findManagedShowtimesWithin,
  listManagedShowtimes,
} from '@boxoffice/core/catalogue/queries/managed-showtime-view.ts'
import { NO_REASON } from '@boxoffice/core/domain/cancellation.ts'
import { transact } from '@boxoffice/core/use-case/transact.ts'
import { batchRange, newBatchIds } from '@boxoffice/core/catalogue/batch-ids.ts'
import { scheduleShowtimes } from '@boxoffice/core/catalogue/schedule-showtimes.ts'
import { updateShowtime as changeShowtime } from '@boxoffice/core/catalogue/update-showtime.ts'
import { makeOnce } from '@boxoffice/core/use-case/idempotency.ts'
import { newId } from '@boxoffice/core/runtime/new-id.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'
import { notFound } from '@boxoffice/core/use-case/problem.ts'
import { organizerScope } from '../../http/authenticate.ts'
import { markReplay } from '../../http/idempotency-key.ts'
import { organizerOf } from '../../http/organizer-of.ts'
import { pageCursor } from '../../http/page-cursor.ts'
import { type RouteDependencies, Routes } from '../../http/routes.ts'
import { sendPrivateJson } from '../../http/send-json.ts'
import { cancel, progressOf, requireAlone } from './cancellations.ts'
import {
  changedBy,
  changeResource,
  listedFor,
  type ManagementDependencies,
  requireAdminForLane,
} from './dependencies.ts'

/** Showtimes, as their organizer sees and changes them. */
export function showtimeRoutes(deps: RouteDependencies, management: ManagementDependencies): Router {
  const routes = new Routes(deps)
  const { database, reports, lanes } = management
  const { pool } = database

  routes.on(createShowtime, async (call) => {
    const { caller, body, response } = call
    const organizerId = organizerOf(caller, body.organizerId)
    requireAdminForLane(caller, body.lane)
    const made = await transact(database, (tx) =>
      makeOnce(tx, call.keyed(), async () => {
        const id = newId()
        await scheduleShowtimes(tx, { ...changedBy(call), ...body, organizerId, lanes, idOf: () => id })
        return id
      }),
    )
    markReplay(response, made.replayed)
    sendPrivateJson(response, 201, await find(caller, made.id))
  })

  routes.on(createShowtimes, async (call) => {
    const { caller, body, response } = call
    const organizerId = organizerOf(caller, body.organizerId)
    requireAdminForLane(caller, body.lane)
    const { recurrence, ...terms } = body
    const made = await transact(database, (tx) =>
      makeOnce(tx, call.keyed(), async () => {
        const idOf = newBatchIds()
        const by = changedBy(call)
        await scheduleShowtimes(tx, { ...by, ...terms, startsAt: recurrence, organizerId, lanes, idOf })
        return idOf(0)
      }),
    )
    markReplay(response, made.replayed)
    const items = await findManagedShowtimesWithin(pool, batchRange(made.id), organizerScope(caller))
    sendPrivateJson(response, 201, { items })
  })

  routes.on(updateShowtime, async (call) => {
    const { caller, params, body, response } = call
    const { status, ...changes } = body
    if (status === 'cancelled') {
      requireAlone(body)
      const { id } = params
      await cancel(management, { ...changedBy(call), kind: 'showtime', id, caller, reason: NO_REASON, keyed: null })
    } else {
      const input = {
        ...changedBy(call),
        ...changes,
        status,
        showtimeId: params.id,
        organizerId: organizerScope(caller),
      }
      await changeResource(management, params.id, async (tx) => ({ version: await changeShowtime(tx, input) }))
    }
    sendPrivateJson(response, 200, await find(caller, params.id))
  })

  routes.on(cancelShowtime, async (call) => {
    const { caller, params, body, response } = call
    const input = { ...changedBy(call), kind: 'showtime', id: params.id, caller, reason: body.reason } as const
    const { replayed, progress } = await cancel(management, { ...input, keyed: call.keyed() })
    markReplay(response, replayed)
    sendPrivateJson(response, 202, progress)
  })

  routes.on(getShowtimeCancellation, async ({ caller, params, response }) => {
    sendPrivateJson(response, 200, await progressOf(management, 'showtime', params.id, caller))
  })

  routes.on(listOrganizerShowtimes, async ({ caller, query, response }) => {
    const { status = null, from = null, to = null } = query
    const filter = { organizerId: listedFor(caller, query.organizerId), status, from, to }
    const page = await reports.read(caller, 'status, from, to or limit', (lists) =>
      listManagedShowtimes(lists.pool, filter, query.limit, pageCursor(query.cursor)),
    )
    sendPrivateJson(response, 200, page)
  })

  routes.on(getOrganizerShowtime, async ({ caller, params, response }) => {
    sendPrivateJson(response, 200, await find(caller, params.id))
  })

  async function find(caller: Caller, id: string) {
    const found = await findManagedShowtime(pool, id, organizerScope(caller))
    if (found === null) throw notFound('showtime')
    return found
  }

  return routes.router
}
