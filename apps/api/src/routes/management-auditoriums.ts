import type { Router } from 'express'
import * as calls from '@boxoffice/contract/operations/management-auditoriums.ts'
import { getThing } from '@boxoffice/core/use-case/read-things.ts'
import { auditoriums } from '@boxoffice/core/catalogue/plain-things.ts'
import { exportedJson, exportLayout } from '@boxoffice/core/catalogue/queries/export-layout.ts'
import { listLayouts } from '@boxoffice/core/catalogue/queries/list-layouts.ts'
import { transact } from '@boxoffice/core/use-case/transact.ts'
import { deleteLayout } from '@boxoffice/core/catalogue/delete-layout.ts'
import { importLayout } from '@boxoffice/core/catalogue/import-layout.ts'
import { notFound } from '@boxoffice/core/use-case/problem.ts'
import { organizerScope } from '../callers/authenticate.ts'
import { FairTurnstile } from '../admission/turns/fair-turnstile.ts'
import { readJsonOrCsvBytes } from '../bodies/json-body.ts'
import { type RouteDependencies, Routes } from '../routing/routes.ts'
import { sendPrivateJson, sendPrivateText } from '../answers/send-json.ts'
import { Turnstile } from '../admission/turns/turnstile.ts'
import { changedBy, type ManagementDependencies } from './management/dependencies.ts'
import { changerOf, makerOf } from './management/plain-thing-calls.ts'
import { serveThings } from './management/things.ts'

const LISTED_VERSIONS = 100

/** Bodies of 8 MB in memory at a time. A waiting body is unread, and is refused before its time to send ends. */
const IMPORTS = {
  atOnce: 8,
  maxWaiting: 16,
  maxWaitingPerKey: 3,
  waitMs: 15_000,
  detail: 'Layouts are imported one after the other.',
} as const

/** Most imports that are written at a time: each keeps a connection for seconds. */
const WRITES_AT_ONCE = 2

/** Serves the management of auditoriums and of their layouts. */
export function auditoriumRoutes(deps: RouteDependencies, management: ManagementDependencies): Router {
  const routes = new Routes(deps)
  const { database, reports, seating, layoutVersions } = management
  const { pool } = database
  const make = makerOf(auditoriums)
  const change = changerOf(database, auditoriums)
  serveThings(routes, management, auditoriums, { ...calls, make, change })

  const imports = new FairTurnstile(IMPORTS)
  const writes = new Turnstile(WRITES_AT_ONCE, IMPORTS.atOnce)

  routes.onUnread(calls.importLayout, async (call) => {
    const { caller, params, query, request, response } = call
    const organizerId = organizerScope(caller)
    const isWanted = () => !response.closed
    const imported = await imports.pass(organizerId ?? caller.subject, isWanted, async () => {
      const { bytes, type } = await readJsonOrCsvBytes(request, calls.importLayout.maxBodyBytes)
      const layout = await seating.read(bytes, type === 'json' ? (query.format ?? type) : type)
      return writes.pass(isWanted, () =>
        transact(database, (tx) =>
          importLayout(tx, {
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
    const [layout] = await listLayouts(pool, params.id, 1, version + 1)
    sendPrivateJson(response, created ? 201 : 200, layout)
  })

  routes.on(calls.deleteLayout, async (call) => {
    const { caller, params, response } = call
    const organizerId = organizerScope(caller)
    await transact(database, (tx) =>
      deleteLayout(tx, { ...changedBy(call), auditoriumId: params.id, organizerId, version: params.version }),
    )
    response.statusCode = 204
    response.end()
  })

  routes.on(calls.exportLayout, async ({ caller, params, query, response }) => {
    await getThing(pool, auditoriums, params.id, organizerScope(caller))
    const found = await reports.read(caller, 'version', (lists) =>
      exportLayout(lists.pool, params.id, query.version ?? null),
    )
    if (found === null) throw notFound('layout')
    sendPrivateText(response, 200, exportedJson(found))
  })

  routes.on(calls.listLayouts, async ({ caller, params, query, response }) => {
    await getThing(pool, auditoriums, params.id, organizerScope(caller))
    const items = await reports.read(caller, 'before', (lists) =>
      listLayouts(lists.pool, params.id, LISTED_VERSIONS, query.before ?? null),
    )
    sendPrivateJson(response, 200, { items })
  })

  return routes.router
}
