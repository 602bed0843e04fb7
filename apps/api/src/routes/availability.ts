import { Router, type Request, type Response } from 'express'
import type { AvailabilityHub } from '@boxoffice/core/services/availability-hub.ts'
import type { AvailabilityService } from '@boxoffice/core/services/availability.ts'
import { NotFoundError } from '@boxoffice/core/services/errors.ts'
import { sendCachedJson } from '../http/conditional.ts'
import { resourceId } from '../http/resource-id.ts'
import type { EventStream, EventStreams } from '../http/sse.ts'

export interface AvailabilityDependencies {
  readonly availability: AvailabilityService
  readonly hub: AvailabilityHub
  readonly streams: EventStreams
}

type ById = Request<{ id: string }>

/** What is left: by polling with entity tags, and as a stream of changes. */
export function availabilityRoutes(deps: AvailabilityDependencies): Router {
  const router = Router()
  for (const [path, kind] of [
    ['/v1/showtimes/:id/availability', 'showtime'],
    ['/v1/events/:id/availability', 'event'],
  ] as const) {
    router.get(path, (request: ById, response) => sendAvailability(deps, kind, request, response))
    router.get(`${path}/stream`, (request: ById, response: Response) =>
      streamAvailability(deps, kind, request, response),
    )
  }
  return router
}

async function sendAvailability(
  { availability }: AvailabilityDependencies,
  kind: 'showtime' | 'event',
  request: ById,
  response: Response,
): Promise<void> {
  const view = await availability.current(resourceId(request.params.id, kind))
  if (view?.kind !== kind) throw new NotFoundError(kind)
  // May be stored, must be asked for again: an answer is out of date with the next booking.
  sendCachedJson(request, response, view, 'no-cache')
}

async function streamAvailability(
  { hub, streams }: AvailabilityDependencies,
  kind: 'showtime' | 'event',
  request: ById,
  response: Response,
): Promise<void> {
  // Opened with the first message: until then the answer may still be a problem.
  let stream: EventStream | undefined
  const open = () => (stream ??= streams.open(response))
  const stop = await hub.watch(resourceId(request.params.id, kind), kind, lastVersion(request), {
    send: ({ event, id, data }) => open().sendJson(event, data, id),
    end: () => open().end(),
  })
  if (stop === null) throw new NotFoundError(kind)
  open().onClose(stop)
}

/** `null` for none and for what was never one of our ids. */
function lastVersion(request: Request<{ id: string }>): number | null {
  const id = request.headers['last-event-id']
  return typeof id === 'string' && /^\d{1,10}$/.test(id) ? Number(id) : null
}
