import type { Router } from 'express'
import type pg from 'pg'
import * as quotes from '@boxoffice/contract/operations/quotes.ts'
import { findResource } from '@boxoffice/core/booking-requests/queries/find-resource.ts'
import { wishesOf } from '@boxoffice/core/domain/wish.ts'
import type { SnapshotOptions } from '@boxoffice/core/inventory/queries/read-snapshot.ts'
import { quote } from '@boxoffice/core/booking-requests/quote.ts'
import { type RouteDependencies, Routes } from '../routing/routes.ts'
import { sendPrivateJson } from '../answers/send-json.ts'
import { quotedCustomerKeys, sellsIt } from './booking-requests/customer-keys.ts'
import { requireOwnTerms } from './booking-requests/seller-terms.ts'
import { requireFewTickets, type TicketLimits } from './booking-requests/ticket-limits.ts'

export interface QuoteDependencies {
  readonly pool: pg.Pool
  readonly ticketLimits: TicketLimits
  readonly snapshots: SnapshotOptions
}

/** Serves quotes: what a selection would cost and whether it could be booked now. Nothing is held or stored. */
export function quoteRoutes(deps: RouteDependencies, { pool, ticketLimits, snapshots }: QuoteDependencies): Router {
  const routes = new Routes(deps)
  routes.on(quotes.create, async ({ caller, body, request, response }) => {
    const resourceId = body.resource.id
    const sells = await sellsIt(caller, async () => (await findResource(pool, resourceId))?.organizerId ?? null)
    requireFewTickets(ticketLimits, sells, body)
    requireOwnTerms(sells, body)
    const end = body.promoCode === undefined ? null : await deps.admission.beginQuote(request, caller)
    try {
      const answer = await quote(
        pool,
        {
          resourceId,
          kind: body.resource.type,
          wishes: wishesOf(body),
          seller: sells ? 'house' : 'public',
          blockId: body.blockId ?? null,
          promoCode: body.promoCode ?? null,
          expectedTotal: body.expectedTotal ?? null,
          customerKeys: quotedCustomerKeys(caller, sells, body.customer?.email ?? null),
        },
        snapshots,
      )
      if (answer.refusal !== null && end !== null) await deps.admission.noteQuoted(request, caller, answer.refusal)
      sendPrivateJson(response, 200, answer)
    } finally {
      end?.()
    }
  })
  return routes.router
}
