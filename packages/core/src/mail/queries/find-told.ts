import type pg from 'pg'
import { run } from '../../db/transaction.ts'

/*
 * A mail that was made after another one had been sent takes its place. Several may stand where they were under way at the
 * same time: which of them the buyer reads last is not known.
 */
const FIND = {
  name: 'find-told',
  text: `
    select o.told ->> 'startsAt' as "startsAt", o.told ->> 'venue' as venue, o.told ->> 'timeZone' as "timeZone",
      o.status = 'sent' as sent
    from mails m join mails o on o.booking_id = m.booking_id and o.id <> m.id and o.told is not null
    where m.id = $1 and (o.status = 'pending' or o.status = 'sent' and not exists (select from mails p
      where p.booking_id = o.booking_id and p.id <> m.id and p.status = 'sent' and p.told is not null
        and p.created_at > o.sent_at))
    order by o.sent_at desc nulls last`,
}

/** Time and place that a booking's other mails state. */
export interface Told {
  /** RFC 3339. */
  readonly startsAt: string
  readonly venue: string
  /** IANA name. */
  readonly timeZone: string
  /** True if it was sent. If not, it may have been, by a process that has not recorded it. */
  readonly sent: boolean
}

/** Returns what the buyer may have read in the mails before this one, the likeliest first. */
export function findTold(pool: pg.Pool, mailId: string): Promise<Told[]> {
  return run<Told & Record<string, unknown>>(pool, FIND, [mailId])
}
