import { Router, type Response } from 'express'
import type pg from 'pg'
import { z } from 'zod'
import { findBooking, getBooking } from '@boxoffice/core/db/queries/find-booking.ts'
import { type BookingFilter, listBookings } from '@boxoffice/core/db/queries/list-bookings.ts'
import { type BookingRow, type RefundView, toBookingView } from '@boxoffice/core/db/queries/booking-view.ts'
import { BOOKING_STATUSES } from '@boxoffice/core/domain/booking-status.ts'
import { within } from '@boxoffice/core/queue/within.ts'
import { requireRight } from '@boxoffice/core/services/bookings/booking-access.ts'
import { cancelBooking, REFUND_CHOICES } from '@boxoffice/core/services/bookings/cancel-booking.ts'
import { changeStatus } from '@boxoffice/core/services/bookings/change-status.ts'
import type { LifecycleDependencies } from '@boxoffice/core/services/bookings/lifecycle.ts'
import { NotFoundError } from '@boxoffice/core/services/errors.ts'
import { requestRefund } from '@boxoffice/core/services/payments/request-refund.ts'
import { sendRefund } from '@boxoffice/core/services/payments/send-refunds.ts'
import { startPayment } from '@boxoffice/core/services/payments/start-payment.ts'
import type { Caller } from '@boxoffice/core/tokens.ts'
import type { Authenticate } from '../http/authenticate.ts'
import { keyed } from '../http/keyed.ts'
import { page, uuidQuery } from '../http/page-query.ts'
import { bookingReference } from '../http/reference.ts'
import { requestIdOf } from '../http/request-id.ts'
import { sendPrivateJson } from '../http/send-json.ts'
import { reasonText } from '@boxoffice/contract/fields.ts'
import { validate } from '../http/validate.ts'

export interface BookingDependencies {
  readonly lifecycle: LifecycleDependencies
  /** For reads: a crowd that polls must not keep payments waiting. */
  readonly pool: pg.Pool
  readonly authenticate: Authenticate
}

/** A refund is sent while the caller waits, but not for longer than this: the worker goes on with it. */
const SEND_WITHIN_MS = 3_000

const listQuery = z.strictObject({
  ...page,
  status: z.enum(BOOKING_STATUSES).optional(),
  resourceId: uuidQuery.optional(),
})

const returnUrl = z
  .url({ protocol: /^https?$/, error: 'Must be an http or https URL' })
  .max(2_000)
  .optional()
/** No body is as good as an empty one, also to an idempotency key. */
const paymentBody = z.strictObject({ returnUrl }).default({})
const cancelBody = z
  .strictObject({ reason: reasonText.optional(), refund: z.enum(REFUND_CHOICES).optional() })
  .default({})
const refundBody = z.strictObject({
  amount: z.int().min(1).optional(),
  reason: reasonText,
  cancelBooking: z.boolean().default(false),
})
const statusBody = z.strictObject({ status: z.enum(BOOKING_STATUSES), reason: reasonText })

