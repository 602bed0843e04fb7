/** Codes of drivers and of Node are in capitals; those of problems are not. */
const DRIVER_CODE = /^[A-Z0-9_]+$/

/** Returns the SQLSTATE of a driver error, also if Drizzle wrapped it (`DrizzleQueryError.cause`). */
export function sqlState(error: unknown): string | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    if ('code' in cause && typeof cause.code === 'string' && DRIVER_CODE.test(cause.code)) return cause.code
  }
  return undefined
}

/** Returns the name of the violated constraint, if the error is a violation. */
export function violatedConstraint(error: unknown): string | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    if ('constraint' in cause && typeof cause.constraint === 'string') return cause.constraint
  }
  return undefined
}

/**
 * Returns whether the row is at fault, and not the moment: SQLSTATE classes 22 (data exception) and 23 (integrity
 * violation).
 */
export function isBadRow(error: unknown): boolean {
  const state = sqlState(error)
  return state !== undefined && (state.startsWith('22') || state.startsWith('23'))
}

/**
 * The one list of errors that are worth another try: serialization, deadlock, lock and statement timeouts, lost or
 * refused connections, shutdown and restart of the server, a server that has become a standby. Besides these, classes 08
 * (connection) and 53 (no memory, disk or connections left). (PostgreSQL manual, appendix A.)
 */
const TRANSIENT_STATES = new Set([
  '40001',
  '40P01',
  '55P03',
  '57014',
  '57P01',
  '57P02',
  '57P03',
  '57P05',
  '25006',
  '25P02',
  '25P03',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
])

/** Returns whether the server stopped the statement because it ran into its time limit (query_canceled). */
export function isCancelledByTime(error: unknown): boolean {
  return sqlState(error) === '57014'
}

/** Messages of `pg` for connections that went away; it gives them no code. */
const LOST_CONNECTION =
  /Connection terminated|connection timeout|timeout exceeded when trying to connect|not queryable|server closed the connection|Query read timeout/i

/** Returns whether the server did not answer at all: whatever is sent on this connection now would wait behind what hangs. */
export function isUnanswered(error: unknown): error is Error {
  return error instanceof Error && error.message === 'Query read timeout'
}

export function isTransient(error: unknown): boolean {
  const state = sqlState(error)
  if (state !== undefined) return TRANSIENT_STATES.has(state) || /^(?:08|53)...$/.test(state)
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    if (LOST_CONNECTION.test(cause.message)) return true
  }
  return false
}

/**
 * Statement timeout (or cancelled), idle in transaction, ended by another process' crash, a dead connection. Besides these,
 * classes 53 (no memory, disk or connections left) and 54 (a limit of the server is exceeded).
 */
const TOO_HEAVY_STATES = new Set(['57014', '25P03', '57P02', 'ECONNRESET', 'EPIPE'])

/**
 * Errors of a connection that broke off. A connection that could not be made is not among them: nothing was sent on it.
 */
const BROKEN_OFF =
  /Connection terminated(?! due to connection timeout)|not queryable|server closed the connection|Query read timeout|invalid memory alloc request/i

/** V8's, for what does not fit into one string or array. */
const TOO_LARGE_FOR_V8 = /^Invalid (?:string|array|typed array) length|^Array buffer allocation failed/

/**
 * Returns whether the size of what was sent, or made, may be at fault: a time limit, no memory, a connection that broke while
 * it was used. Such a batch is not repeated as it is, but made smaller. (PostgreSQL manual, appendix A.)
 */
export function isTooHeavy(error: unknown): boolean {
  const state = sqlState(error)
  if (state !== undefined && (TOO_HEAVY_STATES.has(state) || /^5[34]...$/.test(state))) return true
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    if (BROKEN_OFF.test(cause.message)) return true
    if (cause instanceof RangeError && TOO_LARGE_FOR_V8.test(cause.message)) return true
  }
  return false
}
