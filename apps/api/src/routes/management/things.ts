import type { z } from 'zod'
import type { Operation } from '@boxoffice/contract/operation.ts'
import { getThing, listThings, type Shown } from '@boxoffice/core/use-case/read-things.ts'
import type { Transaction } from '@boxoffice/core/db/transaction.ts'
import { normalizePromoCode } from '@boxoffice/core/domain/promo-code.ts'
import type { Cause } from '@boxoffice/core/records/cause.ts'
import { makeOnce } from '@boxoffice/core/use-case/idempotency.ts'
import { transact } from '@boxoffice/core/use-case/transact.ts'
import { organizerScope } from '../../callers/authenticate.ts'
import { markReplay } from '../../routing/idempotency-key.ts'
import { organizerOf } from '../../callers/organizer-of.ts'
import { pageCursor } from '../../lists/page-cursor.ts'
import type { Routes } from '../../routing/routes.ts'
import { sendPrivateJson } from '../../answers/send-json.ts'
import { changedBy, listedFor, type ManagementDependencies } from './dependencies.ts'

export type ById = z.ZodType<{ readonly id: string }>

interface Query {
  readonly limit: number
  readonly cursor?: string | undefined
  readonly organizerId?: string | undefined
  readonly venueId?: string | undefined
  readonly prefix?: string | undefined
}

interface Body {
  readonly organizerId?: string | undefined
}

interface Reads {
  readonly list: Operation<'organizer' | 'admin', z.ZodType, z.ZodType<Query>>
  readonly get: Operation<'anyone' | 'organizerOwn', ById>
}

/** The calls about a thing, and what they do. */
interface ThingCalls<Create, Change> extends Reads {
  readonly create: Operation<'admin' | 'organizer' | 'organizerOwn', z.ZodType, z.ZodType, z.ZodType<Create & Body>>
  readonly update: Operation<'organizerOwn', ById, z.ZodType, z.ZodType<Change>>
  /** Makes one of an organizer, and returns its id. */
  readonly make: (tx: Transaction, by: Cause, given: Create, organizerId: string) => Promise<string>
  /** @param organizerId the organizer it must belong to; `null`, for admins, is any */
  readonly change: (by: Cause, id: string, organizerId: string | null, changes: Change) => Promise<void>
}

/** Serves how a thing is made, listed, looked up and changed. */
export function serveThings<Create, Change>(
  routes: Routes,
  management: ManagementDependencies,
  thing: Shown,
  calls: ThingCalls<Create, Change>,
): void {
  const { database } = management

  routes.on(calls.create, async (call) => {
    const { caller, body, response } = call
    const organizerId = thing.noun === 'organizer' ? '' : organizerOf(caller, body.organizerId)
    const made = await transact(database, (tx) =>
      makeOnce(tx, call.keyed(), () => calls.make(tx, changedBy(call), body, organizerId)),
    )
    markReplay(response, made.replayed)
    sendPrivateJson(response, 201, await getThing(database.pool, thing, made.id, organizerScope(caller)))
  })

  serveReads(routes, management, thing, calls)

  routes.on(calls.update, async (call) => {
    const { caller, params, body, response } = call
    const organizerId = organizerScope(caller)
    await calls.change(changedBy(call), params.id, organizerId, body)
    sendPrivateJson(response, 200, await getThing(database.pool, thing, params.id, organizerId))
  })
}

/** Serves how a thing is listed and looked up. */
export function serveReads(
  routes: Routes,
  { database, reports }: Pick<ManagementDependencies, 'database' | 'reports'>,
  thing: Shown,
  { list, get }: Reads,
): void {
  routes.on(list, async ({ caller, query, response }) => {
    const { limit, cursor, organizerId, venueId = null } = query
    const filter = { organizerId: listedFor(caller, organizerId), venueId }
    const prefix = query.prefix === undefined ? null : normalizePromoCode(query.prefix)
    const narrow = thing.noun === 'auditorium' ? 'venueId or limit' : 'limit'
    const page = await reports.read(caller, narrow, (lists) =>
      listThings(lists.pool, thing, filter, limit, pageCursor(cursor), prefix),
    )
    sendPrivateJson(response, 200, page)
  })

  routes.on(get, async ({ caller, params, response }) => {
    const organizerId = caller === null ? null : organizerScope(caller)
    sendPrivateJson(response, 200, await getThing(database.pool, thing, params.id, organizerId))
  })
}
