import type { Transaction } from '@boxoffice/core/db/transaction.ts'
import type { TestDatabase } from './database.ts'
import { eventually } from './eventually.ts'

export interface HeldLock {
  /** Server process of the connection that holds the lock. */
  readonly pid: number
  /** The open transaction, for further statements in it. */
  readonly client: Transaction['client']
  /** Ends the transaction, by default undoing it, and the connection. May be called more than once. */
  release(how?: 'commit' | 'rollback'): Promise<void>
}

/**
 * Runs `text` in a transaction of a connection of its own and leaves it open, so that a test decides when the locked
 * rows become free: `holdLock(db, 'select from resource_state where resource_id = $1 for no key update', [id])`.
 */
export async function holdLock(db: TestDatabase, text: string, values: unknown[] = []): Promise<HeldLock> {
  const connection = db.open({ name: 'test-lock', max: 1 })
  const client = await connection.pool.connect()
  await client.query('begin')
  await client.query(text, values)
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  let ended: Promise<void> | undefined
  const end = async (how: 'commit' | 'rollback') => {
    await client.query(how)
    client.release()
    await connection.close()
  }
  return { pid: rows[0]?.pid ?? 0, client, release: (how = 'rollback') => (ended ??= end(how)) }
}

/**
 * Waits until at least `count` connections of the test's database wait for a lock that `by` holds (any, if absent),
 * and returns their server process ids. Those that wait behind another waiter count too.
 */
export async function waitForBlocked(
  { database }: TestDatabase,
  { by, count = 1, withinMs = 5_000 }: { by?: Pick<HeldLock, 'pid'>; count?: number; withinMs?: number } = {},
): Promise<number[]> {
  return eventually(
    async () => {
      const { rows } = await database.pool.query<{ pid: number; query: string }>(
        `with recursive waiting as (
           select pid, query, pg_blocking_pids(pid) as blockers
           from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
         ), behind as (
           select pid, query from waiting where $1::int is null or $1 = any(blockers)
           union
           select waiting.pid, waiting.query from waiting join behind on behind.pid = any(waiting.blockers)
         )
         select pid, query from behind`,
        [by?.pid ?? null],
      )
      if (rows.length < count) throw new Error(`${rows.length} of ${count} connections wait for the lock`)
      return rows.map((row) => row.pid)
    },
    { withinMs, everyMs: 10 },
  )
}
