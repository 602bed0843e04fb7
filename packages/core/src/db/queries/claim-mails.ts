import type pg from 'pg'
import { run } from '../transaction.ts'

const CLAIM = {
  name: 'claim-mails',
  text: `
    with due as materialized (
      select id as due_id from mails
       where next_attempt_at <= clock_timestamp()
       order by next_attempt_at limit $1
         for no key update skip locked
    )
    update mails
       set attempts = attempts + 1, next_attempt_at = clock_timestamp() + $2::float8 * interval '1 millisecond'
      from due where id = due_id
    returning id, booking_id as "bookingId", kind, event_id as "eventId", amount, attempts, created_at as "createdAt"`,
}

/** A mail to be sent by whoever claimed it. */
export interface ClaimedMail {
  readonly id: string
  readonly bookingId: string
  readonly kind: 'confirmation' | 'cancellation' | 'refund' | 'move' | 'recovery'
  /** The outgoing event of the booking that it tells of; `null` where it tells of none. */
  readonly eventId: string | null
  /** Of a refund, in minor units. */
  readonly amount: number | null
  /** The one that begins now included. */
  readonly attempts: number
  readonly createdAt: Date
}

/**
 * Takes due mails for `leaseMs`, in one autocommit statement: nobody else sends them meanwhile, and somebody does
 * afterwards, should this process never say how it went.
 */
export function claimMails(pool: pg.Pool, limit: number, leaseMs: number): Promise<ClaimedMail[]> {
  return run<ClaimedMail & Record<string, unknown>>(pool, CLAIM, [limit, leaseMs])
}
