import type pg from 'pg'
import { run } from '../../db/transaction.ts'

/** One that is under way, or was when its process died, may have been sent. */
const FIND = {
  name: 'was-told-before',
  text: `
    select exists (select from mails where booking_id = $1 and id <> $2
      and (status = 'sent' or status = 'pending' and attempts > 0)) as told`,
}

/** Returns whether another mail may have told the buyer of the booking. */
export async function wasToldBefore(pool: pg.Pool, bookingId: string, mailId: string): Promise<boolean> {
  const [row] = await run<{ told: boolean }>(pool, FIND, [bookingId, mailId])
  return row?.told === true
}
