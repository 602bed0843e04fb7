import type { Router } from 'express'
import * as audit from '@boxoffice/contract/operations/audit.ts'
import { listAudit } from '@boxoffice/core/outbox/queries/list-audit.ts'
import { organizerScope } from '../callers/authenticate.ts'
import { pageCursor } from '../lists/page-cursor.ts'
import type { Reports } from '../lists/reports.ts'
import { type RouteDependencies, Routes } from '../routing/routes.ts'
import { sendPrivateJson } from '../answers/send-json.ts'

/** Serves the audit: for an organizer about its own, for admins about everything. */
export function auditRoutes(deps: RouteDependencies, reports: Reports): Router {
  const routes = new Routes(deps)
  routes.on(audit.list, async ({ caller, query, response }) => {
    const filter = {
      organizerId: organizerScope(caller),
      ...(query.entity ?? { entity: null, entityId: null, reference: null }),
      action: query.action ?? null,
      actor: query.actor ?? null,
      from: query.from ?? null,
      to: query.to ?? null,
    }
    const page = await reports.read(caller, 'from, to, entity or limit', (lists) =>
      listAudit(lists.pool, filter, query.limit, pageCursor(query.cursor)),
    )
    sendPrivateJson(response, 200, page)
  })
  return routes.router
}
