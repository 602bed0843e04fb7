import type { Router } from 'express'
import type pg from 'pg'
import {
  cancelBooking,
  changeBookingStatus,
  getBooking,
  listBookings,
  requestRefund,
  startPayment,
} from '@boxoffice/contract/operations/bookings.ts'
import { findBooking, getBooking as readBooking } from '@boxoffice/core/bookings/queries/find-booking.ts'
import { type BookingFilter, listBookings as readBookings } from '@boxoffice/core/bookings/queries/list-bookings.ts'
import { type BookingRow, type RefundView, toBookingView } from '@boxoffice/core/bookings/queries/booking-view.ts'
import { within } from '@boxoffice/core/runtime/within.ts'
import { requireRight } from '@boxoffice/core/bookings/booking-access.ts'
import { cancelBooking as cancel } from '@boxoffice/core/bookings/cancel-booking.ts'
import { changeStatus } from '@boxoffice/core/bookings/change-status.ts'
import type { LifecycleDependencies } from '@boxoffice/core/bookings/lifecycle.ts'
import { requestRefund as refund } from '@boxoffice/core/bookings/payments/request-refund.ts'
import { sendRefund } from '@boxoffice/core/bookings/payments/send-refunds.ts'
import { startPayment as pay } from '@boxoffice/core/bookings/payments/start-payment.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'
import { notFound } from '@boxoffice/core/use-case/problem.ts'
import { markReplay } from '../http/idempotency-key.ts'
import { pageCursor } from '../http/page-cursor.ts'
import type { Reports } from '../http/reports.ts'
import { type RouteDependencies, Routes } from '../http/routes.ts'
import { sendPrivateJson } from '../http/send-json.ts'

export interface BookingDependencies {
  readonly lifecycle: LifecycleDependencies
  /** For reads: a crowd that polls must not keep payments waiting. */
  readonly pool: pg.Pool
  /** For the lists of organizers and admins. */
  readonly reports: Reports
}

/** A refund is sent while the caller waits, but not for longer than this: the worker goes on with it. */
const SEND_WITHIN_MS = 3_000

/** The life of a booking: looking it up, paying, cancelling, refunding, changing its status by hand. */
export function bookingRoutes(deps: RouteDependencies, { lifecycle, pool, reports }: BookingDependencies): Router {
  const routes = new Routes(deps)

  routes.on(listBookings, async ({ caller, query, response }) => {
    const { limit, cursor, status, resourceId } = query
    const filter = { ...visibleTo(caller), status: status ?? null, resourceId: resourceId ?? null }
    const read = (lists: pg.Pool) => readBookings(lists, filter, limit, pageCursor(cursor))
    // Customers look at the few that are their own, in a crowd; others at everything that was sold.
    const isOwn = filter.owner !== null || filter.bookingId !== undefined
    const page = isOwn
      ? await read(pool)
      : await reports.read(caller, 'resourceId or limit', (lists) => read(lists.pool))
    sendPrivateJson(response, 200, page)
  })

  routes.on(getBooking, async ({ caller, params, response }) => {
    const booking = await findBooking(pool, params.reference)
    if (booking === null) throw notFound('booking')
    requireRight(booking, caller, 'owner', 'staff')
    sendPrivateJson(response, 200, toBookingView(booking))
  })

  routes.on(startPayment, async ({ caller, params, body, requestId, response, keyed }) => {
    const { known, replayed, ...payment } = await pay(lifecycle, {
      ...params,
      caller,
      requestId,
      returnUrl: body.returnUrl ?? null,
      keyed: keyed(),
    })
    markReplay(response, replayed)
    sendPrivateJson(response, known && !replayed ? 200 : 201, payment)
  })

  routes.on(cancelBooking, async ({ caller, params, body, requestId, response, keyed }) => {
    const cancelled = await cancel(lifecycle, { ...params, caller, requestId, ...body, keyed: keyed() })
    markReplay(response, cancelled.replayed)
    await sendNow(cancelled.refundIds)
    sendPrivateJson(response, 200, toBookingView(await readBooking(pool, cancelled.bookingId)))
  })

  routes.on(requestRefund, async ({ caller, params, body, requestId, response, keyed }) => {
    const { refundId, refundIds, replayed } = await refund(lifecycle, {
      ...params,
      caller,
      requestId,
      amount: body.amount,
      reason: body.reason,
      cancelBooking: body.cancelBooking,
      keyed: keyed(),
    })
    markReplay(response, replayed)
    await sendNow(refundIds)
    const booking = await findBooking(pool, params.reference)
    if (booking === null) throw notFound('booking')
    sendPrivateJson(response, 201, refundAnswer(booking, refundId))
  })

  routes.on(changeBookingStatus, async ({ caller, params, body, requestId, response, keyed }) => {
    const changed = await changeStatus(lifecycle, { ...params, caller, requestId, ...body, keyed: keyed() })
    markReplay(response, changed.replayed)
    await sendNow(changed.refundIds)
    sendPrivateJson(response, 200, toBookingView(await readBooking(pool, changed.bookingId)))
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

  return routes.router
}

/** Customers see what they booked, or recovered, an organizer's people what was booked with it, admins everything. */
function visibleTo(caller: Caller): Pick<BookingFilter, 'bookingId' | 'owner' | 'organizerId'> {
  if (caller.bookingId !== null) return { bookingId: caller.bookingId, owner: null, organizerId: null }
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
