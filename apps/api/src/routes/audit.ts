import type { Router } from 'express'
import { listAudit } from '@boxoffice/contract/operations/audit.ts'
import { listAudit as readAudit } from '@boxoffice/core/outbox/queries/list-audit.ts'
import { organizerScope } from '../http/authenticate.ts'
import { pageCursor } from '../http/page-cursor.ts'
import type { Reports } from '../http/reports.ts'
import { type RouteDependencies, Routes } from '../http/routes.ts'
import { sendPrivateJson } from '../http/send-json.ts'

/** Who did what, when: for an organizer about its own, for admins about everything. */
export function auditRoutes(deps: RouteDependencies, reports: Reports): Router {
  const routes = new Routes(deps)
  routes.on(listAudit, async ({ caller, query, response }) => {
    const filter = {
      organizerId: organizerScope(caller),
      ...(query.entity ?? { entity: null, entityId: null, reference: null }),
      action: query.action ?? null,
      actor: query.actor ?? null,
      from: query.from ?? null,
      to: query.to ?? null,
    }
    const page = await reports.read(caller, 'from, to, entity or limit', (lists) =>
      readAudit(lists.pool, filter, query.limit, pageCursor(query.cursor)),
    )
    sendPrivateJson(response, 200, page)
  })
  return routes.router
}
