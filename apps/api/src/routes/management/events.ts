import type { Router } from 'express'
import {
  addTicketType,
  cancelEvent,
  createEvent,
  getEventCancellation,
  getOrganizerEvent,
  listOrganizerEvents,
  updateEvent,
  updateTicketType,
} from '@boxoffice/contract/operations/management-events.ts'
import { findManagedEvent, listManagedEvents } from '@boxoffice/core/catalogue/queries/managed-event-view.ts'
import { NO_REASON } from '@boxoffice/core/domain/cancellation.ts'
import { transact } from '@boxoffice/core/use-case/transact.ts'
import { addTicketType as makeTicketType } from '@boxoffice/core/catalogue/add-ticket-type.ts'
import { withCounts } from '@boxoffice/core/catalogue/count-customers.ts'
import { createEvent as makeEvent } from '@boxoffice/core/catalogue/create-event.ts'
import { updateEvent as changeEvent } from '@boxoffice/core/catalogue/update-event.ts'
import { updateTicketType as changeTicketType } from '@boxoffice/core/catalogue/update-ticket-type.ts'
import { makeOnce } from '@boxoffice/core/use-case/idempotency.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'
import { notFound } from '@boxoffice/core/use-case/problem.ts'
import { organizerScope } from '../../http/authenticate.ts'
import { markReplay } from '../../http/idempotency-key.ts'
import { organizerOf } from '../../http/organizer-of.ts'
import { pageCursor } from '../../http/page-cursor.ts'
import { type RouteDependencies, Routes } from '../../http/routes.ts'
import { sendPrivateJson } from '../../http/send-json.ts'
import { cancel, progressOf, requireAlone } from './cancellations.ts'
import {
  changedBy,
  changeResource,
  listedFor,
  type ManagementDependencies,
  requireAdminForLane,
} from './dependencies.ts'

/** Events and their ticket types, as their organizer sees and changes them. */
export function eventRoutes(deps: RouteDependencies, management: ManagementDependencies): Router {
  const routes = new Routes(deps)
  const { database, reports, lanes } = management
  const { pool } = database

  routes.on(createEvent, async (call) => {
    const { caller, body, response } = call
    const organizerId = organizerOf(caller, body.organizerId)
    requireAdminForLane(caller, body.lane)
    const made = await transact(database, (tx) =>
      makeOnce(
        tx,
        call.keyed(),
        async () => (await makeEvent(tx, { ...changedBy(call), ...body, organizerId, lanes })).eventId,
      ),
    )
    markReplay(response, made.replayed)
    sendPrivateJson(response, 201, await find(caller, made.id))
  })

  routes.on(updateEvent, async (call) => {
    const { caller, params, body, response } = call
    const { status, ...changes } = body
    if (status === 'cancelled') {
      requireAlone(body)
      const { id } = params
      await cancel(management, { ...changedBy(call), kind: 'event', id, caller, reason: NO_REASON, keyed: null })
    } else {
      const input = { ...changedBy(call), ...changes, status, eventId: params.id, organizerId: organizerScope(caller) }
      await changeResource(management, params.id, async (tx) => ({ version: await changeEvent(tx, input) }))
    }
    sendPrivateJson(response, 200, await find(caller, params.id))
  })

  routes.on(addTicketType, async (call) => {
    const { caller, params, body, response } = call
    const { id, replayed } = await changeResource(management, params.id, async (tx) => {
      let version: number | null = null
      const made = await makeOnce(tx, call.keyed(), async () => {
        const input = { ...changedBy(call), eventId: params.id, organizerId: organizerScope(caller), ticketType: body }
        const added = await makeTicketType(tx, input)
        version = added.version
        return added.ticketTypeId
      })
      return { ...made, version }
    })
    markReplay(response, replayed)
    sendPrivateJson(response, 201, await findTicketType(caller, params.id, id))
  })

  routes.on(updateTicketType, async (call) => {
    const { caller, params, body, response } = call
    const { id: eventId, ticketTypeId } = params
    const input = { ...changedBy(call), ...body, eventId, ticketTypeId, organizerId: organizerScope(caller) }
    await withCounts(database, (counts) =>
      changeResource(management, eventId, async (tx) => ({ version: await changeTicketType(tx, input, counts) })),
    )
    sendPrivateJson(response, 200, await findTicketType(caller, eventId, ticketTypeId))
  })

  routes.on(cancelEvent, async (call) => {
    const { caller, params, body, response } = call
    const input = { ...changedBy(call), kind: 'event', id: params.id, caller, reason: body.reason } as const
    const { replayed, progress } = await cancel(management, { ...input, keyed: call.keyed() })
    markReplay(response, replayed)
    sendPrivateJson(response, 202, progress)
  })

  routes.on(getEventCancellation, async ({ caller, params, response }) => {
    sendPrivateJson(response, 200, await progressOf(management, 'event', params.id, caller))
  })

  routes.on(listOrganizerEvents, async ({ caller, query, response }) => {
    const { status = null, from = null, to = null } = query
    const filter = { organizerId: listedFor(caller, query.organizerId), status, from, to }
    const page = await reports.read(caller, 'status, from, to or limit', (lists) =>
      listManagedEvents(lists.pool, filter, query.limit, pageCursor(query.cursor)),
    )
    sendPrivateJson(response, 200, page)
  })

  routes.on(getOrganizerEvent, async ({ caller, params, response }) => {
    sendPrivateJson(response, 200, await find(caller, params.id))
  })

  async function find(caller: Caller, id: string) {
    const found = await findManagedEvent(pool, id, organizerScope(caller))
    if (found === null) throw notFound('event')
    return found
  }

  async function findTicketType(caller: Caller, eventId: string, ticketTypeId: string) {
    const { ticketTypes } = await find(caller, eventId)
    const found = ticketTypes.find(({ id }) => id === ticketTypeId)
    if (found === undefined) throw notFound('ticket type')
    return found
  }

  return routes.router
}
