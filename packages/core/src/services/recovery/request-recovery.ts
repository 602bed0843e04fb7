/**
 * Mailing a buyer the link to a booking.
 *
 * Keeps: who asks learns nothing: it is for the caller to answer before this begins. At most one link in five minutes
 * and five in a day, however many ask at once.
 * Locks: the booking.
 */
import type { Database } from '../../db/connect.ts'
import { insertRecoveryMail, lockBookingToRecover } from '../../db/queries/insert-recovery-mail.ts'
import { inTransaction } from '../../db/transaction.ts'
import { newId } from '../new-id.ts'

const PACE = { notWithinMs: 300_000, perDay: 5 }

export interface RecoveryRequest {
  /** In upper case. */
  readonly reference: string
  /** Blanks around it and its case do not count. */
  readonly email: string
}

export async function requestRecovery(database: Database, { reference, email }: RecoveryRequest): Promise<void> {
  await inTransaction(database, async (tx) => {
    const bookingId = await lockBookingToRecover(tx, reference, email)
    if (bookingId !== null) await insertRecoveryMail(tx, newId(), bookingId, PACE)
  })
}
