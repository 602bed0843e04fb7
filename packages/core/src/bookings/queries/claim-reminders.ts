import { run, type Transaction } from '../../db/transaction.ts'

/** A booking whose reminder is due. */
export interface DueReminder {
  readonly bookingId: string
  /** End of the hold; `null` where there is nothing to remind of: paid, over, or the money is on its way. */
  readonly expiresAt: Date | null
}

/** `now()` and not the wall clock: an index cannot be searched for a time that changes meanwhile. */
const CLAIM = {
  name: 'claim-reminders',
  text: `
    with due as (
      select id from bookings where remind_at <= now() order by remind_at limit $1 for no key update skip locked
    )
    update bookings b set remind_at = null from due
    where b.id = any (array[due.id])
    returning b.id as "bookingId",
      case when b.status = 'pending' and b.payment_status <> 'processing' and b.expires_at > clock_timestamp()
        then b.expires_at end as "expiresAt"`,
}

/** Takes reminders that are due, the oldest first, and locks their bookings. Those that somebody works on are passed over. */
export async function claimReminders(tx: Transaction, limit: number): Promise<DueReminder[]> {
  return run<DueReminder & Record<string, unknown>>(tx.client, CLAIM, [limit])
}
