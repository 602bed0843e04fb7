/**
 * Cancelling bookings of one resource, inside a transaction that holds all their locks.
 *
 * Keeps: I6 (what they held goes back in the same commit, once), I5 (an open payment is told to the provider to close;
 * should it complete all the same, it finds the booking cancelled; what is left of a payment that did not pay for the
 * booking, because its refund failed, is promised to be sent back by the same commit, whatever is kept of the one that
 * did), I7.
 * Needs the locks: the resource's state → its promo codes → the bookings. Takes: their payments → tickets.
 *
 * The tempting wrong way is to cancel first and to give back in a job: a crash between the two loses seats for ever.
 */
import { and, eq, inArray } from '../db/drizzle.ts'
import { cancelBookings } from './queries/cancel-bookings.ts'
import { insertRecords, type BookingRecord } from '../records/queries/insert-records.ts'
import type { LockedBooking } from './queries/lock-bookings.ts'
import { lockPayments, type Payment } from './queries/lock-payments.ts'
import { releaseInventory } from '../inventory/queries/release-inventory.ts'
import { tickets } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import type { PaymentStatus } from '../domain/booking-status.ts'
import type { CancelReason } from '../domain/cancellation.ts'
import type { Minor } from '../domain/money/money.ts'
import {
  type AutomaticRefund,
  bookingPaymentStatus,
  inRefundOrder,
  type PaymentFailure,
  refundable,
} from '../domain/payment.ts'
import { failPayment, isOpen } from './payments/fail-payment.ts'
import { reserveRefund } from './payments/reserve-refund.ts'
import { bookingRecord } from '../records/booking-record.ts'
import type { Cause } from '../records/cause.ts'

export interface Ending {
  readonly cause: Cause
  readonly reason: CancelReason
  /** Note for people, if somebody wrote one. */
  readonly note?: string | undefined
  /** Failure of an open payment. */
  readonly paymentFailure: PaymentFailure
  /** Refund of the payment that confirmed the booking, in minor units. */
  readonly refund?: ((booking: LockedBooking, payment: Payment) => Minor) | undefined
  /** Database clock, after the locks. */
  readonly now: Date
}

export interface Ended {
  /** Version of the resource. */
  readonly version: number
  readonly refundIds: readonly string[]
}

/** Cancels live (pending or confirmed) bookings of one resource. */
export async function endBookings(
  tx: Transaction,
  resourceId: string,
  ended: readonly LockedBooking[],
  ending: Ending,
): Promise<Ended> {
  const { cause, reason, note, now } = ending
  const ids = ended.map(({ id }) => id)
  const version = await releaseInventory(tx, resourceId, ids)
  const records: BookingRecord[] = []
  const refundIds: string[] = []
  const statuses: PaymentStatus[] = []
  const paymentsOf = Map.groupBy(await lockPayments(tx, ids), ({ bookingId }) => bookingId)
  for (const booking of ended) {
    const own = paymentsOf.get(booking.id) ?? []
    for (const payment of own) {
      if (!isOpen(payment)) continue
      records.push(await failPayment(tx, payment, ending.paymentFailure, now))
      payment.status = 'failed'
    }
    statuses.push(own.length === 0 ? booking.paymentStatus : bookingPaymentStatus(own, booking.paidBy))
    records.push(
      bookingRecord(
        booking.id,
        'booking.cancelled',
        { status: booking.status },
        { status: 'cancelled', previousStatus: booking.status, reason, ...(note !== undefined && { note }) },
      ),
    )
    for (const payment of inRefundOrder(own, booking.paidBy)) {
      const promised =
        payment.id === booking.paidBy
          ? { amount: ending.refund?.(booking, payment) ?? 0, reason: note ?? 'The booking was cancelled.' }
          : { amount: refundable(payment), reason: paidForNothing(payment) }
      if (promised.amount === 0) continue
      const refund = await reserveRefund(tx, payment, { ...promised, now })
      refundIds.push(refund.refundId)
      records.push(refund.record)
    }
  }
  await cancelBookings(tx, { ids, statuses, reason, now })
  await tx.orm
    .update(tickets)
    .set({ status: 'void' })
    .where(and(inArray(tickets.bookingId, ids), eq(tickets.status, 'issued')))
  await insertRecords(tx, now, cause, records)
  return { version, refundIds }
}

/** Says why money goes back that did not pay for the booking. */
function paidForNothing({ status }: Payment): AutomaticRefund {
  return status === 'failed' ? 'amount_mismatch' : 'booking_cancelled'
}
