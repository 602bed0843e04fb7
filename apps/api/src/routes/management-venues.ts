import type { Router } from 'express'
import * as venues from '@boxoffice/contract/operations/management-venues.ts'
import { findVenueView, listVenues } from '@boxoffice/core/catalogue/queries/venue-view.ts'
import { transact } from '@boxoffice/core/use-case/transact.ts'
import { createVenue } from '@boxoffice/core/catalogue/create-venue.ts'
import { updateVenue } from '@boxoffice/core/catalogue/update-venue.ts'
import { makeOnce } from '@boxoffice/core/use-case/idempotency.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'
import { organizerScope } from '../callers/authenticate.ts'
import { markReplay } from '../routing/idempotency-key.ts'
import { organizerOf } from '../callers/organizer-of.ts'
import { pageCursor } from '../lists/page-cursor.ts'
import { type RouteDependencies, Routes } from '../routing/routes.ts'
import { sendPrivateJson } from '../answers/send-json.ts'
import { changedBy, listedFor, type ManagementDependencies } from './management/dependencies.ts'
import { notFound } from '@boxoffice/core/use-case/problem.ts'

/** Serves the management of venues. */
export function venueRoutes(deps: RouteDependencies, { database, reports }: ManagementDependencies): Router {
  const routes = new Routes(deps)
  const { pool } = database

  routes.on(venues.create, async (call) => {
    const { caller, body, response } = call
    const organizerId = organizerOf(caller, body.organizerId)
    const made = await transact(database, (tx) =>
      makeOnce(
        tx,
        call.keyed(),
        async () => (await createVenue(tx, { ...changedBy(call), ...body, organizerId })).venueId,
      ),
    )
    markReplay(response, made.replayed)
    sendPrivateJson(response, 201, await find(caller, made.id))
  })

  routes.on(venues.list, async ({ caller, query, response }) => {
    const organizerId = listedFor(caller, query.organizerId)
    const page = await reports.read(caller, 'limit', (lists) =>
      listVenues(lists.pool, organizerId, query.limit, pageCursor(query.cursor)),
    )
    sendPrivateJson(response, 200, page)
  })

  routes.on(venues.get, async ({ caller, params, response }) => {
    sendPrivateJson(response, 200, await find(caller, params.id))
  })

  routes.on(venues.update, async (call) => {
    const { caller, params, body, response } = call
    const organizerId = organizerScope(caller)
    await transact(database, (tx) => updateVenue(tx, { ...changedBy(call), ...body, venueId: params.id, organizerId }))
    sendPrivateJson(response, 200, await find(caller, params.id))
  })

  async function find(caller: Caller, id: string) {
    const found = await findVenueView(pool, id, organizerScope(caller))
    if (found === null) throw notFound('venue')
    return found
  }

  return routes.router
}
