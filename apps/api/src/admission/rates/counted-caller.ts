import { TIMES_OF_TRUSTED } from '@boxoffice/core/limits/network-trust.ts'
import { pseudonym } from '@boxoffice/core/limits/pseudonym.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'
import type { Counted } from './rate-limit.ts'

/**
 * An organizer makes as many API keys as it likes, and all its people and keys together have no more than so many times
 * what one of them has.
 */
const TIMES_OF_ORGANIZER = 10

/** A caller as limits count it. Holds pseudonyms and nothing of the request, so that it may be kept while a line is long. */
export interface CountedCaller {
  readonly key: string
  /** `true` for callers through which many buy: an organizer's people and machines, and admins. */
  readonly sells: boolean
  /**
   * Keys that the caller shares a budget with: its networks, the narrowest first. A seller shares one with the
   * organizer's other people and keys instead, and does not count for its address.
   */
  readonly shared: readonly Counted[]
}

export function countedCaller({ subject, role, organizerId }: Caller, networks: readonly Counted[]): CountedCaller {
  const key = pseudonym(subject)
  if (role === 'customer') return { key, sells: false, shared: networks }
  if (organizerId === null) return { key, sells: true, shared: [] }
  return { key, sells: true, shared: [{ key: pseudonym(`organizer:${organizerId}`), times: TIMES_OF_ORGANIZER }] }
}

/** Returns the caller as it counts at an organizer that trusts its network: its networks have budgets of their own there. */
export function countedAt(organizerId: string, { shared, ...caller }: CountedCaller): CountedCaller {
  return {
    ...caller,
    shared: shared.map(({ key, times }) => ({ key: `${key}:${organizerId}`, times: times * TIMES_OF_TRUSTED })),
  }
}
