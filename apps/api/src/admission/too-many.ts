import type { Hits } from '@boxoffice/core/limits/hit-counter.ts'
import { Problem } from '../problems/problem.ts'

/** Makes a 429. `retryAfter` is in seconds, as the header has it. */
export function tooMany(detail: string, retryAfter: string): Problem {
  return new Problem('too_many_requests', { detail, headers: { 'Retry-After': retryAfter } })
}

/** Returns the seconds until all of these counts have begun anew, at least 1. */
export function secondsUntilReset(hits: readonly Hits[]): string {
  const last = Math.max(...hits.map(({ resetsAtMs }) => resetsAtMs))
  return String(Math.max(1, Math.ceil((last - Date.now()) / 1_000)))
}
