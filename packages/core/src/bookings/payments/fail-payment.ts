import { eq, sql } from '../../db/drizzle.ts'
import type { BookingRecord } from '../../records/queries/insert-records.ts'
import type { Payment } from '../queries/lock-payments.ts'
import { payments } from '../../db/schema/index.ts'
import type { Transaction } from '../../db/transaction.ts'
import { assertTransition, PAYMENT_TRANSITIONS } from '../../domain/booking-status.ts'
import type { PaymentFailure } from '../../domain/payment.ts'
import { partRecord } from '../../records/booking-record.ts'

/** Returns whether the buyer may still pay it. */
export function isOpen({ status }: Pick<Payment, 'status'>): boolean {
  return status === 'pending' || status === 'processing'
}

/**
 * Gives up waiting for an open payment. The provider is told to close its page after the commit, by the reconciliation
 * that `reconcileAt` makes due. Needs the locks of the booking and of the payment.
 */
export async function failPayment(
  tx: Transaction,
  payment: Payment,
  failure: PaymentFailure,
  now: Date,
): Promise<BookingRecord> {
  assertTransition(PAYMENT_TRANSITIONS, payment.status, 'failed')
  await tx.orm
    .update(payments)
    .set({ status: 'failed', failure, reconcileAt: sql`clock_timestamp()`, reconcileAttempts: 0, updatedAt: now })
    .where(eq(payments.id, payment.id))
  return partRecord(
    payment.bookingId,
    payment.id,
    'payment.failed',
    { status: payment.status },
    { paymentId: payment.id, status: 'failed', failure },
  )
}