/** The life of a booking: looking it up, paying, cancelling, refunding, changing its status by hand. */
export function bookingRoutes({ lifecycle, pool, authenticate }: BookingDependencies): Router {
  const router = Router()

  router.get('/v1/bookings', async (request, response) => {
    const caller = await authenticate(request)
    const { limit, cursor, status, resourceId } = validate(listQuery, request.query)
    const filter = { ...visibleTo(caller), status: status ?? null, resourceId: resourceId ?? null }
    sendPrivateJson(response, 200, await listBookings(pool, filter, limit, cursor ?? null))
  })

  router.get('/v1/bookings/:reference', async (request, response) => {
    const caller = await authenticate(request)
    const booking = await findBooking(pool, bookingReference(request.params.reference))
    if (booking === null) throw new NotFoundError('booking')
    requireRight(booking, caller, 'owner', 'staff')
    sendPrivateJson(response, 200, toBookingView(booking))
  })

  router.post('/v1/bookings/:reference/payments', async (request, response) => {
    const caller = await authenticate(request)
    const reference = bookingReference(request.params.reference)
    const body = validate(paymentBody, request.body)
    const { known, replayed, ...payment } = await startPayment(lifecycle, {
      reference,
      caller,
      requestId: requestIdOf(response),
      returnUrl: body.returnUrl ?? null,
      keyed: keyed(request, caller, `POST /v1/bookings/${reference}/payments`, body),
    })
    markReplay(response, replayed)
    sendPrivateJson(response, known && !replayed ? 200 : 201, payment)
  })

  router.post('/v1/bookings/:reference/cancel', async (request, response) => {
    const caller = await authenticate(request)
    const reference = bookingReference(request.params.reference)
    const body = validate(cancelBody, request.body)
    const cancelled = await cancelBooking(lifecycle, {
      reference,
      caller,
      requestId: requestIdOf(response),
      reason: body.reason,
      refund: body.refund,
      keyed: keyed(request, caller, `POST /v1/bookings/${reference}/cancel`, body),
    })
    markReplay(response, cancelled.replayed)
    await sendNow(cancelled.refundIds)
    sendPrivateJson(response, 200, toBookingView(await getBooking(pool, cancelled.bookingId)))
  })

  router.post('/v1/bookings/:reference/refunds', async (request, response) => {
    const caller = await authenticate(request)
    const reference = bookingReference(request.params.reference)
    const body = validate(refundBody, request.body)
    const { refundId, replayed } = await requestRefund(lifecycle, {
      reference,
      caller,
      requestId: requestIdOf(response),
      amount: body.amount,
      reason: body.reason,
      cancelBooking: body.cancelBooking,
      keyed: keyed(request, caller, `POST /v1/bookings/${reference}/refunds`, body),
    })
    markReplay(response, replayed)
    await sendNow([refundId])
    const booking = await findBooking(pool, reference)
    if (booking === null) throw new NotFoundError('booking')
    sendPrivateJson(response, 201, refundAnswer(booking, refundId))
  })

  router.post('/v1/bookings/:reference/status', async (request, response) => {
    const caller = await authenticate(request)
    const reference = bookingReference(request.params.reference)
    const body = validate(statusBody, request.body)
    const changed = await changeStatus(lifecycle, {
      reference,
      caller,
      requestId: requestIdOf(response),
      ...body,
      keyed: keyed(request, caller, `POST /v1/bookings/${reference}/status`, body),
    })
    markReplay(response, changed.replayed)
    await sendNow(changed.refundIds)
    sendPrivateJson(response, 200, toBookingView(await getBooking(pool, changed.bookingId)))
  })

  /** The refunds are promised already: whatever goes wrong here, the worker sends them. */
  async function sendNow(refundIds: readonly string[]): Promise<void> {
    for (const refundId of refundIds) {
      try {
        await within(SEND_WITHIN_MS, 'sending a refund', sendRefund(lifecycle, refundId))
      } catch (error) {
        lifecycle.logger.warn({ err: error, refund: refundId }, 'a refund was not sent at once')
      }
    }
  }

  return router
}

function markReplay(response: Response, replayed: boolean): void {
  if (replayed) response.setHeader('Idempotency-Replayed', 'true')
}

/** Customers see what they booked, an organizer's people what was booked with it, admins everything. */
function visibleTo(caller: Caller): Pick<BookingFilter, 'owner' | 'organizerId'> {
  if (caller.role === 'admin') return { owner: null, organizerId: null }
  if (caller.role !== 'customer' && caller.organizerId !== null) {
    return { owner: null, organizerId: caller.organizerId }
  }
  return { owner: caller.subject, organizerId: null }
}

/** The refund, how it left the booking, and what may be done next about it. */
function refundAnswer(booking: BookingRow, refundId: string) {
  const refund: RefundView | undefined = booking.refunds.find(({ id }) => id === refundId)
  if (refund === undefined) throw new Error(`refund ${refundId} is missing`)
  const { reference, status, paymentStatus, refunded } = booking
  const allGone = booking.payments.every(({ captured, refunded: returned }) => returned >= captured)
  const offers = allGone && status === 'confirmed'
  return {
    ...refund,
    booking: { reference, status, paymentStatus, refunded },
    /** All of it went back, and its places are still taken. */
    offer: offers ? { action: 'cancel', href: `/v1/bookings/${reference}/cancel` } : null,
  }
}
