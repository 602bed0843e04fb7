/**
 * Acting on reports of a refund: from the answer to sending it, from a webhook, or from asking the provider.
 *
 * Keeps: I5 (what was reserved becomes refunded, or is free again, once), I7.
 * Locks: [provider inbox →] booking → payments → refund.
 */
import { eq } from '../../db/drizzle.ts'
import { insertRecords } from '../../records/queries/insert-records.ts'
import { lockBooking } from '../queries/lock-bookings.ts'
import { lockPayments, lockRefund } from '../queries/lock-payments.ts'
import { bookings, payments, refunds } from '../../db/schema/index.ts'
import { assertTransition, PAYMENT_TRANSITIONS } from '../../domain/booking-status.ts'
import { bookingPaymentStatus, refundable, type RefundReport, statusAfterRefund } from '../../domain/payment.ts'
import { partRecord } from '../../records/booking-record.ts'
import type { Cause } from '../../records/cause.ts'
import type { LifecycleDependencies } from '../lifecycle.ts'
import { readNow, transact } from '../../use-case/transact.ts'
import type { Preamble, Settled } from './settle-payment.ts'

/** A provider that is at it is asked again after this long. */
const ASK_AGAIN_MS = 60_000

export interface ReportedRefund {
  readonly providerReference: string | null
  readonly report: RefundReport
}

export async function settleRefund(
  deps: LifecycleDependencies,
  refundId: string,
  { providerReference, report }: ReportedRefund,
  cause: Cause,
  preamble: Preamble = () => Promise.resolve('go_on'),
): Promise<Settled> {
  const [known] = await deps.database.orm
    .select({ bookingId: refunds.bookingId, paymentId: refunds.paymentId })
    .from(refunds)
    .where(eq(refunds.id, refundId))
  if (known === undefined) return { outcome: 'unknown', refundIds: [] }
  return transact(deps.database, async (tx): Promise<Settled> => {
    if ((await preamble(tx)) === 'done') return { outcome: 'done', refundIds: [] }
    const booking = await lockBooking(tx, known.bookingId)
    const own = await lockPayments(tx, [booking.id])
    const payment = own.find(({ id }) => id === known.paymentId)
    if (payment === undefined) throw new Error(`payment ${known.paymentId} is missing`)
    const refund = await lockRefund(tx, refundId)
    const settled: Settled = { outcome: 'settled', refundIds: [] }
    const now = await readNow(tx)
    const before = { status: refund.status }
    const sum = { refundId, paymentId: payment.id, amount: refund.amount, currency: refund.currency }
    const cameThrough = refund.status === 'failed' && report.status === 'completed'
    if (cameThrough && refundable(payment) < refund.amount) {
      deps.logger.error(
        { refund: refundId, booking: booking.id },
        'a failed refund came through after others were made',
      )
      return settled
    }
    if (!cameThrough && (refund.status === 'completed' || refund.status === 'failed')) {
      if (refund.status === 'failed' || report.status !== 'failed') return settled
      // It had arrived and was sent back, by a bank that closed the account, say: a person has to see to it.
      const { reason } = report
      deps.logger.error({ refund: refundId, booking: booking.id, reason }, 'a completed refund came back')
      await insertRecords(tx, now, cause, [
        partRecord(booking.id, refundId, 'refund.returned', null, { ...sum, reason }),
      ])
      return settled
    }
    const row = { providerReference: providerReference ?? refund.providerReference, updatedAt: now }
    if (report.status === 'pending') {
      const sendAt = new Date(now.getTime() + ASK_AGAIN_MS)
      await tx.orm
        .update(refunds)
        .set({ ...row, status: 'sent', sendAt })
        .where(eq(refunds.id, refundId))
      if (refund.status === 'sent') return settled
      await insertRecords(tx, now, cause, [partRecord(booking.id, refundId, 'refund.sent', before, sum)])
      return settled
    }
    const failure = report.status === 'failed' ? report.reason : null
    const done = failure === null
    await tx.orm
      .update(refunds)
      .set({ ...row, status: report.status, failure, sendAt: null })
      .where(eq(refunds.id, refundId))
    const refunded = payment.refunded + (done ? refund.amount : 0)
    // A payment of the wrong amount stays failed, also once it has gone back.
    const status = payment.status === 'failed' ? 'failed' : statusAfterRefund(payment.captured, refunded)
    assertTransition(PAYMENT_TRANSITIONS, payment.status, status)
    await tx.orm
      .update(payments)
      .set({ reserved: payment.reserved - (cameThrough ? 0 : refund.amount), refunded, status, updatedAt: now })
      .where(eq(payments.id, payment.id))
    const after = own.map((each) => ({ id: each.id, status: each.id === payment.id ? status : each.status }))
    const paymentStatus = bookingPaymentStatus(after, booking.paidBy)
    await tx.orm.update(bookings).set({ paymentStatus }).where(eq(bookings.id, booking.id))
    await insertRecords(tx, now, cause, [
      done
        ? partRecord(booking.id, refundId, 'refund.completed', before, { ...sum, paymentStatus })
        : partRecord(booking.id, refundId, 'refund.failed', before, { ...sum, paymentStatus, failure }),
    ])
    if (!done) deps.logger.error({ refund: refundId, booking: booking.id, failure }, 'a refund failed')
    return settled
  })
}
