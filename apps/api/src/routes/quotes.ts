import type { Router } from 'express'
import type pg from 'pg'
import type { z } from 'zod'
import * as quotes from '@boxoffice/contract/operations/quotes.ts'
import type { quoteBody } from '@boxoffice/contract/schemas/selection.ts'
import { findResource } from '@boxoffice/core/booking-requests/queries/find-resource.ts'
import type { Selection } from '@boxoffice/core/domain/booking-request.ts'
import { quote } from '@boxoffice/core/booking-requests/quote.ts'
import { type RouteDependencies, Routes } from '../routing/routes.ts'
import { sendPrivateJson } from '../answers/send-json.ts'
import { quotedCustomerKeys, sellsIt } from './booking-requests/customer-keys.ts'
import { requireFewTickets, type TicketLimits } from './booking-requests/ticket-limits.ts'

/** Serves quotes: what a selection would cost and whether it could be booked now. Nothing is held or stored. */
export function quoteRoutes(
  deps: RouteDependencies,
  { pool, ticketLimits }: { readonly pool: pg.Pool; readonly ticketLimits: TicketLimits },
): Router {
  const routes = new Routes(deps)
  routes.on(quotes.create, async ({ caller, body, request, response }) => {
    const resourceId = body.resource.id
    const sells = await sellsIt(caller, async () => (await findResource(pool, resourceId))?.organizerId ?? null)
    requireFewTickets(ticketLimits, sells, body)
    const end = body.promoCode === undefined ? null : await deps.admission.beginQuote(request, caller)
    try {
      const answer = await quote(pool, {
        resourceId,
        selection: selectionOf(body),
        promoCode: body.promoCode ?? null,
        expectedTotal: body.expectedTotal ?? null,
        customerKeys: quotedCustomerKeys(caller, sells, body.customer?.email ?? null),
      })
      if (answer.refusal !== null) await deps.admission.noteQuoted(request, caller, answer.refusal.code)
      sendPrivateJson(response, 200, answer)
    } finally {
      end?.()
    }
  })
  return routes.router
}

function selectionOf({ resource, seats = [], tickets = [] }: z.output<typeof quoteBody>): Selection {
  return resource.type === 'showtime' ? { kind: 'showtime', seats } : { kind: 'event', tickets }
}
