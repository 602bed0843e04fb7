import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openDatabase, type PoolOptions } from '@boxoffice/core/db/connect.ts'
import type { TestDatabase } from './database.ts'
import { eventually } from './eventually.ts'
import { testLogger } from './logger.ts'
import { startScript } from './process.ts'
import { makeTemporaryDirectory } from './temporary-directory.ts'
import { TEST_SECRETS } from './tokens.ts'

/** The time that a fresh cluster may take on a busy machine. */
const READY_WITHIN_MS = 60_000

export interface Standalone {
  /** The API's address. */
  readonly url: string
  /** Its embedded PostgreSQL, for things that have no route. */
  readonly db: TestDatabase
  /** Returns everything printed and logged so far. */
  output(): string
  /** Stops all of it and removes its data. */
  stop(): Promise<void>
}

/** Runs `npm start` on fresh data and a free port, with `TEST_SECRETS`. */
export async function startStandalone(environment: Readonly<Record<string, string>> = {}): Promise<Standalone> {
  const data = await makeTemporaryDirectory()
  const running = startScript('apps/standalone/src/main.ts', {
    DATA_DIR: data.path,
    PORT: '0',
    LOG_LEVEL: 'warn',
    ...TEST_SECRETS,
    ...environment,
  })
  const end = async () => {
    try {
      await running.stop()
    } finally {
      await data.remove()
    }
  }
  try {
    const url = await eventually(
      () => {
        const output = running.output()
        if (!output.includes('Ctrl-C stops everything')) throw new Error(`not ready yet:\n${output}`)
        return /API +(\S+)/.exec(output)?.[1] ?? ''
      },
      { withinMs: READY_WITHIN_MS, everyMs: 50 },
    )
    const db = await openEmbedded(data.path)
    const stop = async () => {
      await db.drop()
      await end()
    }
    return { url, db, output: running.output, stop }
  } catch (error) {
    await end()
    throw error
  }
}

/** Opens the embedded database. `drop` only closes the connection: the database goes with its server. */
async function openEmbedded(dataDir: string): Promise<TestDatabase> {
  const url = await embeddedUrl(dataDir)
  const open = (options: Partial<PoolOptions> = {}) =>
    openDatabase({
      url,
      name: 'test-standalone',
      max: 4,
      logger: testLogger,
      statementTimeoutMs: 30_000,
      lockTimeoutMs: 30_000,
      idleInTransactionTimeoutMs: 60_000,
      ...options,
    })
  const database = open()
  return { url, database, open, drop: () => database.close() }
}

/** Returns the server's address. Its port is in the fourth line of its pid file, its password beside its data. */
async function embeddedUrl(dataDir: string): Promise<string> {
  const home = join(dataDir, 'postgres')
  const [password, pidFile] = await Promise.all([
    readFile(join(home, 'password'), 'utf8'),
    readFile(join(home, 'cluster/postmaster.pid'), 'utf8'),
  ])
  const port = pidFile.split('\n')[3]?.trim() ?? ''
  return `postgres://boxoffice:${password.trim()}@127.0.0.1:${port}/boxoffice`
}
