import type pg from 'pg'
import { run } from '../transaction.ts'

/*
 * The mail before it was right when it was made: some time after it was created and before it was sent. What is older
 * than tries go on was told, or never could be.
 */
const FIND = {
  name: 'find-moves',
  text: `
    select a.before ->> 'startsAt' as "startsAt", a.before ->> 'venue' as venue, a.before ->> 'timeZone' as "timeZone",
      a.at > coalesce(l.sent_at, b.confirmed_at) as "isNews"
    from mails m
    join bookings b on b.id = m.booking_id
    left join lateral (
      select o.created_at, o.sent_at from mails o
      where o.booking_id = b.id and o.id <> m.id and o.status = 'sent' and o.kind in ('confirmation', 'move')
      order by o.sent_at desc limit 1
    ) l on true
    join audit a on a.entity_id = b.resource_id and a.before ?| array['startsAt', 'venue', 'timeZone']
    where m.id = $1 and a.at > greatest(b.confirmed_at, l.created_at, m.created_at - interval '2 days')
    order by a.at, a.id`,
}

/** What a change of time or place replaced; `null` for what it left alone. */
export interface Move {
  /** RFC 3339. */
  readonly startsAt: string | null
  readonly venue: string | null
  readonly timeZone: string | null
  /** It came after the mail before was sent. If not, that one may have told of it. */
  readonly isNews: boolean
}

/** The changes of time and place that a mail has to tell of, the first one first. */
export function findMoves(pool: pg.Pool, mailId: string): Promise<Move[]> {
  return run<Move & Record<string, unknown>>(pool, FIND, [mailId])
}
