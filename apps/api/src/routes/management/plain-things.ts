import type { Router } from 'express'
import type { z } from 'zod'
import type { Operation } from '@boxoffice/contract/operation.ts'
import * as movieCalls from '@boxoffice/contract/operations/management-movies.ts'
import * as organizerCalls from '@boxoffice/contract/operations/management-organizers.ts'
import * as venueCalls from '@boxoffice/contract/operations/management-venues.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'
import {
  changeThing,
  createThing,
  getThing,
  listThings,
  type PlainThing,
} from '@boxoffice/core/catalogue/plain-thing.ts'
import { auditoriums, movies, organizers, venues } from '@boxoffice/core/catalogue/plain-things.ts'
import type { Changes, Fields, New } from '@boxoffice/core/fields/field.ts'
import { makeOnce } from '@boxoffice/core/use-case/idempotency.ts'
import { notFound, Problem } from '@boxoffice/core/use-case/problem.ts'
import { transact } from '@boxoffice/core/use-case/transact.ts'
import { organizerScope } from '../../http/authenticate.ts'
import { markReplay } from '../../http/idempotency-key.ts'
import { organizerOf } from '../../http/organizer-of.ts'
import { pageCursor } from '../../http/page-cursor.ts'
import { type RouteDependencies, Routes } from '../../http/routes.ts'
import { sendPrivateJson } from '../../http/send-json.ts'
import { changedBy, listedFor, type ManagementDependencies } from './dependencies.ts'

/** The calls about a plain thing. */
interface PlainCalls<F extends Fields> {
  readonly create: Operation<
    'admin' | 'organizer' | 'organizerOwn',
    z.ZodType,
    z.ZodType,
    z.ZodType<New<F> & OfOrganizer>
  >
  readonly list: Operation<'organizer' | 'admin', z.ZodType, z.ZodType<Query>>
  readonly get: Operation<'anyone' | 'organizerOwn', z.ZodType<ById>>
  readonly update: Operation<'organizerOwn', z.ZodType<ById>, z.ZodType, z.ZodType<Changes<F>>>
  /** Throws where the caller may not make these changes. */
  readonly requireMayChange?: (caller: Caller, id: string, changes: Changes<F>) => void
}

interface ById {
  readonly id: string
}

interface OfOrganizer {
  readonly organizerId?: string | undefined
}

interface Query extends OfOrganizer {
  readonly limit: number
  readonly cursor?: string | undefined
  readonly venueId?: string | undefined
}

/** Organizers, venues, auditoriums and movies. */
export function plainRoutes(deps: RouteDependencies, management: ManagementDependencies): Router {
  const routes = new Routes(deps)
  serve(routes, management, organizers, {
    create: organizerCalls.createOrganizer,
    list: organizerCalls.listOrganizers,
    get: organizerCalls.getOrganizer,
    update: organizerCalls.updateOrganizer,
    requireMayChange: (caller, id, { feeBasisPoints }) => {
      const scope = organizerScope(caller)
      if (scope === null) return
      if (scope !== id) throw notFound('organizer')
      if (feeBasisPoints !== undefined) throw new Problem('forbidden', { detail: 'The fee is for admins to change.' })
    },
  })
  serve(routes, management, venues, {
    create: venueCalls.createVenue,
    list: venueCalls.listVenues,
    get: venueCalls.getVenue,
    update: venueCalls.updateVenue,
  })
  serve(routes, management, auditoriums, {
    create: venueCalls.createAuditorium,
    list: venueCalls.listAuditoriums,
    get: venueCalls.getAuditorium,
    update: venueCalls.updateAuditorium,
  })
  serve(routes, management, movies, {
    create: movieCalls.createMovie,
    list: movieCalls.listOrganizerMovies,
    get: movieCalls.getMovie,
    update: movieCalls.updateMovie,
  })
  return routes.router
}

function serve<F extends Fields>(
  routes: Routes,
  { database, reports }: ManagementDependencies,
  thing: PlainThing<F>,
  { create, list, get, update, requireMayChange }: PlainCalls<F>,
): void {
  const { pool } = database

  routes.on(create, async (call) => {
    const { caller, body, response } = call
    const organizerId = thing.entity === 'organizer' ? undefined : organizerOf(caller, body.organizerId)
    const made = await transact(database, (tx) =>
      makeOnce(tx, call.keyed(), () => createThing(tx, thing, changedBy(call), { ...body, organizerId })),
    )
    markReplay(response, made.replayed)
    sendPrivateJson(response, 201, await getThing(pool, thing, made.id, organizerScope(caller)))
  })

  routes.on(list, async ({ caller, query, response }) => {
    const { limit, cursor, organizerId, venueId = null } = query
    const filter = { organizerId: listedFor(caller, organizerId), venueId }
    const narrow = thing.entity === 'auditorium' ? 'venueId or limit' : 'limit'
    const page = await reports.read(caller, narrow, (lists) =>
      listThings(lists.pool, thing, filter, limit, pageCursor(cursor)),
    )
    sendPrivateJson(response, 200, page)
  })

  routes.on(get, async ({ caller, params, response }) => {
    const scope = caller === null ? null : organizerScope(caller)
    sendPrivateJson(response, 200, await getThing(pool, thing, params.id, scope))
  })

  routes.on(update, async (call) => {
    const { caller, params, body, response } = call
    requireMayChange?.(caller, params.id, body)
    const organizerId = organizerScope(caller)
    await transact(database, (tx) => changeThing(tx, thing, changedBy(call), { ...params, organizerId, changes: body }))
    sendPrivateJson(response, 200, await getThing(pool, thing, params.id, organizerId))
  })
}
