import { MigrationBlockedError } from './apply-migrations.ts'
import { SettingsError, type Settings } from '../settings/settings.ts'
import { sqlState } from './sql-errors.ts'

/** @throws SettingsError naming the command, when there is no DATABASE_URL. */
export function requireDatabaseUrl(settings: Settings, command: string): string {
  if (settings.DATABASE_URL !== undefined) return settings.DATABASE_URL
  throw new SettingsError(
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
 * What went wrong with a command, for the person who typed it: one line where the reason is known, for an unknown one
 * the stack. Never contains the URL, which has a password in it.
 */
export function failureSentence(error: unknown): string {
  if (error instanceof SettingsError || error instanceof MigrationBlockedError) return error.message
  const code = connectionCode(error)
  const reason = code === undefined ? undefined : REASONS[code]
  if (reason !== undefined) return `PostgreSQL at DATABASE_URL cannot be used: ${reason} (${code}).`
  const said = codelessReason(error)
  if (said !== undefined) return `PostgreSQL at DATABASE_URL cannot be used: ${said}.`
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

/** Of the errors that `pg` gives no code: `undefined` for those of anything else. */
function codelessReason(error: unknown): string | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    const { message } = cause
    if (message.startsWith('Connection terminated')) return 'it ended the connection, or is no PostgreSQL'
    if (message.startsWith('received invalid response')) return 'what answers there is no PostgreSQL'
    if (/timeout|\bSSL connection/.test(message)) return message
  }
  return undefined
}

/** A host with several addresses fails with one error for each of them. */
function connectionCode(error: unknown): string | undefined {
  return sqlState(error) ?? (error instanceof AggregateError ? sqlState(error.errors[0]) : undefined)
}
