import { pseudonym } from '@boxoffice/core/limits/pseudonym.ts'
import type { Caller } from '@boxoffice/core/tokens.ts'
import type { Counted } from './rate-limit.ts'

/** A caller as limits count it. Holds pseudonyms and nothing of the request, so that it may be kept while a line is long. */
export interface CountedCaller {
  readonly key: string
  /** `true` for callers through which many buy: an organizer's people and machines, and admins. */
  readonly sells: boolean
  /** The caller's networks, the narrowest first. */
  readonly networks: readonly Counted[]
}

export function countedCaller({ subject, role }: Caller, networks: readonly Counted[]): CountedCaller {
  return { key: pseudonym(subject), sells: role !== 'customer', networks }
}
