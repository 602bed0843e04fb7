import { eq, inArray } from '../../db/drizzle.ts'
import { payments, refunds } from '../../db/schema/index.ts'
import type { Transaction } from '../../db/transaction.ts'

export type Payment = typeof payments.$inferSelect
export type Refund = typeof refunds.$inferSelect

/** Locks all payments of these bookings, oldest first. Needs the bookings' locks. */
export async function lockPayments(tx: Transaction, bookingIds: readonly string[]): Promise<Payment[]> {
  if (bookingIds.length === 0) return []
  return tx.orm
    .select()
    .from(payments)
    .where(inArray(payments.bookingId, [...bookingIds]))
    .orderBy(payments.id)
    .for('no key update')
}

/** Locks a refund. Needs its payment's lock. */
export async function lockRefund(tx: Transaction, id: string): Promise<Refund> {
  const [refund] = await tx.orm.select().from(refunds).where(eq(refunds.id, id)).for('no key update')
  if (refund === undefined) throw new Error(`there is no refund ${id}`)
  return refund
}
