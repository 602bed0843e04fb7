import { pino, stdSerializers, type Logger } from 'pino'

export type { Logger }

/** Structured logs on stdout; personal data and credentials are redacted wherever they are nested one level deep. */
export function createLogger(name: string, level: string): Logger {
  return pino({
    name,
    level,
    serializers: { err: serializeError },
    redact: {
      paths: [
        'customer',
        '*.customer',
        '*.email',
        '*.phone',
        '*.token',
        '*.authorization',
        'req.headers.authorization',
      ],
      censor: '[redacted]',
    },
  })
}

/**
 * What drivers hang on their errors: `pg` its whole connection and, as `detail` and `where`, the row that failed, with
 * name and e-mail; ioredis the command that failed, which may be AUTH with its password.
 */
const NOT_LOGGED = new Set(['client', 'detail', 'where', 'internalQuery', 'command', 'params', 'aggregateErrors'])

export function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  return Object.fromEntries(Object.entries(stdSerializers.err(error)).filter(([key]) => !NOT_LOGGED.has(key)))
}
