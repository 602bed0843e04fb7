import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import type pg from 'pg'
import type { Database } from './connect.ts'
import { drizzle } from './drizzle.ts'
import { isUnanswered } from './sql-errors.ts'

/** One open READ COMMITTED transaction: Drizzle for most statements, prepared ones for the hot path. */
export interface Transaction {
  readonly orm: NodePgDatabase
  readonly client: pg.PoolClient
}

/** A hot statement: planned once per connection under its name. */
export interface Statement {
  readonly name: string
  readonly text: string
}

/** Runs a prepared statement and returns its rows. `Row` is what the statement's text selects. */
export async function run<Row extends pg.QueryResultRow>(
  executor: pg.PoolClient | pg.Pool,
  statement: Statement,
  values: unknown[],
): Promise<Row[]> {
  const result = await executor.query<Row>({ ...statement, values })
  return result.rows
}

/**
 * Runs `work` in a transaction and commits. On any error the transaction is rolled back and the error thrown on.
 * Owns its client, for Drizzle's own `transaction` leaks the client of a failed BEGIN (drizzle-orm #6023); a client
 * whose ROLLBACK fails is destroyed instead of returned to the pool.
 */
export async function inTransaction<T>(database: Database, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const client = await database.pool.connect()
  let broken: Error | undefined
  // A connection that the server ends between two statements reports it as an event; unheard it would end the process.
  const onError = (error: Error) => {
    broken = error
  }
  client.on('error', onError)
  try {
    await client.query('begin')
    const result = await work({ orm: drizzle(client), client })
    await client.query('commit')
    return result
  } catch (error) {
    try {
      if (isUnanswered(error)) broken = error
      else await client.query('rollback')
    } catch (rollbackError) {
      broken = rollbackError instanceof Error ? rollbackError : new Error(String(rollbackError))
    }
    throw error
  } finally {
    client.off('error', onError)
    client.release(broken)
  }
}

/** Runs `work` inside a savepoint of `tx`; on an error only its own writes are undone, and the error is thrown on. */
export async function inSavepoint<T>(tx: Transaction, work: () => Promise<T>): Promise<T> {
  await tx.client.query('savepoint attempt')
  try {
    const result = await work()
    await tx.client.query('release savepoint attempt')
    return result
  } catch (error) {
    if (!isUnanswered(error)) await tx.client.query('rollback to savepoint attempt')
    throw error
  }
}
