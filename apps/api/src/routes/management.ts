import type { Router } from 'express'
import type { RouteDependencies } from '../routing/routes.ts'
import { auditoriumRoutes } from './management-auditoriums.ts'
import type { ManagementDependencies } from './management/dependencies.ts'
import { eventRoutes } from './management-events.ts'
import { movieRoutes } from './management-movies.ts'
import { organizerRoutes } from './management-organizers.ts'
import { promoCodeRoutes } from './management-promo-codes.ts'
import { showtimeRoutes } from './management-showtimes.ts'
import { venueRoutes } from './management-venues.ts'

/** Serves the management of the catalogue. */
export function managementRoutes(deps: RouteDependencies, management: ManagementDependencies): readonly Router[] {
  return [
    organizerRoutes(deps, management),
    venueRoutes(deps, management),
    auditoriumRoutes(deps, management),
    movieRoutes(deps, management),
    showtimeRoutes(deps, management),
    eventRoutes(deps, management),
    promoCodeRoutes(deps, management),
  ]
}
