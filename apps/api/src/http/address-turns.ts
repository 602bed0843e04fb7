import type { Request, Response } from 'express'
import { clientNetworks } from './client-address.ts'
import { Turnstile } from './turnstile.ts'

/** More than there are connections to the database, so that nobody who is alone is slowed down. */
const AT_ONCE = 16

/** As many as an address has connections, unless it sends one call behind the other without waiting for answers. */
const MAX_WAITING = 2_000

/**
 * Lets a few calls of each address be worked on at a time, for reads that are quick and share the connections to the
 * database. More wait, behind others of their own address alone: whoever sends thousands at once, which the limits of a
 * minute allow, keeps nobody else waiting.
 *
 * An address of IPv6 is here the widest of its networks: it is a matter of turns, and nothing is refused.
 */
export class AddressTurns {
  /** Only of those who have calls inside. */
  readonly #turnstiles = new Map<string, Turnstile>()
  readonly #atOnce: number

  /** @param atOnce calls of one address; `Infinity` for all that come */
  constructor(atOnce: number = AT_ONCE) {
    this.#atOnce = atOnce
  }

  /** Number of addresses with calls inside. */
  get size(): number {
    return this.#turnstiles.size
  }

  /** Runs `work` when it is the call's turn, and not at all where its client has left. Throws Problem `overloaded`. */
  async take(request: Request, response: Response, work: () => Promise<void>): Promise<void> {
    const key = clientNetworks(request).at(-1)?.name ?? ''
    const turnstile = this.#turnstiles.get(key) ?? new Turnstile(this.#atOnce, MAX_WAITING)
    this.#turnstiles.set(key, turnstile)
    try {
      await turnstile.pass(() => !response.closed, work)
    } finally {
      if (turnstile.isEmpty) this.#turnstiles.delete(key)
    }
  }
}
