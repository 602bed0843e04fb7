import { once } from 'node:events'
import { chmod, mkdtemp, readdir, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '@boxoffice/core/db/connect.ts'
import { startEmbeddedPostgres } from '@boxoffice/core/db/embedded-postgres.ts'
import { migrateDatabase } from '@boxoffice/core/db/migrate.ts'
import type { TestProject } from 'vitest/node'
import { testLogger } from './logger.ts'
import { findRedisServer } from './redis-binary.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /**
     * The connection string of the server's maintenance database, from which test databases are created and dropped.
     */
    postgresUrl: string
    /** A migrated database that test databases are copied from. */
    templateDatabase: string
    /** The path of `redis-server`, or `null` if it is missing: suites that need it are reported as not run. */
    redisServer: string | null
  }
}

const PREFIX = 'boxoffice-test-'
const TEMPLATE = 'boxoffice_template'

/**
 * Starts one PostgreSQL for the whole run, in a fresh directory that is removed afterwards. vitest calls this for one
 * project after the other; the first one starts it for all.
 */
export async function setup({ vitest }: TestProject): Promise<(() => Promise<void>) | undefined> {
  if ('postgresUrl' in vitest.getRootProject().getProvidedContext()) return undefined
  await removeAbandoned()
  const directory = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`))
  // If root runs the tests, the server runs as another user, who must get in.
  await chmod(directory, 0o711)
  const [postgres, redis] = await Promise.all([
    startEmbeddedPostgres({
      dataDir: directory,
      logger: testLogger,
      serverOptions: { max_connections: '400', shared_buffers: '128MB', wal_level: 'minimal', max_wal_senders: '0' },
      durable: false,
    }),
    findRedisServer(),
  ])
  const database = openDatabase({
    url: postgres.url,
    name: 'test-setup',
    max: 1,
    logger: testLogger,
    statementTimeoutMs: 30_000,
    lockTimeoutMs: 30_000,
    idleInTransactionTimeoutMs: 30_000,
  })
  await database.pool.query(`create database ${TEMPLATE}`)
  await database.close()
  const template = new URL(postgres.url)
  template.pathname = `/${TEMPLATE}`
  await migrateDatabase(template.href)

  vitest.provide('postgresUrl', postgres.url)
  vitest.provide('templateDatabase', TEMPLATE)
  vitest.provide('redisServer', redis.path ?? null)
  if (redis.path === undefined) {
    process.stderr.write(`Not run: the suites that need Redis, for ${redis.reason}.\n`)
  }

  return async () => {
    if (process.env['KEEP_DATABASES'] === '1') {
      process.stderr.write('The databases are kept until Ctrl-C.\n')
      await once(process, 'SIGINT')
    }
    await postgres.stop()
    await removeData(directory)
  }
}

/** Removes the servers and data of runs that were killed; the directory's name says whose they were. */
async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const owner = name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : Number.NaN
    if (!Number.isInteger(owner) || isAlive(owner)) continue
    const directory = join(tmpdir(), name)
    try {
      // Starting on the data stops the leftover server first; what starts is stopped again at once.
      const server = await startEmbeddedPostgres({ dataDir: directory, logger: testLogger })
      await server.stop()
      await removeData(directory)
    } catch {
      // Another user's, or half removed: not ours to mend.
    }
  }
}

/** Removes a run's data, which may be a link to a place outside `directory` that the server can reach. */
async function removeData(directory: string): Promise<void> {
  const data = await realpath(join(directory, 'postgres')).catch(() => undefined)
  if (data !== undefined) await rm(data, { recursive: true, force: true })
  await rm(directory, { recursive: true, force: true })
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
