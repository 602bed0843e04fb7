import type { z } from 'zod'
import { changeLine, type LineAction } from '@boxoffice/core/booking-requests/lines/change-lines.ts'
import { findLine } from '@boxoffice/core/booking-requests/queries/line-view.ts'
import { findResource, type ResourceRow } from '@boxoffice/core/booking-requests/queries/find-resource.ts'
import type { Operation } from '@boxoffice/contract/operation.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'
import type { ResourceChange, ResourceKind } from '@boxoffice/core/catalogue/lock-resource.ts'
import {
  findManaged,
  listManaged,
  type ManagedKind,
  type ManagedResource,
} from '@boxoffice/core/catalogue/queries/managed-resources.ts'
import type { Transaction } from '@boxoffice/core/db/transaction.ts'
import { NO_REASON } from '@boxoffice/core/domain/cancellation.ts'
import { notFound } from '@boxoffice/core/use-case/problem.ts'
import { organizerScope } from '../../callers/authenticate.ts'
import { markReplay } from '../../routing/idempotency-key.ts'
import { pageCursor } from '../../lists/page-cursor.ts'
import type { Routes } from '../../routing/routes.ts'
import { sendPrivateJson } from '../../answers/send-json.ts'
import { type BlockCalls, serveBlocks } from './blocks.ts'
import { cancel, progressOf, requireAlone } from './cancellations.ts'
import { changedBy, changeResource, listedFor, type ManagementDependencies } from './dependencies.ts'

interface Change {
  readonly status?: string | undefined
}

/** A change that cancels nothing. */
type OtherChange<Body extends Change> = Body & {
  readonly status?: Exclude<Body['status'], 'cancelled'>
}

interface Query {
  readonly limit: number
  readonly cursor?: string | undefined
  readonly organizerId?: string | undefined
  readonly status?: string | undefined
  readonly from?: Date | undefined
  readonly to?: Date | undefined
}

type LineCommand = Operation<'organizerOwn', ById, z.ZodType, z.ZodType<{ readonly reason: string }>>

type ById = z.ZodType<{ readonly id: string }>

/** The calls about showtimes, or about events, but for those that make some. */
interface ResourceCalls<Body extends Change, View extends ManagedResource> extends BlockCalls {
  readonly kind: ResourceKind
  readonly views: ManagedKind<View>
  readonly update: Operation<'organizerOwn', ById, z.ZodType, z.ZodType<Body>>
  readonly cancel: Operation<'organizerOwn', ById, z.ZodType, z.ZodType<{ readonly reason: string }>>
  readonly cancellation: Operation<'organizerOwn', ById>
  readonly pause: LineCommand
  readonly drain: LineCommand
  readonly resume: LineCommand
  readonly line: Operation<'organizerOwn', ById>
  readonly list: Operation<'organizer', z.ZodType, z.ZodType<Query>>
  readonly get: Operation<'organizerOwn', ById>
  /** Returns the resource's new version. */
  readonly change: (tx: Transaction, id: string, by: ResourceChange, body: OtherChange<Body>) => Promise<number | null>
}

/** Serves what showtimes and events have in common. Returns how one is found, which throws 404. */
export function serveResources<Body extends Change, View extends ManagedResource>(
  routes: Routes,
  management: ManagementDependencies,
  calls: ResourceCalls<Body, View>,
): (caller: Caller, id: string) => Promise<View> {
  const { kind, views } = calls

  routes.on(calls.update, async (call) => {
    const { caller, params, body, response } = call
    const { id } = params
    if (body.status === 'cancelled') {
      requireAlone(body)
      await cancel(management, { ...changedBy(call), kind, id, caller, reason: NO_REASON, keyed: null })
    } else {
      const by = { ...changedBy(call), organizerId: organizerScope(caller) }
      const change = body as OtherChange<Body>
      await changeResource(management, id, async (tx) => ({ version: await calls.change(tx, id, by, change) }))
    }
    sendPrivateJson(response, 200, await find(caller, id))
  })

  routes.on(calls.cancel, async (call) => {
    const { caller, params, body, response } = call
    const input = { ...changedBy(call), kind, id: params.id, caller, reason: body.reason }
    const { replayed, progress } = await cancel(management, { ...input, keyed: call.keyed() })
    markReplay(response, replayed)
    sendPrivateJson(response, 202, progress)
  })

  routes.on(calls.cancellation, async ({ caller, params, response }) => {
    sendPrivateJson(response, 200, await progressOf(management, kind, params.id, caller))
  })

  for (const action of ['pause', 'drain', 'resume'] as const satisfies readonly LineAction[]) {
    routes.on(calls[action], async (call) => {
      const { caller, params, body, response } = call
      const line = await findOwn(caller, params.id)
      const change = { ...changedBy(call), line, action, reason: body.reason, keyed: call.keyed() }
      const { replayed } = await changeLine(management.database, change)
      markReplay(response, replayed)
      sendPrivateJson(response, 200, await lineOf(caller, params.id))
    })
  }

  routes.on(calls.line, async ({ caller, params, response }) => {
    sendPrivateJson(response, 200, await lineOf(caller, params.id))
  })

  serveBlocks(routes, management, kind, calls, findOwn)

  routes.on(calls.list, async ({ caller, query, response }) => {
    const { status = null, from = null, to = null } = query
    const filter = { organizerId: listedFor(caller, query.organizerId), status, from, to }
    const page = await management.reports.read(caller, 'status, from, to or limit', (lists) =>
      listManaged(lists.pool, views, filter, query.limit, pageCursor(query.cursor)),
    )
    sendPrivateJson(response, 200, page)
  })

  routes.on(calls.get, async ({ caller, params, response }) => {
    sendPrivateJson(response, 200, await find(caller, params.id))
  })

  async function findOwn(caller: Caller, id: string): Promise<ResourceRow> {
    const found = await findResource(management.database.pool, id)
    const organizerId = organizerScope(caller)
    const isOwn = organizerId === null || found?.organizerId === organizerId
    if (found === null || found.kind !== kind || !isOwn) throw notFound(kind)
    return found
  }

  async function lineOf(caller: Caller, id: string) {
    await findOwn(caller, id)
    const found = await findLine(management.database.pool, id)
    if (found === null) throw notFound(kind)
    const { paused, draining, waiting, oldestMs, decidedPerSecond } = found
    return { paused, draining, waiting, oldestMs, decidedPerSecond }
  }

  async function find(caller: Caller, id: string): Promise<View> {
    const found = await findManaged(management.database.pool, views, id, organizerScope(caller))
    if (found === null) throw notFound(kind)
    return found
  }

  return find
}
