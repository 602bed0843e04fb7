import type pg from 'pg'
import { run } from '../../db/transaction.ts'

const FIND = {
  name: 'find-mail-facts',
  text: `
    select (select code from promo_codes where id = b.promo_code_id) as "promoCode",
      (select c.reason from resource_cancellations c
        where c.resource_id = b.resource_id and c.started_at <= b.cancelled_at) as "calledOff",
      (select payload from outbox where entity_id = b.id and id = $2) as told
    from bookings b where b.id = $1`,
}

/** Facts about a booking that mail needs besides the booking. */
export interface MailFacts {
  readonly promoCode: string | null
  /** Reason of the organizer, if the showtime or event was cancelled, and the booking after it. */
  readonly calledOff: string | null
  /** Payload of the outgoing event that the mail is about; `null` if there is none, or none any more. */
  readonly told: Readonly<Record<string, unknown>> | null
}

export async function findMailFacts(pool: pg.Pool, bookingId: string, eventId: string | null): Promise<MailFacts> {
  const [facts] = await run<MailFacts & Record<string, unknown>>(pool, FIND, [bookingId, eventId])
  return facts ?? { promoCode: null, calledOff: null, told: null }
}
