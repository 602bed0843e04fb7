import type { Router } from 'express'
import * as auditoriums from '@boxoffice/contract/operations/management-auditoriums.ts'
import { findAuditoriumView, listAuditoriums } from '@boxoffice/core/catalogue/queries/auditorium-view.ts'
import { exportLayout } from '@boxoffice/core/catalogue/queries/export-layout.ts'
import { listLayouts } from '@boxoffice/core/catalogue/queries/list-layouts.ts'
import { transact } from '@boxoffice/core/use-case/transact.ts'
import { createAuditorium } from '@boxoffice/core/catalogue/create-auditorium.ts'
import { deleteLayout } from '@boxoffice/core/catalogue/delete-layout.ts'
import { importLayout } from '@boxoffice/core/catalogue/import-layout.ts'
import { updateAuditorium } from '@boxoffice/core/catalogue/update-auditorium.ts'
import { makeOnce } from '@boxoffice/core/use-case/idempotency.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'
import { organizerScope } from '../callers/authenticate.ts'
import { FairTurnstile } from '../admission/turns/fair-turnstile.ts'
import { markReplay } from '../routing/idempotency-key.ts'
import { organizerOf } from '../callers/organizer-of.ts'
import { readJsonBytes } from '../bodies/json-body.ts'
import { pageCursor } from '../lists/page-cursor.ts'
import { type RouteDependencies, Routes } from '../routing/routes.ts'
import { sendPrivateJson, sendPrivateText } from '../answers/send-json.ts'
import { Turnstile } from '../admission/turns/turnstile.ts'
import { changedBy, listedFor, type ManagementDependencies } from './management/dependencies.ts'
import { notFound } from '@boxoffice/core/use-case/problem.ts'

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

/** Auditoriums and their seating. */
export function auditoriumRoutes(
  deps: RouteDependencies,
  { database, reports, seating, layoutVersions }: ManagementDependencies,
): Router {
  const routes = new Routes(deps)
  const { pool } = database
  const imports = new FairTurnstile(IMPORTS)
  const writes = new Turnstile(WRITES_AT_ONCE, IMPORTS.atOnce)

  routes.on(auditoriums.create, async (call) => {
    const { caller, body, response } = call
    const organizerId = organizerOf(caller, body.organizerId)
    const made = await transact(database, (tx) =>
      makeOnce(
        tx,
        call.keyed(),
        async () => (await createAuditorium(tx, { ...changedBy(call), ...body, organizerId })).auditoriumId,
      ),
    )
    markReplay(response, made.replayed)
    sendPrivateJson(response, 201, await find(caller, made.id))
  })

  routes.on(auditoriums.list, async ({ caller, query, response }) => {
    const filter = { organizerId: listedFor(caller, query.organizerId), venueId: query.venueId ?? null }
    const page = await reports.read(caller, 'venueId or limit', (lists) =>
      listAuditoriums(lists.pool, filter, query.limit, pageCursor(query.cursor)),
    )
    sendPrivateJson(response, 200, page)
  })

  routes.on(auditoriums.get, async ({ caller, params, response }) => {
    sendPrivateJson(response, 200, await find(caller, params.id))
  })

  routes.on(auditoriums.update, async (call) => {
    const { caller, params, body, response } = call
    const organizerId = organizerScope(caller)
    await transact(database, (tx) =>
      updateAuditorium(tx, { ...changedBy(call), ...body, auditoriumId: params.id, organizerId }),
    )
    sendPrivateJson(response, 200, await find(caller, params.id))
  })

  routes.onUnread(auditoriums.importLayout, async (call) => {
    const { caller, params, request, response } = call
    const organizerId = organizerScope(caller)
    const isWanted = () => !response.closed
    const imported = await imports.pass(organizerId ?? caller.subject, isWanted, async () => {
      const layout = await seating.read(await readJsonBytes(request, auditoriums.importLayout.maxBodyBytes))
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

  routes.on(auditoriums.deleteLayout, async (call) => {
    const { caller, params, response } = call
    const organizerId = organizerScope(caller)
    await transact(database, (tx) =>
      deleteLayout(tx, { ...changedBy(call), auditoriumId: params.id, organizerId, version: params.version }),
    )
    response.statusCode = 204
    response.end()
  })

  routes.on(auditoriums.exportLayout, async ({ caller, params, query, response }) => {
    await find(caller, params.id)
    const found = await reports.read(caller, 'version', (lists) =>
      exportLayout(lists.pool, params.id, query.version ?? null),
    )
    if (found === null) throw notFound('layout')
    sendPrivateText(
      response,
      200,
      `{"categories":${JSON.stringify(found.categories)},"rows":[${found.rows.join(',')}]}`,
    )
  })

  routes.on(auditoriums.listLayouts, async ({ caller, params, query, response }) => {
    await find(caller, params.id)
    const items = await reports.read(caller, 'before', (lists) =>
      listLayouts(lists.pool, params.id, LISTED_VERSIONS, query.before ?? null),
    )
    sendPrivateJson(response, 200, { items })
  })

  async function find(caller: Caller, id: string) {
    const found = await findAuditoriumView(pool, id, organizerScope(caller))
    if (found === null) throw notFound('auditorium')
    return found
  }

  return routes.router
}
