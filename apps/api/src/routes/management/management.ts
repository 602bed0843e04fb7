import type { Router } from 'express'
import type { RouteDependencies } from '../../http/routes.ts'
import { auditoriumRoutes } from './auditoriums.ts'
import type { ManagementDependencies } from './dependencies.ts'
import { eventRoutes } from './events.ts'
import { movieRoutes } from './movies.ts'
import { organizerRoutes } from './organizers.ts'
import { promoCodeRoutes } from './promo-codes.ts'
import { showtimeRoutes } from './showtimes.ts'
import { venueRoutes } from './venues.ts'

/** Managing the catalogue: what organizers sell, and where. */
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
