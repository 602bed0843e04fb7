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

/** Errors of `pg` carry their whole connection, which is of no use in a log. */
function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { client: _client, ...rest } = stdSerializers.err(error)
  return rest
}
