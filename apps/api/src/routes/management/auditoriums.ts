import type { Router } from 'express'
import {
  deleteLayout,
  exportLayout,
  importLayout,
  listLayouts,
} from '@boxoffice/contract/operations/management-venues.ts'
import { getThing } from '@boxoffice/core/use-case/read-things.ts'
import { auditoriums } from '@boxoffice/core/catalogue/plain-things.ts'
import { exportLayout as writeOut } from '@boxoffice/core/catalogue/queries/export-layout.ts'
import { listLayouts as readVersions } from '@boxoffice/core/catalogue/queries/list-layouts.ts'
import { transact } from '@boxoffice/core/use-case/transact.ts'
import { deleteLayout as dropLayout } from '@boxoffice/core/catalogue/delete-layout.ts'
import { importLayout as takeLayout } from '@boxoffice/core/catalogue/import-layout.ts'
import { notFound } from '@boxoffice/core/use-case/problem.ts'
import { organizerScope } from '../../http/authenticate.ts'
import { FairTurnstile } from '../../http/fair-turnstile.ts'
import { readJsonBytes } from '../../http/json-body.ts'
import { type RouteDependencies, Routes } from '../../http/routes.ts'
import { sendPrivateJson, sendPrivateText } from '../../http/send-json.ts'
import { Turnstile } from '../../http/turnstile.ts'
import { changedBy, type ManagementDependencies } from './dependencies.ts'

const LISTED_VERSIONS = 100

/** Bodies of 8 MB in memory at a time. Whoever waits has not been read, and is refused before its time to send ends. */
const IMPORTS = {
  atOnce: 8,
  maxWaiting: 16,
  maxWaitingPerKey: 3,
  waitMs: 15_000,
  detail: 'Imports of seating are taken one after the other.',
} as const

/** Each keeps a connection for seconds. */
const WRITES_AT_ONCE = 2

/** The seating of auditoriums. */
export function auditoriumRoutes(
  deps: RouteDependencies,
  { database, reports, seating, layoutVersions }: ManagementDependencies,
): Router {
  const routes = new Routes(deps)
  const { pool } = database
  const imports = new FairTurnstile(IMPORTS)
  const writes = new Turnstile(WRITES_AT_ONCE, IMPORTS.atOnce)

  routes.onUnread(importLayout, async (call) => {
    const { caller, params, request, response } = call
    const organizerId = organizerScope(caller)
    const isWanted = () => !response.closed
    const imported = await imports.pass(organizerId ?? caller.subject, isWanted, async () => {
      const layout = await seating.read(await readJsonBytes(request, importLayout.maxBodyBytes))
      return writes.pass(isWanted, () =>
        transact(database, (tx) =>
          takeLayout(tx, {
            ...changedBy(call),
            auditoriumId: params.id,
            organizerId,
            layout,
            maxVersions: layoutVersions,
          }),
        ),
      )
    })
    if (imported === null) return
    const { version, created } = imported
    const [layout] = await readVersions(pool, params.id, 1, version + 1)
    sendPrivateJson(response, created ? 201 : 200, layout)
  })

  routes.on(deleteLayout, async (call) => {
    const { caller, params, response } = call
    const organizerId = organizerScope(caller)
    await transact(database, (tx) =>
      dropLayout(tx, { ...changedBy(call), auditoriumId: params.id, organizerId, version: params.version }),
    )
    response.statusCode = 204
    response.end()
  })

  routes.on(exportLayout, async ({ caller, params, query, response }) => {
    await getThing(pool, auditoriums, params.id, organizerScope(caller))
    const found = await reports.read(caller, 'version', (lists) =>
      writeOut(lists.pool, params.id, query.version ?? null),
    )
    if (found === null) throw notFound('layout')
    sendPrivateText(
      response,
      200,
      `{"categories":${JSON.stringify(found.categories)},"rows":[${found.rows.join(',')}]}`,
    )
  })

  routes.on(listLayouts, async ({ caller, params, query, response }) => {
    await getThing(pool, auditoriums, params.id, organizerScope(caller))
    const items = await reports.read(caller, 'before', (lists) =>
      readVersions(lists.pool, params.id, LISTED_VERSIONS, query.before ?? null),
    )
    sendPrivateJson(response, 200, { items })
  })

  return routes.router
}
