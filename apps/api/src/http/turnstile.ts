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

  /** Throws `OverloadedError` when too many are waiting. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside >= this.#atOnce) {
      if (this.#waiting.length >= this.#maxWaiting) throw new OverloadedError(2)
      await new Promise<void>((resolve) => void this.#waiting.push(resolve))
    } else this.#inside += 1
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
