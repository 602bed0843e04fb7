import { Problem } from '@boxoffice/core/use-case/problem.ts'
import { tooMany } from './too-many.ts'

export interface FairTurnstileOptions {
  /** How many are let through at once, each of another key. */
  readonly atOnce: number
  /** How many may wait, of all keys and of one. */
  readonly maxWaiting: number
  readonly maxWaitingPerKey: number
  /** Whoever waits longer than this is refused: sooner than the sender's patience ends. */
  readonly waitMs: number
  /** Detail of the 429 for a sender of too many. */
  readonly detail: string
}

interface Waiter {
  readonly key: string
  readonly enter: () => void
}

const RETRY_AFTER_S = 5

/**
 * Lets one of each key through at a time, and a few keys at once: for work that is heavy, so that nobody who sends much of
 * it keeps others waiting for more than one piece each.
 */
export class FairTurnstile {
  readonly #options: FairTurnstileOptions
  readonly #inside = new Set<string>()
  readonly #waiting = new Set<Waiter>()

  constructor(options: FairTurnstileOptions) {
    this.#options = options
  }

  /**
   * Runs `work` when it is its turn; not at all, and resolves with `null`, if nobody wants it any more by then.
   * Throws 429 if too many of this key are waiting, Problem `overloaded` if too many are altogether or it takes too long.
   */
  async pass<T>(key: string, isWanted: () => boolean, work: () => Promise<T>): Promise<T | null> {
    const { atOnce, maxWaiting, maxWaitingPerKey, detail } = this.#options
    if (this.#inside.has(key) || this.#inside.size >= atOnce) {
      const own = [...this.#waiting].filter((waiter) => waiter.key === key).length
      if (own >= maxWaitingPerKey) throw tooMany(detail, RETRY_AFTER_S)
      if (this.#waiting.size >= maxWaiting) throw new Problem('overloaded', { retryAfterSeconds: RETRY_AFTER_S })
      await this.#wait(key)
    } else this.#inside.add(key)
    try {
      return isWanted() ? await work() : null
    } finally {
      this.#inside.delete(key)
      this.#admitNext()
    }
  }

  #wait(key: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(waiter)
        reject(new Problem('overloaded', { retryAfterSeconds: RETRY_AFTER_S }))
      }, this.#options.waitMs)
      const enter = () => {
        clearTimeout(timer)
        resolve()
      }
      const waiter: Waiter = { key, enter }
      this.#waiting.add(waiter)
    })
  }

  /** Takes the place for whoever waited longest of those whose key has none inside: nobody can slip in between. */
  #admitNext(): void {
    for (const waiter of this.#waiting) {
      if (this.#inside.has(waiter.key)) continue
      this.#waiting.delete(waiter)
      this.#inside.add(waiter.key)
      waiter.enter()
      return
    }
  }
}
