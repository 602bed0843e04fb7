import { type DestinationStream, pino, stdSerializers, type Logger } from 'pino'
import { redacted, redactedValue } from './log-redaction.ts'

export type { Logger }

/**
 * Creates a logger of JSON lines, on stdout by default; personal data and credentials are redacted however deeply they
 * are nested.
 */
export function createLogger(name: string, level: string, destination?: DestinationStream): Logger {
  const options = { name, level, serializers: { err: serializeError }, formatters: { log: redacted } }
  return destination === undefined ? pino(options) : pino(options, destination)
}

/**
 * Fields that drivers attach to their errors: `pg` its whole connection and, as `detail` and `where`, the row that
 * failed, with name and e-mail; ioredis the command that failed, which may be AUTH with its password.
 */
const NOT_LOGGED = new Set(['client', 'detail', 'where', 'internalQuery', 'command', 'params', 'aggregateErrors'])

export function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  return redactedValue(
    Object.fromEntries(Object.entries(stdSerializers.err(error)).filter(([key]) => !NOT_LOGGED.has(key))),
  )
}
