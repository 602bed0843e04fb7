import { Problem } from '@boxoffice/core/use-case/problem.ts'

/** Lets a few through at once and a few more wait, for work that takes a processor or a connection for long. */
export class Turnstile {
  readonly #atOnce: number
  readonly #maxWaiting: number
  #inside = 0
  readonly #waiting: (() => void)[] = []

  constructor(atOnce: number, maxWaiting: number) {
    this.#atOnce = atOnce
    this.#maxWaiting = maxWaiting
  }

  /** Nobody can come in, nor wait. */
  get isFull(): boolean {
    return this.#inside >= this.#atOnce && this.#waiting.length >= this.#maxWaiting
  }

  get isEmpty(): boolean {
    return this.#inside === 0
  }

  /**
   * Runs `work` when it is its turn; not at all, and resolves with `null`, where nobody wants it any more by then.
   * Throws Problem `overloaded` when too many are waiting.
   */
  pass<T>(isWanted: () => boolean, work: () => Promise<T>): Promise<T | null> {
    return this.enter(async () => (isWanted() ? work() : null))
  }

  /** Runs `work` when it is its turn. Throws Problem `overloaded` when too many are waiting. */
  async enter<T>(work: () => Promise<T>): Promise<T> {
    if (this.isFull) throw new Problem('overloaded', { retryAfterSeconds: 2 })
    if (this.#inside >= this.#atOnce) await new Promise<void>((resolve) => void this.#waiting.push(resolve))
    else this.#inside += 1
    try {
      return await work()
    } finally {
      // Whoever is next takes this one's place.
      const next = this.#waiting.shift()
      if (next === undefined) this.#inside -= 1
      else next()
    }
  }
}
