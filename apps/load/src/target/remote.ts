import { checkDatabase } from '@boxoffice/core/db/check-database.ts'
import { openDatabase } from '@boxoffice/core/db/connect.ts'
import { createLogger } from '@boxoffice/core/runtime/logger.ts'
import { StartupError } from '@boxoffice/core/runtime/startup-error.ts'
import { request } from 'undici'
import { LOAD_SETTINGS } from './processes.ts'
import type { OpenTarget, Target } from './target.ts'
import { tokenSigner } from './tokens.ts'

/** Verifying a large database. */
const PATIENCE_MS = 900_000
const READY_WITHIN_MS = 5_000

export interface RemoteOptions {
  readonly url: string
  readonly databaseUrl: string
  readonly jwtSecret: string
}

/**
 * Opens a Boxoffice that runs already, and its database. Its settings are its own: `say` tells which of them a scenario
 * would have chosen. Throws a `StartupError` if either does not answer.
 */
export function openRemote({ url, databaseUrl, jwtSecret }: RemoteOptions, say: (text: string) => void): Target {
  return {
    description: url,
    machine: null,
    embedded: null,
    open: async ({ name, settings }) => {
      await expectReady(url)
      const wanted = Object.entries({ ...LOAD_SETTINGS, ...settings }).map(([key, value]) => `${key}=${value}`)
      say(`${name} is meant for a server with ${wanted.join(', ')}: what runs at ${url} has settings of its own.`)
      return openUrl(url, databaseUrl, jwtSecret)
    },
    stop: () => Promise.resolve(),
  }
}

async function openUrl(url: string, databaseUrl: string, jwtSecret: string): Promise<OpenTarget> {
  const database = openDatabase({
    url: databaseUrl,
    name: 'load',
    max: 4,
    logger: createLogger('load', 'silent'),
    statementTimeoutMs: PATIENCE_MS,
    lockTimeoutMs: PATIENCE_MS,
    idleInTransactionTimeoutMs: PATIENCE_MS,
  })
  try {
    await checkDatabase(database, '--database-url')
  } catch (error) {
    await database.close()
    throw error
  }
  return {
    url,
    database,
    watched: [],
    sign: tokenSigner(jwtSecret),
    failed: Promise.withResolvers<never>().promise,
    close: () => database.close(),
  }
}

async function expectReady(url: string): Promise<void> {
  let status: number
  try {
    const { statusCode, body } = await request(`${url}/readyz`, { headersTimeout: READY_WITHIN_MS })
    await body.dump()
    status = statusCode
  } catch (error) {
    throw new StartupError(`${url} does not answer: ${error instanceof Error ? error.message : String(error)}.`)
  }
  if (status !== 200) throw new StartupError(`${url}/readyz was answered ${status}: it is not ready.`)
}
