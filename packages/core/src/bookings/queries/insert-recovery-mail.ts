import { run, type Transaction } from '../../db/transaction.ts'
import { MAIL_RECIPIENT } from '../../outbox/queries/mail-recipient.ts'

const LOCK = {
  name: 'lock-booking-to-recover',
  text: `
    select b.id, ${MAIL_RECIPIENT} as recipient from bookings b
    where reference = $1 and lower(btrim(customer_email)) = lower(btrim($2)) and customer_email like '%_@_%'
    for no key update`,
}

/** Returns SQL for whether a booking has been paid for, which nobody does to use up a stranger's links. */
const isPaid = (booking: string) => `(${booking}.total > 0 and ${booking}.confirmed_at is not null)`

/**
 * Lock with two numbers, as in `lock-webhook-owner.ts`. Two addresses with one number wait for each other, and that is
 * all.
 */
const LOCK_RECIPIENT = {
  name: 'lock-mail-recipient',
  text: `select pg_advisory_xact_lock(7295, hashtext(encode($1::bytea, 'hex')))`,
}

const INSERT = {
  name: 'insert-recovery-mail',
  text: `
    insert into mails (id, booking_id, kind, line_id, recipient, next_attempt_at, created_at)
    select $1::uuid, b.id, 'recovery', b.resource_id, ${MAIL_RECIPIENT}, clock_timestamp(), clock_timestamp()
    from bookings b
    where b.id = $2
      and (select count(*) filter (where created_at > clock_timestamp() - $3::float8 * interval '1 millisecond') = 0
          and count(*) < $4
        from mails
        where booking_id = $2 and kind = 'recovery' and created_at > clock_timestamp() - interval '1 day')
      and ($5::int is null or $5::int > (select count(*) from mails m join bookings other on other.id = m.booking_id
        where m.recipient = $6 and m.kind = 'recovery' and m.created_at > now() - interval '1 day'
          and (not ${isPaid('b')} or ${isPaid('other')})))`,
}

/** Limits on how often links are mailed. */
export interface RecoveryPace {
  /** Minimum time between two links to one booking. */
  readonly notWithinMs: number
  /** Links to one booking. */
  readonly perDay: number
  /** Links to all bookings of one address; for a paid booking only links to paid ones count. `null` is no limit. */
  readonly perRecipientADay: number | null
}

export interface BookingToRecover {
  readonly id: string
  /** Digest of the buyer's address. */
  readonly recipient: Buffer
}

/** Locks the booking that has this reference and this buyer's address; `null` where there is none. */
export async function lockBookingToRecover(
  tx: Transaction,
  reference: string,
  email: string,
): Promise<BookingToRecover | null> {
  const [row] = await run<BookingToRecover & Record<string, unknown>>(tx.client, LOCK, [reference, email])
  return row ?? null
}

/**
 * Adds a mail with a link, unless there were enough of late. Needs the booking's lock, and takes that of the address: links
 * are counted under both.
 */
export async function insertRecoveryMail(
  tx: Transaction,
  mailId: string,
  { id, recipient }: BookingToRecover,
  { notWithinMs, perDay, perRecipientADay }: RecoveryPace,
): Promise<void> {
  await run(tx.client, LOCK_RECIPIENT, [recipient])
  await run(tx.client, INSERT, [mailId, id, notWithinMs, perDay, perRecipientADay, recipient])
}
