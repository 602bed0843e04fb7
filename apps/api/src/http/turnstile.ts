import { OverloadedError } from '@boxoffice/core/services/errors.ts'

/** Lets a few through at once and a few more wait, for work that takes the processor for long. */
export class Turnstile {
  readonly #atOnce: number
  readonly #maxWaiting: number
  #inside = 0
  readonly #waiting: (() => void)[] = []

  constructor(atOnce: number, maxWaiting: number) {
    this.#atOnce = atOnce
    this.#maxWaiting = maxWaiting
  }

  /**
   * Runs `work` when it is its turn; not at all, and resolves with `null`, where nobody wants it any more by then.
   * Throws `OverloadedError` when too many are waiting.
   */
  async pass<T>(isWanted: () => boolean, work: () => Promise<T>): Promise<T | null> {
    if (this.#inside >= this.#atOnce) {
      if (this.#waiting.length >= this.#maxWaiting) throw new OverloadedError(2)
      await new Promise<void>((resolve) => void this.#waiting.push(resolve))
    } else this.#inside += 1
    try {
      return isWanted() ? await work() : null
    } finally {
      // Whoever is next takes this one's place.
      const next = this.#waiting.shift()
      if (next === undefined) this.#inside -= 1
      else next()
    }
  }
}
