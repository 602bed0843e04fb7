import type { Router } from 'express'
import {
  createAuditorium,
  deleteLayout,
  exportLayout,
  getAuditorium,
  importLayout,
  listAuditoriums,
  listLayouts,
  updateAuditorium,
} from '@boxoffice/contract/operations/management-venues.ts'
import { findAuditoriumView, listAuditoriums as readPage } from '@boxoffice/core/catalogue/queries/auditorium-view.ts'
import { exportLayout as writeOut } from '@boxoffice/core/catalogue/queries/export-layout.ts'
import { listLayouts as readVersions } from '@boxoffice/core/catalogue/queries/list-layouts.ts'
import { transact } from '@boxoffice/core/use-case/transact.ts'
import { createAuditorium as makeAuditorium } from '@boxoffice/core/catalogue/create-auditorium.ts'
import { deleteLayout as dropLayout } from '@boxoffice/core/catalogue/delete-layout.ts'
import { importLayout as takeLayout } from '@boxoffice/core/catalogue/import-layout.ts'
import { updateAuditorium as changeAuditorium } from '@boxoffice/core/catalogue/update-auditorium.ts'
import { makeOnce } from '@boxoffice/core/use-case/idempotency.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'
import { notFound } from '@boxoffice/core/use-case/problem.ts'
import { organizerScope } from '../../http/authenticate.ts'
import { FairTurnstile } from '../../http/fair-turnstile.ts'
import { markReplay } from '../../http/idempotency-key.ts'
import { organizerOf } from '../../http/organizer-of.ts'
import { readJsonBytes } from '../../http/json-body.ts'
import { pageCursor } from '../../http/page-cursor.ts'
import { type RouteDependencies, Routes } from '../../http/routes.ts'
import { sendPrivateJson, sendPrivateText } from '../../http/send-json.ts'
import { Turnstile } from '../../http/turnstile.ts'
import { changedBy, listedFor, type ManagementDependencies } from './dependencies.ts'

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

  routes.on(createAuditorium, async (call) => {
    const { caller, body, response } = call
    const organizerId = organizerOf(caller, body.organizerId)
    const made = await transact(database, (tx) =>
      makeOnce(
        tx,
        call.keyed(),
        async () => (await makeAuditorium(tx, { ...changedBy(call), ...body, organizerId })).auditoriumId,
      ),
    )
    markReplay(response, made.replayed)
    sendPrivateJson(response, 201, await find(caller, made.id))
  })

  routes.on(listAuditoriums, async ({ caller, query, response }) => {
    const filter = { organizerId: listedFor(caller, query.organizerId), venueId: query.venueId ?? null }
    const page = await reports.read(caller, 'venueId or limit', (lists) =>
      readPage(lists.pool, filter, query.limit, pageCursor(query.cursor)),
    )
    sendPrivateJson(response, 200, page)
  })

  routes.on(getAuditorium, async ({ caller, params, response }) => {
    sendPrivateJson(response, 200, await find(caller, params.id))
  })

  routes.on(updateAuditorium, async (call) => {
    const { caller, params, body, response } = call
    const organizerId = organizerScope(caller)
    await transact(database, (tx) =>
      changeAuditorium(tx, { ...changedBy(call), ...body, auditoriumId: params.id, organizerId }),
    )
    sendPrivateJson(response, 200, await find(caller, params.id))
  })

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
    await find(caller, params.id)
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
    await find(caller, params.id)
    const items = await reports.read(caller, 'before', (lists) =>
      readVersions(lists.pool, params.id, LISTED_VERSIONS, query.before ?? null),
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
