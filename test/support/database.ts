import { randomBytes } from 'node:crypto'
import { expect, inject } from 'vitest'
import { type Database, openDatabase, type PoolOptions } from '@boxoffice/core/db/connect.ts'
import { eventually } from './eventually.ts'
import { testLogger } from './logger.ts'
import { shared } from './shared.ts'

export interface TestDatabase {
  readonly url: string
  /** The connections for the test's own statements; closed by `drop`. */
  readonly database: Database
  /** Opens another pool, as a process of its own would have. The test closes it, or `drop` fails. */
  open(options?: Partial<PoolOptions>): Database
  /** Drops the database. Throws and names the connections if others than those of `database` are still open. */
  drop(): Promise<void>
}

const DEFAULTS = {
  name: 'test-extra',
  max: 10,
  logger: testLogger,
  statementTimeoutMs: 30_000,
  lockTimeoutMs: 30_000,
  idleInTransactionTimeoutMs: 60_000,
} satisfies Partial<PoolOptions>

/** Keeps databases and their server until Ctrl-C, for a look at what a test left. */
const KEPT = process.env['KEEP_DATABASES'] === '1'

/** Creates a migrated, empty database. The caller drops it. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`
  await administer(`create database ${name} template ${inject('templateDatabase')}`)
  const address = new URL(inject('postgresUrl'))
  address.pathname = `/${name}`
  const url = address.href
  const open = (options: Partial<PoolOptions> = {}) => openDatabase({ ...DEFAULTS, url, ...options })
  const database = open({ name: 'test' })
  return {
    url,
    database,
    open,
    drop: async () => {
      await database.close()
      const leaked = await findOpenConnections(name)
      if (KEPT) process.stderr.write(`Kept: ${url}, of ${expect.getState().testPath ?? 'a test'}\n`)
      else await administer(`drop database ${name} with (force)`)
      if (leaked.length > 0) throw new Error(`connections were left open: ${leaked.join(', ')}`)
    },
  }
}

/** Returns a database of this file's own, which its tests share. */
export function sharedDatabase(): TestDatabase {
  return shared(createTestDatabase, (db) => db.drop())
}

/**
 * Returns the names of connections that are still open. It waits a little, because the server needs a moment to notice
 * that a connection was closed.
 */
async function findOpenConnections(name: string): Promise<string[]> {
  let open: string[] = []
  const look = async () => {
    const result = await administer('select application_name from pg_stat_activity where datname = $1', [name])
    open = result.rows.map((row) => row.application_name)
    if (open.length > 0) throw new Error('not closed yet')
  }
  await eventually(look, { withinMs: 3_000 }).catch(() => {})
  return open
}

async function administer(text: string, values: unknown[] = []) {
  const server = openDatabase({ ...DEFAULTS, url: inject('postgresUrl'), name: 'test-administrator', max: 1 })
  try {
    return await server.pool.query<{ application_name: string }>(text, values)
  } finally {
    await server.close()
  }
}
