import type { Router } from 'express'
import * as calls from '@boxoffice/contract/operations/management-movies.ts'
import { movies } from '@boxoffice/core/catalogue/plain-things.ts'
import { type RouteDependencies, Routes } from '../routing/routes.ts'
import type { ManagementDependencies } from './management/dependencies.ts'
import { changerOf, makerOf } from './management/plain-thing-calls.ts'
import { serveThings } from './management/things.ts'

/** Serves the management of movies. */
export function movieRoutes(deps: RouteDependencies, management: ManagementDependencies): Router {
  const routes = new Routes(deps)
  const make = makerOf(movies)
  const change = changerOf(management.database, movies)
  serveThings(routes, management, movies, { ...calls, make, change })
  return routes.router
}
