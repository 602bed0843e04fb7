import type { Router } from 'express'
import * as organizers from '@boxoffice/contract/operations/management-organizers.ts'
import {
  findOrganizerView,
  listOrganizers,
  type OrganizerView,
} from '@boxoffice/core/catalogue/queries/organizer-view.ts'
import { createOrganizer } from '@boxoffice/core/catalogue/create-organizer.ts'
import { updateOrganizer } from '@boxoffice/core/catalogue/update-organizer.ts'
import { transact } from '@boxoffice/core/use-case/transact.ts'
import { makeOnce } from '@boxoffice/core/use-case/idempotency.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'
import { organizerScope } from '../callers/authenticate.ts'
import { markReplay } from '../routing/idempotency-key.ts'
import { pageCursor } from '../lists/page-cursor.ts'
import { type RouteDependencies, Routes } from '../routing/routes.ts'
import { sendPrivateJson } from '../answers/send-json.ts'
import { changedBy, type ManagementDependencies } from './management/dependencies.ts'
import { notFound, Problem } from '@boxoffice/core/use-case/problem.ts'

/** Serves the management of organizers. */
export function organizerRoutes(deps: RouteDependencies, { database, reports }: ManagementDependencies): Router {
  const routes = new Routes(deps)
  const { pool } = database

  routes.on(organizers.create, async (call) => {
    const { body, response } = call
    const made = await transact(database, (tx) =>
      makeOnce(tx, call.keyed(), async () => (await createOrganizer(tx, { ...changedBy(call), ...body })).organizerId),
    )
    markReplay(response, made.replayed)
    sendPrivateJson(response, 201, await find(made.id))
  })

  routes.on(organizers.list, async ({ caller, query, response }) => {
    const page = await reports.read(caller, 'limit', (lists) =>
      listOrganizers(lists.pool, query.limit, pageCursor(query.cursor)),
    )
    sendPrivateJson(response, 200, page)
  })

  routes.on(organizers.get, async ({ caller, params, response }) => {
    requireOwn(caller, params.id)
    sendPrivateJson(response, 200, await find(params.id))
  })

  routes.on(organizers.update, async (call) => {
    const { caller, params, body, response } = call
    requireOwn(caller, params.id)
    if (body.feeBasisPoints !== undefined && organizerScope(caller) !== null) {
      throw new Problem('forbidden', { detail: 'The fee is for admins to change.' })
    }
    await transact(database, (tx) => updateOrganizer(tx, { ...changedBy(call), ...body, organizerId: params.id }))
    sendPrivateJson(response, 200, await find(params.id))
  })

  async function find(id: string): Promise<OrganizerView> {
    const found = await findOrganizerView(pool, id)
    if (found === null) throw notFound('organizer')
    return found
  }

  return routes.router
}

function requireOwn(caller: Caller, organizerId: string): void {
  const scope = organizerScope(caller)
  if (scope !== null && scope !== organizerId) throw notFound('organizer')
}
