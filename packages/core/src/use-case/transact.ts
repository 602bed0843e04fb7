import type { Database } from '../db/connect.ts'
import { readClock } from '../db/read-clock.ts'
import { sqlState } from '../db/sql-errors.ts'
import { inTransaction, type Transaction } from '../db/transaction.ts'
import { withRetries } from '../runtime/retry.ts'

/**
 * Runs a change in a transaction, and runs it again if it loses a lock to another one (deadlock, lock timeout): nothing
 * of it was committed then. A lost connection is not retried, because the commit may have happened.
 */
export function transact<T>(database: Database, change: (tx: Transaction) => Promise<T>): Promise<T> {
  const isRetried = (error: unknown) => LOST_LOCKS.has(sqlState(error) ?? '')
  return withRetries({ attempts: 3, baseMs: 20, capMs: 200, isRetried }, () => inTransaction(database, change))
}

/** deadlock_detected, lock_not_available, serialization_failure (PostgreSQL manual, appendix A). */
const LOST_LOCKS: ReadonlySet<string> = new Set(['40P01', '55P03', '40001'])

/** Returns the database's clock in whole milliseconds, rounded up: a change must not seem older than its cause. */
export async function readNow(tx: Transaction): Promise<Date> {
  return new Date(Math.ceil(await readClock(tx)))
}
