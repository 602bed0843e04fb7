import type pg from 'pg'
import { run } from '../../db/transaction.ts'

const FAIL = {
  name: 'fail-webhook-deliveries',
  text: `
    update webhook_deliveries set status = 'failed', next_attempt_at = null,
      last_error = coalesce(last_error, 'The endpoint was disabled.')
    where id = any(array(
      select d.id from webhook_endpoints e cross join lateral (
        select id from webhook_deliveries
        where endpoint_id = e.id and next_attempt_at is not null limit $1 for no key update skip locked) d
      where e.status = 'disabled' or e.deleted_at is not null limit $1))
    returning 1 as failed`,
}

/** Gives up what waits for endpoints that are disabled or deleted, at most `limit`. Returns how many. */
export async function failLeftOverDeliveries(pool: pg.Pool, limit: number): Promise<number> {
  return (await run(pool, FAIL, [limit])).length
}
