import { MigrationBlockedError } from './apply-migrations.ts'
import { type Settings } from '../settings/settings.ts'
import { sqlState } from './sql-errors.ts'
import { StartupError } from '../runtime/startup-error.ts'

/**
 * Returns the database's URL.
 *
 * @throws StartupError naming the command, if there is no DATABASE_URL.
 */
export function requireDatabaseUrl(settings: Settings, command: string): string {
  if (settings.DATABASE_URL !== undefined) return settings.DATABASE_URL
  throw new StartupError(
    `${command} needs DATABASE_URL, such as postgres://user:password@127.0.0.1:5432/boxoffice ` +
      '("npm start" does not need it: it brings its own PostgreSQL, migrated and seeded).',
  )
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens at its address',
  ENOTFOUND: 'its host name is unknown',
  EAI_AGAIN: 'its host name cannot be resolved right now',
  ETIMEDOUT: 'its address does not answer',
  ECONNRESET: 'it ended the connection, or is no PostgreSQL',
  '28P01': 'it refuses the password',
  '28000': 'it refuses the user',
  '3D000': 'there is no database of that name',
}

/**
 * Returns why a command failed, for the person who typed it: one line if the reason is known, otherwise the stack.
 * Never contains the URL, because it has a password in it.
 */
export function failureSentence(error: unknown): string {
  if (error instanceof StartupError || error instanceof MigrationBlockedError) return error.message
  const code = connectionCode(error)
  const reason = code === undefined ? undefined : REASONS[code]
  if (reason !== undefined) return `PostgreSQL at DATABASE_URL cannot be used: ${reason} (${code}).`
  const said = codelessReason(error)
  if (said !== undefined) return `PostgreSQL at DATABASE_URL cannot be used: ${said}.`
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

/** Returns the reason of an error that `pg` gives no code, `undefined` for any other error. */
function codelessReason(error: unknown): string | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    const { message } = cause
    if (message.startsWith('Connection terminated')) return 'it ended the connection, or is no PostgreSQL'
    if (message.startsWith('received invalid response')) return 'what answers there is no PostgreSQL'
    if (/timeout|\bSSL connection/.test(message)) return message
  }
  return undefined
}

/** Returns the code of a failed connection. A host with several addresses fails with one error for each. */
function connectionCode(error: unknown): string | undefined {
  return sqlState(error) ?? (error instanceof AggregateError ? sqlState(error.errors[0]) : undefined)
}
