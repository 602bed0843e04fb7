import type { Caller } from '@boxoffice/core/access/tokens.ts'
import { organizerScope } from './authenticate.ts'
import { tooMany } from './too-many.ts'
import { Turnstile } from './turnstile.ts'

const RETRY_AFTER_S = 2

export interface TurnsOptions {
  /** How many calls of one organizer are let in at a time. */
  readonly atOnce: number
  /** How many more of its calls wait. */
  readonly maxWaiting: number
  /** Detail of the 429 for a call that finds no place to wait in. */
  readonly detail: string
}

/**
 * Lets each organizer's calls of one kind in a few at a time, so that none takes all connections of a pool. All tokens and
 * API keys of an organizer count together; an admin or a customer counts alone.
 */
export class Turns {
  readonly #options: TurnsOptions
  /** Only of those who have calls inside. */
  readonly #turnstiles = new Map<string, Turnstile>()

  constructor(options: TurnsOptions) {
    this.#options = options
  }

  /** Runs `work` when it is its turn. Throws 429 `too_many_requests` where too many wait already. */
  async take<T>(caller: Caller, work: () => Promise<T>): Promise<T> {
    const { atOnce, maxWaiting, detail } = this.#options
    const key = organizerKey(caller)
    const turnstile = this.#turnstiles.get(key) ?? new Turnstile(atOnce, maxWaiting)
    if (turnstile.isFull) throw tooMany(detail, RETRY_AFTER_S)
    this.#turnstiles.set(key, turnstile)
    try {
      return await turnstile.enter(work)
    } finally {
      if (turnstile.isEmpty) this.#turnstiles.delete(key)
    }
  }
}

function organizerKey(caller: Caller): string {
  const organizerId = caller.role === 'customer' ? null : organizerScope(caller)
  return organizerId === null ? `subject:${caller.subject}` : `organizer:${organizerId}`
}
