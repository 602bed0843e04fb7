import type { Router } from 'express'
import type { RouteDependencies } from '../../http/routes.ts'
import { auditoriumRoutes } from './auditoriums.ts'
import type { ManagementDependencies } from './dependencies.ts'
import { eventRoutes } from './events.ts'
import { plainRoutes } from './plain-things.ts'
import { promoCodeRoutes } from './promo-codes.ts'
import { showtimeRoutes } from './showtimes.ts'

/** Managing the catalogue: what organizers sell, and where. */
export function managementRoutes(deps: RouteDependencies, management: ManagementDependencies): readonly Router[] {
  return [
    plainRoutes(deps, management),
    auditoriumRoutes(deps, management),
    showtimeRoutes(deps, management),
    eventRoutes(deps, management),
    promoCodeRoutes(deps, management),
  ]
}
