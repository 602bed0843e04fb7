import { Router } from 'express'
import type pg from 'pg'
import { z } from 'zod'
import { listRevokedTickets } from '@boxoffice/core/db/queries/list-revoked-tickets.ts'
import { checkIn, type CheckInDependencies, type Scan } from '@boxoffice/core/services/tickets/check-in.ts'
import { type Authenticate, organizerScope, requireRole } from '../http/authenticate.ts'
import { page, uuidQuery } from '../http/page-query.ts'
import { requestIdOf } from '../http/request-id.ts'
import { sendPrivateJson } from '../http/send-json.ts'
import { textLine } from '@boxoffice/contract/fields.ts'
import { validate } from '../http/validate.ts'

export interface CheckInRouteDependencies extends CheckInDependencies {
  /** For reads. */
  readonly pool: pg.Pool
  readonly authenticate: Authenticate
}

const MAX_SCANS = 100
/** Clocks of gates differ; further ahead than this, one is wrong. */
const MAX_CLOCK_LEAD_MS = 300_000

const scan = {
  /** What the QR code says; longer than any ticket's, so that other codes are told as forged. */
  token: z.string().min(1).max(1_000),
  nonce: textLine(100),
  gate: textLine(100),
  /** The gate unless given. */
  device: textLine(100).optional(),
  /** What is on behind the gate. */
  resourceId: uuidQuery.optional(),
}
const scanBody = z.strictObject(scan)
const offlineScan = z.strictObject({
  ...scan,
  scannedAt: z.iso
    .datetime({ offset: true, error: 'Must be a time such as 2026-11-22T18:00:00Z' })
    .transform((text) => new Date(text))
    .refine((at) => at.getTime() <= Date.now() + MAX_CLOCK_LEAD_MS, { error: 'Must not be in the future' }),
})
const batchBody = z.strictObject({ scans: z.array(offlineScan).min(1).max(MAX_SCANS) })
const revokedQuery = z.strictObject({ ...page, resourceId: uuidQuery })

/** The gate: single scans, scans made offline, and what an offline gate has to know. For an organizer's staff. */
export function checkInRoutes(deps: CheckInRouteDependencies): Router {
  const router = Router()

  router.post('/v1/check-ins', async (request, response) => {
    const caller = await deps.authenticate(request)
    requireRole(caller, 'staff', 'organizer', 'admin')
    const body = validate(scanBody, request.body)
    sendPrivateJson(response, 200, await checkIn(deps, toScan(body, null), caller, requestIdOf(response)))
  })

  router.post('/v1/check-ins/batch', async (request, response) => {
    const caller = await deps.authenticate(request)
    requireRole(caller, 'staff', 'organizer', 'admin')
    const { scans } = validate(batchBody, request.body)
    const results = []
    // One after the other and in the order of the scans, so that of two scans of one ticket the earlier one admits.
    const inOrder = scans
      .map((body, index) => ({ body, index }))
      .sort((a, b) => a.body.scannedAt.getTime() - b.body.scannedAt.getTime() || a.index - b.index)
    for (const { body, index } of inOrder) {
      const result = await checkIn(deps, toScan(body, body.scannedAt), caller, requestIdOf(response))
      results.push({ index, ...result })
    }
    results.sort((a, b) => a.index - b.index)
    const items = results.map(({ index: _, ...result }) => result)
    sendPrivateJson(response, 200, { items, conflicts: items.filter(({ conflict }) => conflict).length })
  })

  router.get('/v1/revoked-tickets', async (request, response) => {
    const caller = await deps.authenticate(request)
    requireRole(caller, 'staff', 'organizer', 'admin')
    const { resourceId, limit, cursor } = validate(revokedQuery, request.query)
    const organizerId = organizerScope(caller)
    const revoked = await listRevokedTickets(deps.pool, { resourceId, organizerId }, limit, cursor ?? null)
    sendPrivateJson(response, 200, revoked)
  })

  return router
}

function toScan(body: z.output<typeof scanBody>, scannedAt: Date | null): Scan {
  const { token, nonce, gate, device = gate, resourceId = null } = body
  return { token, nonce, gate, device, resourceId, scannedAt }
}
