/**
 * Reminding of holds of days, for which staff have set the end.
 *
 * Keeps: I7 (the outgoing event, which becomes the mail, goes with what says that it is written, so there is one), I10 (a
 * batch is bounded).
 * Locks: the bookings alone (SKIP LOCKED). What somebody is working on may be paid in this moment; the next run looks again.
 */
import { SYSTEM } from '../records/cause.ts'
import { bookingRecord } from '../records/booking-record.ts'
import { insertRecords } from '../records/queries/insert-records.ts'
import { readNow, transact } from '../use-case/transact.ts'
import type { LifecycleDependencies } from './lifecycle.ts'
import { claimReminders } from './queries/claim-reminders.ts'

const MAX_BATCH = 200

/** Announces holds that end soon and are not paid; returns how many. Stops between batches when asked to. */
export async function remindOfHolds(
  { database }: Pick<LifecycleDependencies, 'database'>,
  stopping?: AbortSignal,
): Promise<number> {
  let reminded = 0
  for (;;) {
    const batch = await transact(database, async (tx) => {
      const due = await claimReminders(tx, MAX_BATCH)
      const records = due.flatMap(({ bookingId, expiresAt }) =>
        expiresAt === null ? [] : [bookingRecord(bookingId, 'booking.hold_ending', null, { expiresAt })],
      )
      await insertRecords(tx, await readNow(tx), SYSTEM, records)
      return { claimed: due.length, reminded: records.length }
    })
    reminded += batch.reminded
    if (batch.claimed < MAX_BATCH || stopping?.aborted === true) return reminded
  }
}
