import type { Hits } from '@boxoffice/core/limits/hit-counter.ts'
import { Problem } from '@boxoffice/core/use-case/problem.ts'

/** Makes a 429. */
export function tooMany(detail: string, retryAfterSeconds: number): Problem {
  return new Problem('too_many_requests', { detail, retryAfterSeconds })
}

/** Returns the seconds until all of these counts have begun anew, at least 1. */
export function secondsUntilReset(hits: readonly Hits[]): number {
  const last = Math.max(...hits.map(({ resetsAtMs }) => resetsAtMs))
  return Math.max(1, Math.ceil((last - Date.now()) / 1_000))
}
