import type { Request, Response, Router } from 'express'
import {
  getEventAvailability,
  getShowtimeAvailability,
  streamEventAvailability,
  streamShowtimeAvailability,
} from '@boxoffice/contract/operations/availability.ts'
import type { AvailabilityHub } from '@boxoffice/core/availability/availability-hub.ts'
import type { AvailabilityService } from '@boxoffice/core/availability/availability.ts'
import { notFound } from '@boxoffice/core/use-case/problem.ts'
import type { AddressShares } from '../http/address-shares.ts'
import { clientNetworks } from '../http/client-address.ts'
import { sendCachedJson } from '../http/conditional.ts'
import { RETRY_AFTER_S } from '../http/open-limit.ts'
import { tooMany } from '../http/too-many.ts'
import { type RouteDependencies, Routes } from '../http/routes.ts'
import type { EventStream, EventStreams } from '../http/sse.ts'

export interface AvailabilityDependencies {
  readonly availability: AvailabilityService
  readonly hub: AvailabilityHub
  readonly streams: EventStreams
  /** How many may watch in this process. */
  readonly watchers: AddressShares
}

interface ById {
  readonly params: { readonly id: string }
  readonly request: Request
  readonly response: Response
}

/** What is left: by polling with entity tags, and as a stream of changes. */
export function availabilityRoutes(routeDeps: RouteDependencies, deps: AvailabilityDependencies): Router {
  const routes = new Routes(routeDeps)
  routes.on(getShowtimeAvailability, (call) => sendAvailability(deps, 'showtime', call))
  routes.on(getEventAvailability, (call) => sendAvailability(deps, 'event', call))
  routes.on(streamShowtimeAvailability, (call) => streamAvailability(deps, 'showtime', call))
  routes.on(streamEventAvailability, (call) => streamAvailability(deps, 'event', call))
  return routes.router
}

async function sendAvailability(
  { availability }: AvailabilityDependencies,
  kind: 'showtime' | 'event',
  { params, request, response }: ById,
): Promise<void> {
  const view = await availability.current(params.id)
  if (view?.kind !== kind) throw notFound(kind)
  // May be stored, must be asked for again: an answer is out of date with the next booking.
  sendCachedJson(request, response, view, 'no-cache')
}

async function streamAvailability(
  { hub, streams, watchers }: AvailabilityDependencies,
  kind: 'showtime' | 'event',
  { params, request, response }: ById,
): Promise<void> {
  takeShare(watchers, request, response)
  // Opened with the first message: until then the answer may still be a problem.
  let stream: EventStream | undefined
  const open = () => (stream ??= streams.open(response))
  const stop = await hub.watch(params.id, kind, lastVersion(request), {
    send: ({ event, id, data }) => open().sendJson(event, data, id),
    end: () => open().end(),
  })
  if (stop === null) throw notFound(kind)
  open().onClose(stop)
}

/** Until the answer is closed. Throws 429 where its address has its share already. */
function takeShare(watchers: AddressShares, request: Request, response: Response): void {
  // A client that is gone already gets no further event, and counts for nothing.
  if (response.closed) return
  const networks = clientNetworks(request)
  if (!watchers.hasRoom(networks, 1)) throw tooMany('This address has too many streams open.', RETRY_AFTER_S)
  watchers.take(networks, 1)
  response.once('close', () => watchers.giveBack(networks, 1))
}

/** `null` for none and for what was never one of our ids. */
function lastVersion(request: Request): number | null {
  const id = request.headers['last-event-id']
  return typeof id === 'string' && /^\d{1,10}$/.test(id) ? Number(id) : null
}
