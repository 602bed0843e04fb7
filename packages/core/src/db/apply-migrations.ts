/**
 * Applying migrations beside a running system.
 *
 * Keeps: nobody waits behind a migration for longer than one lock timeout. A migration that waits for a table, behind a
 * dump perhaps, lets nobody else at it: so it gives up soon, lets the others through, and tries again.
 * Locks: an advisory lock, so that one process migrates at a time; then what the statements take, one transaction each
 * migration. All migrations in one transaction would keep the locks of the first until the last is through.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import type { Migration } from './migrations.ts'
import { sqlState } from './sql-errors.ts'

export interface MigrationPolicy {
  /** Longest wait of a statement for a table. Other statements wait behind it meanwhile. */
  readonly lockTimeoutMs: number
  /** Longest run of a statement within a transaction. Its locks are released at the end of the transaction. */
  readonly statementTimeoutMs: number
  /** Between two tries. */
  readonly pauseMs: number
  /** Time to give up after, counted from the first try. */
  readonly giveUpAfterMs: number
}

export const MIGRATION_POLICY: MigrationPolicy = {
  lockTimeoutMs: 2_500,
  statementTimeoutMs: 5 * 60_000,
  pauseMs: 2_000,
  giveUpAfterMs: 10 * 60_000,
}

/** Any constant will do, as long as every version of this program uses the same. */
const MIGRATION_LOCK = 7_263_140_811

const LOOK_FOR_LOCK_EVERY_MS = 200

/** A migration found no moment at which it could have its tables. What came before it is applied, and it is not. */
export class MigrationBlockedError extends Error {
  override readonly name = 'MigrationBlockedError'
}

/**
 * Waits until no other process migrates this database; the lock goes with the connection. Asks again and again: a
 * connection that waits within a statement would be waited for by CREATE INDEX CONCURRENTLY.
 */
export async function lockMigrations(client: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [
      MIGRATION_LOCK,
    ])
    if (rows[0]?.locked === true) return
    await delay(LOOK_FOR_LOCK_EVERY_MS)
  }
}

/**
 * Applies those migrations that the database lacks, in order, with drizzle's own bookkeeping. Needs `lockMigrations`.
 * Throws `MigrationBlockedError`, or what a statement throws; migrations before the one that failed stay applied.
 */
export async function applyMigrations(
  client: pg.Client,
  migrations: readonly Migration[],
  policy: MigrationPolicy = MIGRATION_POLICY,
): Promise<void> {
  await client.query('create schema if not exists drizzle')
  await client.query(
    'create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)',
  )
  const { rows } = await client.query<{ last: number | null }>(
    'select max(created_at)::float8 as last from drizzle.__drizzle_migrations',
  )
  const last = rows[0]?.last ?? Number.NEGATIVE_INFINITY
  for (const migration of migrations) {
    if (migration.when <= last) continue
    const apply = migration.inTransaction ? applyInTransaction : applyOutside
    await whenUnblocked(`The migration ${migration.tag}`, policy, () => apply(client, migration, policy))
  }
}

/** Runs `work` in a transaction that waits for locks no longer than the policy says, and again while it gets none. */
export async function inPatientTransaction(
  client: pg.Client,
  what: string,
  work: () => Promise<void>,
  policy: MigrationPolicy = MIGRATION_POLICY,
): Promise<void> {
  await whenUnblocked(what, policy, () => inTransaction(client, policy, work))
}

async function applyInTransaction(client: pg.Client, migration: Migration, policy: MigrationPolicy): Promise<void> {
  await inTransaction(client, policy, async () => {
    for (const statement of migration.statements) await client.query(statement)
    await note(client, migration)
  })
}

/**
 * Applies a migration outside a transaction and without limits: these statements block nobody, and wait for the last
 * transaction from before them. An interrupted one runs again, so such a file first undoes what it may have left.
 */
async function applyOutside(client: pg.Client, migration: Migration): Promise<void> {
  for (const statement of migration.statements) await client.query(statement)
  await note(client, migration)
}

async function note(client: pg.Client, { hash, when }: Migration): Promise<void> {
  await client.query('insert into drizzle.__drizzle_migrations (hash, created_at) values ($1, $2)', [hash, when])
}

async function inTransaction(client: pg.Client, policy: MigrationPolicy, work: () => Promise<void>): Promise<void> {
  await client.query('begin')
  try {
    await client.query(`set local lock_timeout = ${policy.lockTimeoutMs}`)
    await client.query(`set local statement_timeout = ${policy.statementTimeoutMs}`)
    await work()
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw error
  }
}

/** lock_not_available and deadlock_detected (PostgreSQL manual, appendix A): the tables are in use. */
const BLOCKED: ReadonlySet<string | undefined> = new Set(['55P03', '40P01'])

async function whenUnblocked(what: string, policy: MigrationPolicy, work: () => Promise<void>): Promise<void> {
  const giveUpAt = performance.now() + policy.giveUpAfterMs
  for (;;) {
    try {
      await work()
      return
    } catch (error) {
      if (!BLOCKED.has(sqlState(error))) throw error
      if (performance.now() + policy.pauseMs > giveUpAt) {
        const minutes = Math.round(policy.giveUpAfterMs / 60_000)
        const sentence = `${what} got no lock on its tables within ${minutes} minutes: a dump or another long transaction uses them. Run it again when that is over.`
        throw new MigrationBlockedError(sentence, { cause: error })
      }
      await delay(policy.pauseMs)
    }
  }
}
