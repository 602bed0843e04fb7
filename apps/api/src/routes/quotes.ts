import { Router } from 'express'
import type pg from 'pg'
import type { z } from 'zod'
import type { Selection } from '@boxoffice/core/domain/booking-request.ts'
import { quote } from '@boxoffice/core/services/quote.ts'
import type { Authenticate } from '../http/authenticate.ts'
import { sendPrivateJson } from '../http/send-json.ts'
import { validate } from '../http/validate.ts'
import { quoteBody } from './booking-request-body.ts'
import { customerKeys } from './customer-keys.ts'

export interface QuoteDependencies {
  readonly pool: pg.Pool
  readonly authenticate: Authenticate
}

/** What a selection would cost and whether it could be booked at this moment. Nothing is held or stored. */
export function quoteRoutes({ pool, authenticate }: QuoteDependencies): Router {
  const router = Router()
  router.post('/v1/quotes', async (request, response) => {
    const caller = await authenticate(request)
    const body = validate(quoteBody, request.body)
    const answer = await quote(pool, {
      resourceId: body.resource.id,
      selection: selectionOf(body),
      promoCode: body.promoCode ?? null,
      expectedTotal: body.expectedTotal ?? null,
      customerKeys: customerKeys(caller, body.customer?.email ?? null),
    })
    sendPrivateJson(response, 200, answer)
  })
  return router
}

function selectionOf({ resource, seats = [], tickets = [] }: z.output<typeof quoteBody>): Selection {
  return resource.type === 'showtime' ? { kind: 'showtime', seats } : { kind: 'event', tickets }
}
