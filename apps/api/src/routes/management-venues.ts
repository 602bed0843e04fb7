import type { Router } from 'express'
import * as calls from '@boxoffice/contract/operations/management-venues.ts'
import { venues } from '@boxoffice/core/catalogue/plain-things.ts'
import { type RouteDependencies, Routes } from '../routing/routes.ts'
import type { ManagementDependencies } from './management/dependencies.ts'
import { changerOf, makerOf } from './management/plain-thing-calls.ts'
import { serveThings } from './management/things.ts'

/** Serves the management of venues. */
export function venueRoutes(deps: RouteDependencies, management: ManagementDependencies): Router {
  const routes = new Routes(deps)
  const make = makerOf(venues)
  const change = changerOf(management.database, venues)
  serveThings(routes, management, venues, { ...calls, make, change })
  return routes.router
}
