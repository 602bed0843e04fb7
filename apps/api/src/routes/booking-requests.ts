import type { Request, Response, Router } from 'express'
import type { z } from 'zod'
import {
  createBookingRequest,
  getBookingRequest,
  refuseBookingRequest,
  streamBookingRequest,
} from '@boxoffice/contract/operations/booking-requests.ts'
import type { bookingRequestBody } from '@boxoffice/contract/schemas/selection.ts'
import type { RequestPayload } from '@boxoffice/core/db/schema/line.ts'
import { placesOf } from '@boxoffice/core/domain/places.ts'
import type { OutcomesToCome } from '@boxoffice/core/limits/awaited-outcomes.ts'
import { type HoldLimits, type Reservation, UNCOUNTED } from '@boxoffice/core/limits/hold-limits.ts'
import type { UndecidedPlaces } from '@boxoffice/core/limits/undecided-places.ts'
import type { BookingLine, Submission } from '@boxoffice/core/booking-requests/booking-line.ts'
import { refuseRequest, type RefuseRequestDependencies } from '@boxoffice/core/booking-requests/refuse-request.ts'
import type { RequestView, TrackedRequest } from '@boxoffice/core/booking-requests/request-view.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'
import { isProblem, notFound, Problem } from '@boxoffice/core/use-case/problem.ts'
import type { Admission } from '../http/admission.ts'
import { clientNetworks } from '../http/client-address.ts'
import { idempotencyKey, markReplay } from '../http/idempotency-key.ts'
import type { OpenWaits } from '../http/open-waits.ts'
import { preferredWait } from '../http/prefer.ts'
import { type RouteDependencies, Routes } from '../http/routes.ts'
import { sendPrivateJson } from '../http/send-json.ts'
import type { EventStreams } from '../http/sse.ts'
import { customerKeys, sellsIt } from './customer-keys.ts'
import { requireFewTickets, type TicketLimits } from './ticket-limits.ts'

export interface BookingRequestDependencies {
  readonly line: BookingLine
  readonly holdLimits: HoldLimits
  readonly outcomes: OutcomesToCome
  readonly streams: EventStreams
  readonly waits: OpenWaits
  readonly ticketLimits: TicketLimits
  /** `null` where nothing is limited. */
  readonly undecidedPlaces: UndecidedPlaces | null
  readonly lifecycle: RefuseRequestDependencies
}

const MAX_RETRY_AFTER_S = 30

