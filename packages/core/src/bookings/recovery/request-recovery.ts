/**
 * Mailing a buyer the link to a booking.
 *
 * Keeps: who asks learns nothing: it is for the caller to answer before this begins. At most one link in five minutes
 * and five in a day for a booking, and so many in a day for all bookings of an address, however many ask at once. Links to
 * bookings that were not paid, which anybody can make in a stranger's name, take no room from those to paid ones. More are
 * not sent, and nobody is told.
 * Locks: the booking, then the address (an advisory lock), last.
 */
import type { Database } from '../../db/connect.ts'
import { insertRecoveryMail, lockBookingToRecover } from '../queries/insert-recovery-mail.ts'
import { inTransaction } from '../../db/transaction.ts'
import { newId } from '../../runtime/new-id.ts'

const BOOKING_PACE = { notWithinMs: 300_000, perDay: 5 }

export interface RecoveryRequest {
  /** Reference in upper case. */
  readonly reference: string
  /** Blanks around it and its case do not count. */
  readonly email: string
}

/** Requests a link. `perRecipientADay` is how many links one address gets in 24 hours; `null` is no limit. */
export async function requestRecovery(
  database: Database,
  { reference, email }: RecoveryRequest,
  perRecipientADay: number | null,
): Promise<void> {
  await inTransaction(database, async (tx) => {
    const booking = await lockBookingToRecover(tx, reference, email)
    if (booking !== null) await insertRecoveryMail(tx, newId(), booking, { ...BOOKING_PACE, perRecipientADay })
  })
}
