import { StartupError } from '../runtime/startup-error.ts'
import type { Database } from './connect.ts'
import { isSchemaCurrent } from './schema-version.ts'

/**
 * Makes sure at the start that the database answers and is migrated. Throws `StartupError` with one clear sentence.
 *
 * @param setting what the person at the keyboard knows its address by.
 */
export async function checkDatabase(database: Database, setting = 'DATABASE_URL'): Promise<void> {
  let current: boolean
  try {
    current = await isSchemaCurrent(database)
  } catch (error) {
    throw new StartupError(`The database at ${setting} cannot be used: ${reasonOf(error)}.`, { cause: error })
  }
  if (!current) throw new StartupError('The database schema is missing or behind; run "npm run migrate" first.')
}

/**
 * Returns the reason of a failed connection. Connecting to `localhost` fails once per address, and that error has no
 * message of its own.
 */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return reasonOf(error.errors[0])
  return error instanceof Error ? error.message : String(error)
}
