import type { Router } from 'express'
import { createVenue, getVenue, listVenues, updateVenue } from '@boxoffice/contract/operations/management-venues.ts'
import { findVenueView, listVenues as readPage } from '@boxoffice/core/catalogue/queries/venue-view.ts'
import { transact } from '@boxoffice/core/use-case/transact.ts'
import { createVenue as makeVenue } from '@boxoffice/core/catalogue/create-venue.ts'
import { updateVenue as changeVenue } from '@boxoffice/core/catalogue/update-venue.ts'
import { makeOnce } from '@boxoffice/core/use-case/idempotency.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'
import { notFound } from '@boxoffice/core/use-case/problem.ts'
import { organizerScope } from '../../http/authenticate.ts'
import { markReplay } from '../../http/idempotency-key.ts'
import { organizerOf } from '../../http/organizer-of.ts'
import { pageCursor } from '../../http/page-cursor.ts'
import { type RouteDependencies, Routes } from '../../http/routes.ts'
import { sendPrivateJson } from '../../http/send-json.ts'
import { changedBy, listedFor, type ManagementDependencies } from './dependencies.ts'

/** Where showtimes are. */
export function venueRoutes(deps: RouteDependencies, { database, reports }: ManagementDependencies): Router {
  const routes = new Routes(deps)
  const { pool } = database

  routes.on(createVenue, async (call) => {
    const { caller, body, response } = call
    const organizerId = organizerOf(caller, body.organizerId)
    const made = await transact(database, (tx) =>
      makeOnce(
        tx,
        call.keyed(),
        async () => (await makeVenue(tx, { ...changedBy(call), ...body, organizerId })).venueId,
      ),
    )
    markReplay(response, made.replayed)
    sendPrivateJson(response, 201, await find(caller, made.id))
  })

  routes.on(listVenues, async ({ caller, query, response }) => {
    const organizerId = listedFor(caller, query.organizerId)
    const page = await reports.read(caller, 'limit', (lists) =>
      readPage(lists.pool, organizerId, query.limit, pageCursor(query.cursor)),
    )
    sendPrivateJson(response, 200, page)
  })

  routes.on(getVenue, async ({ caller, params, response }) => {
    sendPrivateJson(response, 200, await find(caller, params.id))
  })

  routes.on(updateVenue, async (call) => {
    const { caller, params, body, response } = call
    const organizerId = organizerScope(caller)
    await transact(database, (tx) => changeVenue(tx, { ...changedBy(call), ...body, venueId: params.id, organizerId }))
    sendPrivateJson(response, 200, await find(caller, params.id))
  })

  async function find(caller: Caller, id: string) {
    const found = await findVenueView(pool, id, organizerScope(caller))
    if (found === null) throw notFound('venue')
    return found
  }

  return routes.router
}
