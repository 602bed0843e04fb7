import { eq, sql } from '../../db/drizzle.ts'
import type { BookingRecord } from '../../records/queries/insert-records.ts'
import type { Payment } from '../queries/lock-payments.ts'
import { payments, refunds } from '../../db/schema/index.ts'
import type { Transaction } from '../../db/transaction.ts'
import type { Minor } from '../../domain/money/money.ts'
import { partRecord } from '../../records/booking-record.ts'
import { newId } from '../../runtime/new-id.ts'

/**
 * Promises a refund, to be sent after the commit. Until then its amount is reserved, so that several refunds together
 * never exceed what was captured (I5); a CHECK on the payment says so too. Needs the locks of the booking and of the payment.
 *
 * @returns the refund's id, and the record to write.
 */
export async function reserveRefund(
  tx: Transaction,
  payment: Payment,
  { amount, reason, now }: { readonly amount: Minor; readonly reason: string; readonly now: Date },
): Promise<{ readonly refundId: string; readonly record: BookingRecord }> {
  const refundId = newId()
  const currency = payment.capturedCurrency ?? payment.currency
  await tx.orm
    .update(payments)
    .set({ reserved: sql`${payments.reserved} + ${amount}`, updatedAt: now })
    .where(eq(payments.id, payment.id))
  await tx.orm.insert(refunds).values({
    id: refundId,
    paymentId: payment.id,
    bookingId: payment.bookingId,
    amount,
    currency,
    status: 'reserved',
    reason,
    sendAt: now,
    createdAt: now,
    updatedAt: now,
  })
  const facts = { refundId, paymentId: payment.id, amount, currency, reason }
  return { refundId, record: partRecord(payment.bookingId, refundId, 'refund.requested', null, facts) }
}
