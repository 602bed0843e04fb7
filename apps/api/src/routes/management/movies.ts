import type { Router } from 'express'
import {
  createMovie,
  getMovie,
  listOrganizerMovies,
  updateMovie,
} from '@boxoffice/contract/operations/management-movies.ts'
import { findMovieView, listMovieViews } from '@boxoffice/core/catalogue/queries/movie-view.ts'
import { transact } from '@boxoffice/core/use-case/transact.ts'
import { createMovie as makeMovie } from '@boxoffice/core/catalogue/create-movie.ts'
import { updateMovie as changeMovie } from '@boxoffice/core/catalogue/update-movie.ts'
import { makeOnce } from '@boxoffice/core/use-case/idempotency.ts'
import { notFound } from '@boxoffice/core/use-case/problem.ts'
import { organizerScope } from '../../http/authenticate.ts'
import { markReplay } from '../../http/idempotency-key.ts'
import { organizerOf } from '../../http/organizer-of.ts'
import { pageCursor } from '../../http/page-cursor.ts'
import { type RouteDependencies, Routes } from '../../http/routes.ts'
import { sendPrivateJson } from '../../http/send-json.ts'
import { changedBy, listedFor, type ManagementDependencies } from './dependencies.ts'

/** What is shown. */
export function movieRoutes(deps: RouteDependencies, { database, reports }: ManagementDependencies): Router {
  const routes = new Routes(deps)
  const { pool } = database

  routes.on(createMovie, async (call) => {
    const { caller, body, response } = call
    const organizerId = organizerOf(caller, body.organizerId)
    const made = await transact(database, (tx) =>
      makeOnce(
        tx,
        call.keyed(),
        async () => (await makeMovie(tx, { ...changedBy(call), ...body, organizerId })).movieId,
      ),
    )
    markReplay(response, made.replayed)
    sendPrivateJson(response, 201, await find(made.id))
  })

  routes.on(getMovie, async ({ params, response }) => {
    sendPrivateJson(response, 200, await find(params.id))
  })

  routes.on(updateMovie, async (call) => {
    const { caller, params, body, response } = call
    const organizerId = organizerScope(caller)
    await transact(database, (tx) => changeMovie(tx, { ...changedBy(call), ...body, movieId: params.id, organizerId }))
    sendPrivateJson(response, 200, await find(params.id))
  })

  routes.on(listOrganizerMovies, async ({ caller, query, response }) => {
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
