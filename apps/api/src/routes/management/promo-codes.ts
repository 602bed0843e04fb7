import type { Router } from 'express'
import {
  createPromoCode,
  getPromoCode,
  listPromoCodes,
  updatePromoCode,
} from '@boxoffice/contract/operations/management-promo-codes.ts'
import { findPromoCodeView, listPromoCodes as readPage } from '@boxoffice/core/catalogue/queries/promo-code-view.ts'
import { transact } from '@boxoffice/core/use-case/transact.ts'
import { withCounts } from '@boxoffice/core/catalogue/count-customers.ts'
import { createPromoCode as makePromoCode } from '@boxoffice/core/catalogue/create-promo-code.ts'
import { updatePromoCode as changePromoCode } from '@boxoffice/core/catalogue/update-promo-code.ts'
import { makeOnce } from '@boxoffice/core/use-case/idempotency.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'
import { notFound } from '@boxoffice/core/use-case/problem.ts'
import { organizerScope } from '../../http/authenticate.ts'
import { markReplay } from '../../http/idempotency-key.ts'
import { organizerOf } from '../../http/organizer-of.ts'
import { pageCursor } from '../../http/page-cursor.ts'
import { type RouteDependencies, Routes } from '../../http/routes.ts'
import { sendPrivateJson } from '../../http/send-json.ts'
import { changedBy, listedFor, type ManagementDependencies } from './dependencies.ts'

/** Promo codes, as their organizer sees and changes them. */
export function promoCodeRoutes(deps: RouteDependencies, { database, reports }: ManagementDependencies): Router {
  const routes = new Routes(deps)
  const { pool } = database

  routes.on(createPromoCode, async (call) => {
    const { caller, body, response } = call
    const organizerId = organizerOf(caller, body.organizerId)
    const input = { ...changedBy(call), ...body, organizerId }
    const made = await transact(database, (tx) =>
      makeOnce(tx, call.keyed(), async () => (await makePromoCode(tx, input)).promoCodeId),
    )
    markReplay(response, made.replayed)
    sendPrivateJson(response, 201, await find(caller, made.id))
  })

  routes.on(listPromoCodes, async ({ caller, query, response }) => {
    const organizerId = listedFor(caller, query.organizerId)
    const page = await reports.read(caller, 'limit', (lists) =>
      readPage(lists.pool, organizerId, query.limit, pageCursor(query.cursor)),
    )
    sendPrivateJson(response, 200, page)
  })

  routes.on(getPromoCode, async ({ caller, params, response }) => {
    sendPrivateJson(response, 200, await find(caller, params.id))
  })

  routes.on(updatePromoCode, async (call) => {
    const { caller, params, body, response } = call
    const organizerId = organizerScope(caller)
    const input = { ...changedBy(call), ...body, promoCodeId: params.id, organizerId }
    await withCounts(database, (counts) => transact(database, (tx) => changePromoCode(tx, input, counts)))
    sendPrivateJson(response, 200, await find(caller, params.id))
  })

  async function find(caller: Caller, id: string) {
    const found = await findPromoCodeView(pool, id, organizerScope(caller))
    if (found === null) throw notFound('promo code')
    return found
  }

  return routes.router
}
