const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** Waits after each failed attempt: about three days in all. */
const WAITS = [
  5 * SECOND,
  MINUTE,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
] as const

/** The last of them fails for good. */
export const MAX_ATTEMPTS = WAITS.length + 1

/** An endpoint on which nothing has got through for so long is disabled. */
export const FAILING_FOR_MS = 5 * 24 * HOUR

/** Time after a rotation in which the old secret still signs, beside the new one. */
export const OLD_SECRET_FOR_MS = 24 * HOUR

/**
 * Returns the wait after attempt number `attempts`, or `null` if it was the last: up to a fifth longer than the table
 * says, so that deliveries that failed together do not come back together.
 *
 * @param random from 0 up to 1
 */
export function waitAfterAttempt(attempts: number, random: number): number | null {
  const wait = WAITS[attempts - 1]
  return wait === undefined ? null : Math.round(wait * (1 + random / 5))
}
