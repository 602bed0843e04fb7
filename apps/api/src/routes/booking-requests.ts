import { Router, type Request, type Response } from 'express'
import type { BookingLine } from '@boxoffice/core/services/booking-line.ts'
import { NotFoundError } from '@boxoffice/core/services/errors.ts'
import type { RequestView, TrackedRequest } from '@boxoffice/core/services/request-view.ts'
import type { Caller } from '@boxoffice/core/tokens.ts'
import type { Authenticate } from '../http/authenticate.ts'
import { idempotencyKey } from '../http/idempotency-key.ts'
import type { OpenWaits } from '../http/open-waits.ts'
import { preferredWait } from '../http/prefer.ts'
import { sendPrivateJson } from '../http/send-json.ts'
import type { EventStreams } from '../http/sse.ts'
import { validate } from '../http/validate.ts'
import { bookingRequestBody, requestPayload } from './booking-request-body.ts'
import { customerKeys } from './customer-keys.ts'

export interface BookingRequestDependencies {
  readonly line: BookingLine
  readonly authenticate: Authenticate
  readonly streams: EventStreams
  readonly waits: OpenWaits
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

const MAX_RETRY_AFTER_S = 30

/** Submitting booking requests and hearing how they end: by polling, long-polling and server-sent events. */
export function bookingRequestRoutes(deps: BookingRequestDependencies): Router {
  const router = Router()

  router.post('/v1/booking-requests', async (request, response) => {
    const caller = await deps.authenticate(request)
    const waitS = preferredWait(request.headers.prefer)
    const key = idempotencyKey(request.headers['idempotency-key'])
    const body = validate(bookingRequestBody, request.body)
    const accepted = await deps.line.accept({
      resourceId: body.resource.id,
      kind: body.resource.type,
      owner: caller.subject,
      idempotencyKey: key,
      payload: requestPayload(body),
      customerKeys: customerKeys(caller, body.customer.email),
    })
    if (accepted.replayed) response.setHeader('Idempotency-Replayed', 'true')
    response.setHeader('Location', `/v1/booking-requests/${accepted.view.id}`)
    const { view } = waitS === null ? accepted : await outcome(deps, response, accepted, waitS)
    sendRequest(response, waitS !== null && view.state !== 'queued' ? 200 : 202, view)
  })

  router.get('/v1/booking-requests/:id', async (request, response) => {
    const caller = await deps.authenticate(request)
    const waitS = preferredWait(request.headers.prefer)
    const found = await findOwn(deps.line, request, caller)
    const { view } = waitS === null ? found : await outcome(deps, response, found, waitS)
    sendRequest(response, 200, view)
  })

  router.get('/v1/booking-requests/:id/stream', async (request, response) => {
    const caller = await deps.authenticate(request)
    const found = await findOwn(deps.line, request, caller)
    const stream = deps.streams.open(response)
    const finish = (view: RequestView) => {
      stream.send('outcome', view)
      stream.end()
    }
    if (found.view.state !== 'queued') {
      finish(found.view)
      return
    }
    const stop = deps.line.follow(found, { onPosition: (view) => stream.send('position', view), onOutcome: finish })
    stream.onClose(stop)
  })

  return router
}

/**
 * The request once it is decided, or as it is after `waitS` seconds, or as it was when the client left or this process
 * began to stop.
 */
async function outcome(
  { line, waits }: BookingRequestDependencies,
  response: Response,
  request: TrackedRequest,
  waitS: number,
): Promise<TrackedRequest> {
  response.setHeader('Preference-Applied', `wait=${waitS}`)
  if (request.view.state !== 'queued' || waitS === 0) return request
  return await waits.during(response, async (signal) => {
    try {
      return await line.outcome(request, waitS * 1_000, signal)
    } catch (error) {
      if (signal.aborted) return request
      throw error
    }
  })
}

function sendRequest(response: Response, status: 200 | 202, view: RequestView): void {
  if (view.state === 'queued') {
    const seconds = Math.ceil(view.etaMs / 1_000)
    response.setHeader('Retry-After', String(Math.min(MAX_RETRY_AFTER_S, Math.max(1, seconds))))
  }
  sendPrivateJson(response, status, view)
}

/** What belongs to someone else answers the same as what does not exist. */
async function findOwn(line: BookingLine, request: Request<{ id: string }>, caller: Caller): Promise<TrackedRequest> {
  const { id } = request.params
  const found = UUID.test(id) ? await line.find(id.toLowerCase()) : null
  if (found === null || (found.owner !== caller.subject && caller.role !== 'admin')) {
    throw new NotFoundError('booking request')
  }
  return found
}
