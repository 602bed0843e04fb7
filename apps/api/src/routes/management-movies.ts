import type { Router } from 'express'
import * as movies from '@boxoffice/contract/operations/management-movies.ts'
import { findMovieView, listMovieViews } from '@boxoffice/core/catalogue/queries/movie-view.ts'
import { transact } from '@boxoffice/core/use-case/transact.ts'
import { createMovie } from '@boxoffice/core/catalogue/create-movie.ts'
import { updateMovie } from '@boxoffice/core/catalogue/update-movie.ts'
import { makeOnce } from '@boxoffice/core/use-case/idempotency.ts'
import { organizerScope } from '../callers/authenticate.ts'
import { markReplay } from '../routing/idempotency-key.ts'
import { organizerOf } from '../callers/organizer-of.ts'
import { pageCursor } from '../lists/page-cursor.ts'
import { type RouteDependencies, Routes } from '../routing/routes.ts'
import { sendPrivateJson } from '../answers/send-json.ts'
import { changedBy, listedFor, type ManagementDependencies } from './management/dependencies.ts'
import { notFound } from '@boxoffice/core/use-case/problem.ts'

/** Serves the management of movies. */
export function movieRoutes(deps: RouteDependencies, { database, reports }: ManagementDependencies): Router {
  const routes = new Routes(deps)
  const { pool } = database

  routes.on(movies.create, async (call) => {
    const { caller, body, response } = call
    const organizerId = organizerOf(caller, body.organizerId)
    const made = await transact(database, (tx) =>
      makeOnce(
        tx,
        call.keyed(),
        async () => (await createMovie(tx, { ...changedBy(call), ...body, organizerId })).movieId,
      ),
    )
    markReplay(response, made.replayed)
    sendPrivateJson(response, 201, await find(made.id))
  })

  routes.on(movies.get, async ({ params, response }) => {
    sendPrivateJson(response, 200, await find(params.id))
  })

  routes.on(movies.update, async (call) => {
    const { caller, params, body, response } = call
    const organizerId = organizerScope(caller)
    await transact(database, (tx) => updateMovie(tx, { ...changedBy(call), ...body, movieId: params.id, organizerId }))
    sendPrivateJson(response, 200, await find(params.id))
  })

  routes.on(movies.list, async ({ caller, query, response }) => {
    const organizerId = listedFor(caller, query.organizerId)
    const page = await reports.read(caller, 'limit', (lists) =>
      listMovieViews(lists.pool, organizerId, query.limit, pageCursor(query.cursor)),
    )
    sendPrivateJson(response, 200, page)
  })

  async function find(id: string) {
    const found = await findMovieView(pool, id, null)
    if (found === null) throw notFound('movie')
    return found
  }

  return routes.router
}
