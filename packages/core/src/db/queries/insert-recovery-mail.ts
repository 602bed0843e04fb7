import { run, type Transaction } from '../transaction.ts'

const LOCK = {
  name: 'lock-booking-to-recover',
  text: `
    select id from bookings
    where reference = $1 and lower(btrim(customer_email)) = lower(btrim($2)) and customer_email like '%_@_%'
    for no key update`,
}

const INSERT = {
  name: 'insert-recovery-mail',
  text: `
    insert into mails (id, booking_id, kind, next_attempt_at, created_at)
    select $1::uuid, $2::uuid, 'recovery', clock_timestamp(), clock_timestamp()
    where (select count(*) filter (where created_at > clock_timestamp() - $3::float8 * interval '1 millisecond') = 0
        and count(*) < $4
      from mails
      where booking_id = $2 and kind = 'recovery' and created_at > clock_timestamp() - interval '1 day')`,
}

/** How often a booking's link is mailed at most. */
export interface RecoveryPace {
  readonly notWithinMs: number
  readonly perDay: number
}

/** Locks the booking that has this reference and this buyer's address; `null` where there is none. */
export async function lockBookingToRecover(tx: Transaction, reference: string, email: string): Promise<string | null> {
  const [row] = await run<{ id: string }>(tx.client, LOCK, [reference, email])
  return row?.id ?? null
}

/** Adds a mail with a link, unless there were enough of late. Needs the booking's lock, under which they are counted. */
export async function insertRecoveryMail(
  tx: Transaction,
  mailId: string,
  bookingId: string,
  { notWithinMs, perDay }: RecoveryPace,
): Promise<void> {
  await run(tx.client, INSERT, [mailId, bookingId, notWithinMs, perDay])
}
