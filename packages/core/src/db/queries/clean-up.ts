import type pg from 'pg'
import { run, type Statement } from '../transaction.ts'

/** Rows of one statement: each is short, however much there is to delete. */
const MAX_ROWS = 5_000

const clean = (table: string, time: string, days: number): Statement => ({
  name: `clean-${table}`,
  text: `delete from ${table} where ctid in (
      select ctid from ${table} where ${time} < now() - make_interval(days => ${days}) limit ${MAX_ROWS})
    returning 1 as deleted`,
})

/**
 * Idempotency keys for a day; what providers sent, which may name the buyer, for 30; the sandbox's webhooks for a week;
 * what was mailed, and what was posted with how it went, for 30 days.
 */
const STATEMENTS = [
  clean('idempotency_keys', 'created_at', 1),
  clean('provider_inbox', 'received_at', 30),
  clean('sandbox_deliveries', 'delivered_at', 7),
  clean('mails', 'sent_at', 30),
  clean('webhook_attempts', 'at', 30),
  // Pending ones are days old at the most.
  clean('webhook_deliveries', 'created_at', 30),
  // Due for a day: what failed then is done, or gone. What is parked stays.
  clean('setbacks', 'retry_at', 1),
]

/** Deletes what has served its time. Returns how many rows. */
export async function cleanUp(pool: pg.Pool): Promise<number> {
  let deleted = 0
  for (const statement of STATEMENTS) {
    for (;;) {
      const rows = await run(pool, statement, [])
      deleted += rows.length
      if (rows.length < MAX_ROWS) break
    }
  }
  return deleted
}
