const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** How long after each failed attempt the next one is due: about three days in all. */
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

/** After a rotation the old secret signs, beside the new one, for so long. */
export const OLD_SECRET_FOR_MS = 24 * HOUR

/**
 * How long to wait after the attempt number `attempts`, or `null` when it was the last: up to a fifth longer than the
 * table says, so that what failed together does not come back together.
 *
 * @param random from 0 up to 1
 */
export function waitAfterAttempt(attempts: number, random: number): number | null {
  const wait = WAITS[attempts - 1]
  return wait === undefined ? null : Math.round(wait * (1 + random / 5))
}
