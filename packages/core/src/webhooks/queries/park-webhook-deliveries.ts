import type pg from 'pg'
import { run } from '../../db/transaction.ts'
import type { BlockedDelivery } from './claim-webhook-deliveries.ts'

/*
 * The lock on the one that is waited for makes sure that it is pending while the others are put off: whoever settles it
 * finds them put off, and calls the next one. One that is being settled at this moment is passed over, and so is one to
 * put off that somebody else has: whoever holds one delivery and waits for another one may not be this.
 */
const PARK = {
  name: 'park-webhook-deliveries',
  text: `
    with blocker as materialized (
      select id, next_attempt_at from webhook_deliveries where id = any($1::uuid[]) and status = 'pending'
      order by id for no key update skip locked
    ), waiting as materialized (
      select d.id, b.next_attempt_at as due
      from json_to_recordset($2::json) as w(id uuid, blocker uuid) join blocker b on b.id = w.blocker
      cross join lateral (
        select id from webhook_deliveries
        where id = w.id and status = 'pending' and attempts = 0 for no key update skip locked) d
    )
    update webhook_deliveries d
    set next_attempt_at = greatest(w.due, clock_timestamp()) + interval '1 millisecond'
    from waiting w where d.id = any (array[w.id])`,
}

/**
 * Puts deliveries off that wait for another one, to when that is due: however many there are, those that can be sent are
 * found without reading over them.
 */
export async function parkDeliveries(pool: pg.Pool, blocked: readonly BlockedDelivery[]): Promise<void> {
  const blockers = [...new Set(blocked.map(({ blocker }) => blocker))]
  if (blockers.length > 0) await run(pool, PARK, [blockers, JSON.stringify(blocked)])
}
