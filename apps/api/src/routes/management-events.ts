import type { Router } from 'express'
import * as calls from '@boxoffice/contract/operations/management-events.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'
import { withCounts } from '@boxoffice/core/catalogue/count-customers.ts'
import { createEvent } from '@boxoffice/core/catalogue/create-event.ts'
import { managedEvents } from '@boxoffice/core/catalogue/queries/managed-resources.ts'
import { addTicketType } from '@boxoffice/core/catalogue/ticket-types.ts'
import { updateEvent } from '@boxoffice/core/catalogue/update-event.ts'
import { updateTicketType } from '@boxoffice/core/catalogue/update-ticket-type.ts'
import { makeOnce } from '@boxoffice/core/use-case/idempotency.ts'
import { notFound } from '@boxoffice/core/use-case/problem.ts'
import { transact } from '@boxoffice/core/use-case/transact.ts'
import { organizerScope } from '../callers/authenticate.ts'
import { markReplay } from '../routing/idempotency-key.ts'
import { organizerOf } from '../callers/organizer-of.ts'
import { type RouteDependencies, Routes } from '../routing/routes.ts'
import { sendPrivateJson } from '../answers/send-json.ts'
import {
  changedBy,
  changeResource,
  type ManagementDependencies,
  requireAdminForLane,
} from './management/dependencies.ts'
import { serveResources } from './management/resources.ts'

/** Serves events and their ticket types, as their organizer sees and changes them. */
export function eventRoutes(deps: RouteDependencies, management: ManagementDependencies): Router {
  const routes = new Routes(deps)
  const { database, lanes } = management
  const views = managedEvents(lanes)

  const find = serveResources(routes, management, {
    kind: 'event',
    views,
    update: calls.update,
    cancel: calls.cancel,
    cancellation: calls.getCancellation,
    pause: calls.pause,
    drain: calls.drain,
    resume: calls.resume,
    line: calls.getLine,
    keepPlaces: calls.keepPlaces,
    blocks: calls.blocks,
    giveBack: calls.giveBack,
    list: calls.list,
    get: calls.get,
    change: (tx, eventId, by, body) => updateEvent(tx, { ...by, ...body, eventId }),
  })

  routes.on(calls.create, async (call) => {
    const { caller, body, response } = call
    const input = { ...changedBy(call), ...body, organizerId: organizerOf(caller, body.organizerId), lanes }
    requireAdminForLane(caller, body.lane)
    const made = await transact(database, (tx) =>
      makeOnce(tx, call.keyed(), async () => (await createEvent(tx, input)).eventId),
    )
    markReplay(response, made.replayed)
    sendPrivateJson(response, 201, await find(caller, made.id))
  })

  routes.on(calls.addTicketType, async (call) => {
    const { caller, params, body, response } = call
    const { id, replayed } = await changeResource(management, params.id, async (tx) => {
      let version: number | null = null
      const made = await makeOnce(tx, call.keyed(), async () => {
        const input = { ...changedBy(call), eventId: params.id, organizerId: organizerScope(caller), ticketType: body }
        const added = await addTicketType(tx, input)
        version = added.version
        return added.ticketTypeId
      })
      return { ...made, version }
    })
    markReplay(response, replayed)
    sendPrivateJson(response, 201, await findTicketType(caller, params.id, id))
  })

  routes.on(calls.updateTicketType, async (call) => {
    const { caller, params, body, response } = call
    const { id: eventId, ticketTypeId } = params
    const input = { ...changedBy(call), ...body, eventId, ticketTypeId, organizerId: organizerScope(caller) }
    await withCounts(database, (counts) =>
      changeResource(management, eventId, async (tx) => ({ version: await updateTicketType(tx, input, counts) })),
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
