import type { Refused } from '../booking-request.ts'
import type { Refusal } from './refusal.ts'

/** Names beyond this many are counted in the sentence; the refusal's lists always have all of them. */
const MAX_LISTED = 10

export function refuse(refusal: Refusal): Refused {
  return { outcome: 'refused', refusal }
}

/** Returns `A5, A6 and 3 more`, for the sentence of a refusal. */
export function listed(names: readonly string[]): string {
  if (names.length <= MAX_LISTED) return names.join(', ')
  return `${names.slice(0, MAX_LISTED).join(', ')} and ${names.length - MAX_LISTED} more`
}
