const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** Pauses after each failed attempt: the last one is some 34 hours after the first. */
const PAUSES_MS = [MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, 3 * HOUR_MS, 8 * HOUR_MS, 22 * HOUR_MS]

export const MAX_ATTEMPTS = PAUSES_MS.length + 1

/**
 * Returns the pause after this many attempts, spread by up to a tenth (`random` is from 0 to 1); `null` after the last.
 */
export function pauseAfter(attempts: number, random: number): number | null {
  const pause = PAUSES_MS[attempts - 1]
  return pause === undefined ? null : pause * (1 + random / 10)
}
