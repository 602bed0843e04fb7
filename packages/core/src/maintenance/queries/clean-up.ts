import type pg from 'pg'
import { run, type Statement } from '../../db/transaction.ts'

/** The result of a batch. */
export interface Cleaned {
  readonly deleted: number
  /** It found as many rows as it may look at, so that there may be more. */
  readonly isFull: boolean
}

/** A table that is cleaned by itself. */
export interface CleanUp {
  readonly table: string
  /** Deletes some of what has served its time, looking at no more than `maxRows`. */
  readonly batch: (pool: pg.Pool, maxRows: number) => Promise<Cleaned>
}

interface Old {
  /** Rows that have served their time: read from an index, whose order `by` is, from its beginning. */
  readonly where: string
  readonly by: string
}

/** Rows older than `days` by a time that has an index, of those rows that are `settled`. */
const byTime = (time: string, days: number, settled = 'true'): Old => ({
  where: `${settled} and ${time} < now() - make_interval(days => ${days})`,
  by: time,
})

/**
 * Rows older than `days` by their UUIDv7, whose first 48 bits are milliseconds: the primary key does for an index. `time`
 * says so too, for an id is made by the clock of a process.
 */
const byId = (time: string, days: number): Old => ({
  where: `id < (lpad(to_hex((extract(epoch from now() - make_interval(days => ${days})) * 1000)::bigint), 12, '0')
      || repeat('0', 20))::uuid and ${time} < now() - make_interval(days => ${days})`,
  by: 'id',
})

function cleanUp(table: string, { where, by }: Old): CleanUp {
  const statement: Statement = {
    name: `clean-${table}`,
    // Rows that somebody has locked are passed over: nobody waits for a clean-up, and it waits for nobody.
    text: `
      delete from ${table} where ctid = any(array(
        select ctid from ${table} where ${where} order by ${by} limit $1 for update skip locked))
      returning 1 as deleted`,
  }
  return {
    table,
    batch: async (pool, maxRows) => {
      const deleted = (await run(pool, statement, [maxRows])).length
      return { deleted, isFull: deleted === maxRows }
    },
  }
}

/**
 * Idempotency keys are kept for a day; what providers sent, which may name the buyer, for 30; the sandbox's webhooks for a
 * week; mails that were sent or given up, and what was posted with how it went, for 30 days.
 */
export const CLEAN_UPS: readonly CleanUp[] = [
  cleanUp('idempotency_keys', byTime('created_at', 1)),
  cleanUp('provider_inbox', byTime('received_at', 30)),
  // Those that were given up are due at infinity.
  cleanUp(
    'sandbox_deliveries',
    byId(`coalesce(delivered_at, case when due_at = 'infinity' then '-infinity'::timestamptz end)`, 7),
  ),
  // Those that were sent or given up are due no more.
  cleanUp('mails', byTime('created_at', 30, 'next_attempt_at is null')),
  cleanUp('webhook_attempts', byId('at', 30)),
  // Pending ones are days old at the most, also of endpoints that were deleted.
  cleanUp('webhook_deliveries', byId('created_at', 30)),
  // After a day of being due, the work is done or is found without its setback. Not so a move: nothing else says that the
  // buyer is to be notified of it. Parked work stays, but a mail only for as long as there is one to retry.
  cleanUp('setbacks', {
    where: `(kind <> 'move' and retry_at < now() - make_interval(days => 1)
      or kind = 'mail' and first_failed_at < now() - make_interval(days => 30))`,
    by: 'id',
  }),
]
