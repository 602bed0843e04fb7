import type { Router } from 'express'
import * as calls from '@boxoffice/contract/operations/management-promo-codes.ts'
import { withCounts } from '@boxoffice/core/catalogue/count-customers.ts'
import { createPromoCode } from '@boxoffice/core/catalogue/create-promo-code.ts'
import { promoCodes } from '@boxoffice/core/catalogue/promo-codes.ts'
import { updatePromoCode } from '@boxoffice/core/catalogue/update-promo-code.ts'
import { transact } from '@boxoffice/core/use-case/transact.ts'
import { type RouteDependencies, Routes } from '../routing/routes.ts'
import type { ManagementDependencies } from './management/dependencies.ts'
import { serveThings } from './management/things.ts'

/** Serves promo codes, as their organizer sees and changes them. */
export function promoCodeRoutes(deps: RouteDependencies, management: ManagementDependencies): Router {
  const routes = new Routes(deps)
  const { database } = management
  serveThings(routes, management, promoCodes, {
    ...calls,
    make: async (tx, cause, given, organizerId) =>
      (await createPromoCode(tx, { ...cause, ...given, organizerId })).promoCodeId,
    change: (cause, promoCodeId, organizerId, changes) => {
      const input = { ...cause, ...changes, promoCodeId, organizerId }
      return withCounts(database, (counts) => transact(database, (tx) => updatePromoCode(tx, input, counts)))
    },
  })
  return routes.router
}
