import type pg from 'pg'
import { run } from '../../db/transaction.ts'
import { JOIN_OCCASION, OCCASION_PLACE } from '../../bookings/queries/booking-view.ts'

const TELL = {
  name: 'tell-mail',
  text: `
    update mails set told =
      (select jsonb_build_object(${OCCASION_PLACE}) from bookings b ${JOIN_OCCASION} where b.id = mails.booking_id)
    where id = $1`,
}

/**
 * Writes down when and where a mail's booking is, for the mails that come after. To be done before the booking is read for
 * it: then a move that the mail misses is committed after this, and finds written what the buyer is about to be told.
 */
export async function tellMail(pool: pg.Pool, mailId: string): Promise<void> {
  await run(pool, TELL, [mailId])
}
