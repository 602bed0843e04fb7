import type pg from 'pg'
import { run } from '../../db/transaction.ts'

/*
 * Since the buyer booked. Mails that were sent by versions that did not write down what they told are taken to have told
 * of all before. What is older than tries go on was told, or never could be.
 */
const FIND = {
  name: 'find-moves',
  text: `
    select a.before ->> 'startsAt' as "startsAt", a.before ->> 'venue' as venue, a.before ->> 'timeZone' as "timeZone"
    from mails m
    join bookings b on b.id = m.booking_id
    join audit a on a.entity_id = b.resource_id and a.before ?| array['startsAt', 'venue', 'timeZone']
    where m.id = $1 and a.at > greatest(b.confirmed_at, m.created_at - interval '2 days',
      (select max(o.sent_at) from mails o
        where o.booking_id = b.id and o.id <> m.id and o.kind in ('confirmation', 'move')))
    order by a.at, a.id`,
}

/** Values that a change of time or place replaced; `null` for those it left alone. */
export interface Move {
  /** RFC 3339. */
  readonly startsAt: string | null
  readonly venue: string | null
  readonly timeZone: string | null
}

/**
 * Returns the changes of time and place of a mail's booking that no mail was sent about, first one first. A change that
 * was about to be committed when the booking was confirmed is not among them; see `findTold`.
 */
export function findMoves(pool: pg.Pool, mailId: string): Promise<Move[]> {
  return run<Move & Record<string, unknown>>(pool, FIND, [mailId])
}
