import type { Router } from 'express'
import {
  createPromoCode,
  getPromoCode,
  listPromoCodes,
  updatePromoCode,
} from '@boxoffice/contract/operations/management-promo-codes.ts'
import { withCounts } from '@boxoffice/core/catalogue/count-customers.ts'
import { createPromoCode as makePromoCode } from '@boxoffice/core/catalogue/create-promo-code.ts'
import { promoCodes } from '@boxoffice/core/catalogue/promo-codes.ts'
import { updatePromoCode as changePromoCode } from '@boxoffice/core/catalogue/update-promo-code.ts'
import { transact } from '@boxoffice/core/use-case/transact.ts'
import { type RouteDependencies, Routes } from '../../http/routes.ts'
import type { ManagementDependencies } from './dependencies.ts'
import { serveThings } from './things.ts'

/** Promo codes, as their organizer sees and changes them. */
export function promoCodeRoutes(deps: RouteDependencies, management: ManagementDependencies): Router {
  const routes = new Routes(deps)
  const { database } = management
  serveThings(routes, management, promoCodes, {
    create: createPromoCode,
    list: listPromoCodes,
    get: getPromoCode,
    update: updatePromoCode,
    make: async (tx, by, given, organizerId) => (await makePromoCode(tx, { ...by, ...given, organizerId })).promoCodeId,
    change: (by, promoCodeId, organizerId, changes) => {
      const input = { ...by, ...changes, promoCodeId, organizerId }
      return withCounts(database, (counts) => transact(database, (tx) => changePromoCode(tx, input, counts)))
    },
  })
  return routes.router
}