/** Submitting booking requests and hearing how they end: by polling, long-polling and server-sent events. */
export function bookingRequestRoutes(routeDeps: RouteDependencies, deps: BookingRequestDependencies): Router {
  const routes = new Routes(routeDeps)

  const { admission } = routeDeps

  routes.on(createBookingRequest, async ({ caller, body, request, response }) => {
    // What it books would be out of its sight: the session shows the one booking that was recovered.
    if (caller.bookingId !== null) throw new Problem('forbidden', { detail: 'This session is for one booking only.' })
    const waitS = preferredWait(request.headers.prefer)
    const key = idempotencyKey(request.headers['idempotency-key'])
    const sells = await sellsIt(caller, () => deps.line.organizerOf(body.resource.id))
    requireFewTickets(deps.ticketLimits, sells, body)
    if (body.promoCode !== undefined) await admission.admitPromoCode(request, caller)
    const noteRefusal = admission.refusalNoter(request, caller)
    const accepted = await acceptCounted(
      deps,
      { request, seller: sells ? sellerOf(caller) : null, noteRefusal },
      {
        resourceId: body.resource.id,
        kind: body.resource.type,
        owner: caller.subject,
        idempotencyKey: key,
        payload: requestPayload(body),
        customerKeys: customerKeys(caller, sells, body.customer.email),
      },
    )
    markReplay(response, accepted.replayed)
    response.setHeader('Location', `/v1/booking-requests/${accepted.view.id}`)
    const { view } = waitS === null ? accepted : await outcome(deps, response, accepted, waitS)
    sendRequest(response, waitS !== null && view.state !== 'queued' ? 200 : 202, view)
  })

  routes.on(getBookingRequest, async ({ caller, params, request, response }) => {
    const waitS = preferredWait(request.headers.prefer)
    const found = await findOwn(deps.line, params.id, caller)
    const { view } = waitS === null ? found : await outcome(deps, response, found, waitS)
    sendRequest(response, 200, view)
  })

  routes.on(streamBookingRequest, async ({ caller, params, response }) => {
    const found = await findOwn(deps.line, params.id, caller)
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

  routes.on(refuseBookingRequest, async ({ caller, params, body, requestId, response, keyed }) => {
    const { replayed } = await refuseRequest(deps.lifecycle, {
      bookingRequestId: params.id,
      reason: body.reason,
      actor: caller.subject,
      requestId,
      keyed: keyed(),
    })
    markReplay(response, replayed)
    sendRequest(response, 200, (await findOwn(deps.line, params.id, caller)).view)
  })

  return routes.router
}

interface Sender {
  readonly request: Request
  /** Whose places in line these are; `null` for customers. */
  readonly seller: string | null
  readonly noteRefusal: ReturnType<Admission['refusalNoter']>
}

/**
 * Puts the request into the line, within the limits of what may be held unpaid. Those are for customers; whoever sells
 * to others holds for all of them, and is bounded by what may wait in line. How it ends is counted later, whether or not
 * the client waits for it.
 */
async function acceptCounted(
  deps: BookingRequestDependencies,
  { request, seller, noteRefusal }: Sender,
  submission: Submission,
): Promise<Awaited<ReturnType<BookingLine['accept']>>> {
  const { line, outcomes } = deps
  const reservation = await reserve(deps, request, seller, submission)
  try {
    const accepted = await line.accept(submission)
    // Whoever accepted it first has its places in line counted, and hears of its outcome.
    if (accepted.replayed && seller !== null) reservation.failed()
    else reservation.became(accepted.view)
    if (accepted.view.state === 'queued') {
      // Whoever accepted it first counts it.
      const { replayed } = accepted
      outcomes.await(accepted, (now) => {
        reservation.became(now)
        if (now.refusal !== null && !replayed) noteRefusal(now.refusal.code)
      })
    }
    return accepted
  } catch (error) {
    // What is on its way may still be written, and then it holds: the reservation ends by itself.
    if (!isProblem(error, 'unavailable')) reservation.failed()
    throw error
  }
}

async function reserve(
  { line, holdLimits, undecidedPlaces }: BookingRequestDependencies,
  request: Request,
  seller: string | null,
  submission: Submission,
): Promise<Reservation> {
  const places = placesOf(submission.payload)
  try {
    if (seller !== null) return undecidedPlaces?.reserve(seller, places) ?? UNCOUNTED
    return await holdLimits.reserve({ ...submission, networks: clientNetworks(request), places })
  } catch (error) {
    const isTooMuch = isProblem(error, 'too_many_holds', 'too_many_requests')
    // A repetition asks for nothing new, however much is held by now: whoever lost the first answer gets it.
    if (isTooMuch && (await line.isKnown(submission))) return UNCOUNTED
    throw error
  }
}

/** All people and keys of an organizer together: it may make as many keys as it likes. An admin counts alone. */
const sellerOf = ({ organizerId, subject }: Caller) =>
  organizerId === null ? `subject:${subject}` : `organizer:${organizerId}`

/** What the line keeps of the body: everything but the resource, absent fields left out. */
function requestPayload(body: z.output<typeof bookingRequestBody>): RequestPayload {
  const { seats, tickets, promoCode, expectedTotal } = body
  const { name, email, phone } = body.customer
  return {
    ...(seats !== undefined && { seats }),
    ...(tickets !== undefined && { tickets }),
    ...(promoCode !== undefined && { promoCode }),
    ...(expectedTotal !== undefined && { expectedTotal }),
    customer: { name, email, ...(phone !== undefined && { phone }) },
  }
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
async function findOwn(line: BookingLine, id: string, caller: Caller): Promise<TrackedRequest> {
  const found = await line.find(id)
  if (found === null || (found.owner !== caller.subject && caller.role !== 'admin')) {
    throw notFound('booking request')
  }
  return found
}
