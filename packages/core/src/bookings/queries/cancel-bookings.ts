import type { PaymentStatus } from '../../domain/booking-status.ts'
import type { CancelReason } from '../../domain/cancellation.ts'
import { run, type Transaction } from '../../db/transaction.ts'

const CANCEL = {
  name: 'cancel-bookings',
  text: `
    update bookings b
    set status = 'cancelled', cancelled_at = $3, cancel_reason = $4, expires_at = null, remind_at = null,
      payment_status = n.payment_status
    from unnest($1::uuid[], $2::text[]) as n(id, payment_status)
    where b.id = any (array[n.id])`,
}

/** Marks bookings as cancelled, in one statement: their resource is locked meanwhile. Needs the bookings' locks. */
export async function cancelBookings(
  tx: Transaction,
  cancelled: {
    readonly ids: readonly string[]
    /** Payment status of each booking. */
    readonly statuses: readonly PaymentStatus[]
    readonly reason: CancelReason
    readonly now: Date
  },
): Promise<void> {
  await run(tx.client, CANCEL, [cancelled.ids, cancelled.statuses, cancelled.now, cancelled.reason])
}
