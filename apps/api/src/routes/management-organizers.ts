import type { Router } from 'express'
import * as calls from '@boxoffice/contract/operations/management-organizers.ts'
import { createThing } from '@boxoffice/core/catalogue/plain-thing.ts'
import { organizers } from '@boxoffice/core/catalogue/plain-things.ts'
import { notFound, Problem } from '@boxoffice/core/use-case/problem.ts'
import { type RouteDependencies, Routes } from '../routing/routes.ts'
import type { ManagementDependencies } from './management/dependencies.ts'
import { changerOf } from './management/plain-thing-calls.ts'
import { serveThings } from './management/things.ts'

/** Serves the management of organizers. */
export function organizerRoutes(deps: RouteDependencies, management: ManagementDependencies): Router {
  const routes = new Routes(deps)
  const change = changerOf(management.database, organizers)
  serveThings(routes, management, organizers, {
    ...calls,
    make: (tx, cause, given) => createThing(tx, organizers, cause, given),
    change: (cause, id, scope, changes) => {
      if (scope !== null && scope !== id) throw notFound('organizer')
      if (scope !== null && changes.feeBasisPoints !== undefined) {
        throw new Problem('forbidden', { detail: 'Only admins can change the fee.' })
      }
      return change(cause, id, scope, changes)
    },
  })
  return routes.router
}
