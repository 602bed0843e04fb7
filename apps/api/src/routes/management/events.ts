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
import type { Caller } from '@boxoffice/core/access/tokens.ts'
import { withCounts } from '@boxoffice/core/catalogue/count-customers.ts'
import { createEvent as makeEvent } from '@boxoffice/core/catalogue/create-event.ts'
import { MANAGED_EVENTS } from '@boxoffice/core/catalogue/queries/managed-resources.ts'
import { addTicketType as makeTicketType } from '@boxoffice/core/catalogue/ticket-types.ts'
import { updateEvent as changeEvent } from '@boxoffice/core/catalogue/update-event.ts'
import { updateTicketType as changeTicketType } from '@boxoffice/core/catalogue/update-ticket-type.ts'
import { makeOnce } from '@boxoffice/core/use-case/idempotency.ts'
import { notFound } from '@boxoffice/core/use-case/problem.ts'
import { transact } from '@boxoffice/core/use-case/transact.ts'
import { organizerScope } from '../../http/authenticate.ts'
import { markReplay } from '../../http/idempotency-key.ts'
import { organizerOf } from '../../http/organizer-of.ts'
import { type RouteDependencies, Routes } from '../../http/routes.ts'
import { sendPrivateJson } from '../../http/send-json.ts'
import { changedBy, changeResource, type ManagementDependencies, requireAdminForLane } from './dependencies.ts'
import { serveResources } from './resources.ts'

/** Events and their ticket types, as their organizer sees and changes them. */
export function eventRoutes(deps: RouteDependencies, management: ManagementDependencies): Router {
  const routes = new Routes(deps)
  const { database, lanes } = management

  const find = serveResources(routes, management, {
    kind: 'event',
    views: MANAGED_EVENTS,
    update: updateEvent,
    cancel: cancelEvent,
    cancellation: getEventCancellation,
    list: listOrganizerEvents,
    get: getOrganizerEvent,
    change: (tx, eventId, by, body) => changeEvent(tx, { ...by, ...body, eventId }),
  })

  routes.on(createEvent, async (call) => {
    const { caller, body, response } = call
    const input = { ...changedBy(call), ...body, organizerId: organizerOf(caller, body.organizerId), lanes }
    requireAdminForLane(caller, body.lane)
    const made = await transact(database, (tx) =>
      makeOnce(tx, call.keyed(), async () => (await makeEvent(tx, input)).eventId),
    )
    markReplay(response, made.replayed)
    sendPrivateJson(response, 201, await find(caller, made.id))
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

  async function findTicketType(caller: Caller, eventId: string, ticketTypeId: string) {
    const { ticketTypes } = await find(caller, eventId)
    const found = ticketTypes.find(({ id }) => id === ticketTypeId)
    if (found === undefined) throw notFound('ticket type')
    return found
  }

  return routes.router
}
