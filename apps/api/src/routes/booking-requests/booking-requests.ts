import type { Router } from 'express'
import * as bookingRequests from '@boxoffice/contract/operations/booking-requests.ts'
import type { BookingLine } from '@boxoffice/core/booking-requests/booking-line.ts'
import { notFound, Problem } from '@boxoffice/core/use-case/problem.ts'
import {
  refuseRequest,
  type RefuseRequestDependencies,
  withdrawRequest,
} from '@boxoffice/core/booking-requests/refuse-request.ts'
import { inTurn } from '@boxoffice/core/bookings/resource-turns.ts'
import type { RequestView, StoredRequest } from '@boxoffice/core/booking-requests/request-view.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'
import { idempotencyKey, markReplay } from '../../routing/idempotency-key.ts'
import { preferredWait } from '../../routing/prefer.ts'
import { noteDone } from '../../overload/turn-away.ts'
import { type RouteDependencies, Routes } from '../../routing/routes.ts'
import type { OpenWaits } from '../../streams/open-waits.ts'
import type { EventStreams } from '../../streams/sse.ts'
import { type AcceptDependencies, acceptWithinLimits, sellerOf } from './accept-within-limits.ts'
import { awaitOutcome } from './await-outcome.ts'
import { sellsIt } from './customer-keys.ts'
import { sendRequest } from './send-request.ts'
import { submissionOf } from './submission.ts'
import { requireOwnTerms } from './seller-terms.ts'
import { requireFewTickets, type TicketLimits } from './ticket-limits.ts'

export interface BookingRequestDependencies extends AcceptDependencies {
  readonly streams: EventStreams
  readonly waits: OpenWaits
  readonly ticketLimits: TicketLimits
  readonly lifecycle: RefuseRequestDependencies
}

/** Serves booking requests: submitting them, and their outcomes by polling, long-polling and server-sent events. */
export function bookingRequestRoutes(routeDeps: RouteDependencies, deps: BookingRequestDependencies): Router {
  const routes = new Routes(routeDeps)
  const { admission } = routeDeps
  const { line } = deps

  routes.on(bookingRequests.create, async ({ caller, body, request, response }) => {
    requireWholeSession(caller)
    const waitS = preferredWait(request.headers.prefer)
    const key = idempotencyKey(request.headers['idempotency-key'])
    const organizerOf = () => line.organizerOf(body.resource.id)
    const sells = await sellsIt(caller, organizerOf)
    await admission.admitBooking(request, caller, organizerOf)
    requireFewTickets(deps.ticketLimits, sells, body)
    requireOwnTerms(sells, body)
    if (body.promoCode !== undefined) await admission.admitPromoCode(request, caller)

    const noteRefusal = admission.refusalNoter(request, caller, body.promoCode !== undefined)
    const sender = { request, seller: sells ? sellerOf(caller) : null, noteRefusal }
    const accepted = await acceptWithinLimits(deps, sender, submissionOf(body, caller, sells, key))
    noteDone(request)
    markReplay(response, accepted.replayed)
    response.setHeader('Location', `/v1/booking-requests/${accepted.view.id}`)

    const { view } = await awaitOutcome(deps, response, accepted, waitS)
    sendRequest(response, waitS !== null && view.state !== 'queued' ? 200 : 202, view)
  })

  routes.on(bookingRequests.get, async ({ caller, params, request, response }) => {
    const waitS = preferredWait(request.headers.prefer)
    const found = await findOwn(line, params.id, caller)
    const { view } = await awaitOutcome(deps, response, found, waitS)
    sendRequest(response, 200, view)
  })

  routes.on(bookingRequests.stream, async ({ caller, params, response }) => {
    const found = await findOwn(line, params.id, caller)
    const stream = deps.streams.open(response)
    const finish = (view: RequestView) => {
      stream.send('outcome', view)
      stream.end()
    }
    if (found.view.state !== 'queued') {
      finish(found.view)
      return
    }
    const stop = line.follow(found, { onPosition: (view) => stream.send('position', view), onOutcome: finish })
    stream.onClose(stop)
  })

  routes.on(bookingRequests.withdraw, async ({ caller, params, response }) => {
    const { view } = await findOwn(line, params.id, caller)
    // A crowd that leaves would otherwise stand at the line's lock, each with a connection that payments need.
    await inTurn(deps.lifecycle.database, view.resource.id, () => withdrawRequest(deps.lifecycle, params.id))
    sendRequest(response, 200, (await findOwn(line, params.id, caller)).view)
  })

  routes.on(bookingRequests.refuse, async ({ caller, params, body, requestId, response, keyed }) => {
    const { replayed } = await refuseRequest(deps.lifecycle, {
      bookingRequestId: params.id,
      reason: body.reason,
      actor: caller.subject,
      requestId,
      keyed: keyed(),
    })
    markReplay(response, replayed)
    sendRequest(response, 200, (await findOwn(line, params.id, caller)).view)
  })

  return routes.router
}

/** Throws 403 for a session that shows one recovered booking: it would not show what is booked with it. */
function requireWholeSession({ bookingId }: Caller): void {
  if (bookingId !== null) throw new Problem('forbidden', { detail: 'This session is for one booking only.' })
}

/** Throws 404 for what belongs to someone else, as for what does not exist. */
async function findOwn(line: BookingLine, id: string, caller: Caller): Promise<StoredRequest> {
  const found = await line.find(id)
  if (found === null || (found.owner !== caller.subject && caller.role !== 'admin')) {
    throw notFound('booking request')
  }
  return found
}
