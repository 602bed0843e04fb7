import { Router } from 'express'
import type pg from 'pg'
import { z } from 'zod'
import { listAudit } from '@boxoffice/core/db/queries/list-audit.ts'
import { isReference } from '@boxoffice/core/domain/booking-reference.ts'
import { type Authenticate, organizerScope, requireRole } from '../http/authenticate.ts'
import { instantQuery, page } from '../http/page-query.ts'
import { sendPrivateJson } from '../http/send-json.ts'
import { textLine } from '@boxoffice/contract/fields.ts'
import { validate } from '../http/validate.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

interface EntityFilter {
  readonly entity: string | null
  readonly entityId: string | null
  readonly reference: string | null
}

/** `booking`, an id, a booking reference, or a kind and one of the two: `payment:0199…`, `booking:K7QXM2PA`. */
const entity = z.string().transform((text, context): EntityFilter => {
  // Some references are letters only and look like a kind in lower case, but no kind looks like a reference.
  if (isReference(text.toUpperCase())) return ofBooking(text)
  const [, kind, name = ''] = /^(?:([a-z_]{1,40})(?::|$))?(.{0,40})$/.exec(text) ?? []
  if (kind === undefined && name === '') return refuse(context)
  if (name === '') return { entity: kind ?? null, entityId: null, reference: null }
  if (UUID.test(name)) return { entity: kind ?? null, entityId: name.toLowerCase(), reference: null }
  if (kind === 'booking' && isReference(name.toUpperCase())) return ofBooking(name)
  return refuse(context)
})

/** A booking's own rows and those of its payments, refunds and tickets are one story. */
function ofBooking(reference: string): EntityFilter {
  return { entity: null, entityId: null, reference: reference.toUpperCase() }
}

function refuse(context: z.RefinementCtx): never {
  const message = 'Must be a kind such as booking, an id, a booking reference, or kind:id'
  context.addIssue({ code: 'custom', message })
  return z.NEVER
}

const name = textLine(250)
const auditQuery = z.strictObject({
  ...page,
  entity: entity.optional(),
  action: name.optional(),
  actor: name.optional(),
  from: instantQuery.optional(),
  to: instantQuery.optional(),
})

/** Who did what, when: for an organizer about its own, for admins about everything. */
export function auditRoutes({ pool, authenticate }: { pool: pg.Pool; authenticate: Authenticate }): Router {
  const router = Router()
  router.get('/v1/audit', async (request, response) => {
    const caller = await authenticate(request)
    requireRole(caller, 'organizer', 'admin')
    const query = validate(auditQuery, request.query)
    const filter = {
      organizerId: organizerScope(caller),
      ...(query.entity ?? { entity: null, entityId: null, reference: null }),
      action: query.action ?? null,
      actor: query.actor ?? null,
      from: query.from ?? null,
      to: query.to ?? null,
    }
    sendPrivateJson(response, 200, await listAudit(pool, filter, query.limit, query.cursor ?? null))
  })
  return router
}
