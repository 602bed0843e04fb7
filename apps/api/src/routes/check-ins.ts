import type { Router } from 'express'
import type { z } from 'zod'
import { checkIn, checkInBatch, listRevokedTickets } from '@boxoffice/contract/operations/check-ins.ts'
import type { scan } from '@boxoffice/contract/schemas/check-in.ts'
import { listRevokedTickets as readRevoked } from '@boxoffice/core/tickets/queries/list-revoked-tickets.ts'
import {
  checkIn as checkInScan,
  type CheckInDependencies,
  type Scan,
} from '@boxoffice/core/tickets/check-in.ts'
import { organizerScope } from '../http/authenticate.ts'
import { pageCursor } from '../http/page-cursor.ts'
import type { Reports } from '../http/reports.ts'
import { type RouteDependencies, Routes } from '../http/routes.ts'
import { sendPrivateJson } from '../http/send-json.ts'

export interface CheckInRouteDependencies extends CheckInDependencies {
  /** For lists. */
  readonly reports: Reports
}

/** The gate: single scans, scans made offline, and what an offline gate has to know. For an organizer's staff. */
export function checkInRoutes(routeDeps: RouteDependencies, deps: CheckInRouteDependencies): Router {
  const routes = new Routes(routeDeps)

  routes.on(checkIn, async ({ caller, body, requestId, response }) => {
    sendPrivateJson(response, 200, await checkInScan(deps, toScan(body, null), caller, requestId))
  })

  routes.on(checkInBatch, async ({ caller, body: { scans }, requestId, response }) => {
    const results = []
    // One after the other and in the order of the scans, so that of two scans of one ticket the earlier one admits.
    const inOrder = scans
      .map((body, index) => ({ body, index }))
      .sort((a, b) => a.body.scannedAt.getTime() - b.body.scannedAt.getTime() || a.index - b.index)
    for (const { body, index } of inOrder) {
      const result = await checkInScan(deps, toScan(body, body.scannedAt), caller, requestId)
      results.push({ index, ...result })
    }
    results.sort((a, b) => a.index - b.index)
    const items = results.map(({ index: _, ...result }) => result)
    sendPrivateJson(response, 200, { items, conflicts: items.filter(({ conflict }) => conflict).length })
  })

  routes.on(listRevokedTickets, async ({ caller, query, response }) => {
    const filter = { resourceId: query.resourceId, organizerId: organizerScope(caller) }
    const page = await deps.reports.read(caller, 'limit', (lists) =>
      readRevoked(lists.pool, filter, query.limit, pageCursor(query.cursor)),
    )
    sendPrivateJson(response, 200, page)
  })

  return routes.router
}

function toScan(body: z.output<typeof scan>, scannedAt: Date | null): Scan {
  const { token, nonce, gate, device = null, resourceId = null } = body
  return { token, nonce, gate, device, resourceId, scannedAt }
}
