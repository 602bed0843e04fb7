import type { Logger } from '../runtime/logger.ts'

/** Time between two log lines of one outage: its error comes with every try, many times a second. */
const QUIET_FOR_MS = 30_000

/** Logs an error that repeats: at `warn` the first time and then twice a minute, the others at `debug`. */
export function outageLog(logger: Logger, fields: object, message: string): (error: unknown) => void {
  let quietUntil = 0
  return (error) => {
    const now = performance.now()
    const level = now < quietUntil ? 'debug' : 'warn'
    if (level === 'warn') quietUntil = now + QUIET_FOR_MS
    logger[level]({ err: error, ...fields }, message)
  }
}
