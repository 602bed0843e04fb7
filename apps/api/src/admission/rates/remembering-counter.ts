import type { HitCounter, Hits } from '@boxoffice/core/limits/hit-counter.ts'

/** More keys than this are not remembered as over their limit; they are asked for instead. */
const MAX_REMEMBERED = 10_000

/** Counts with a `HitCounter`, which it no longer troubles for a key that is over its limit. */
export class RememberingCounter {
  readonly #counter: HitCounter
  readonly #windowMs: number
  readonly #full = new Map<string, Hits>()

  constructor(counter: HitCounter, windowMs: number) {
    this.#counter = counter
    this.#windowMs = windowMs
  }

  /** Returns whether the key is known to be over its limit, without asking anybody. */
  isFull(key: string): boolean {
    return this.#fullHits(key) !== undefined
  }

  async hit(key: string, limit: number): Promise<Hits> {
    const full = this.#fullHits(key)
    if (full !== undefined) return full
    const hits = await this.#counter.hit(key, this.#windowMs)
    if (hits.count > limit) this.#remember(key, hits)
    return hits
  }

  #fullHits(key: string): Hits | undefined {
    const full = this.#full.get(key)
    if (full === undefined || full.resetsAtMs > Date.now()) return full
    this.#full.delete(key)
    return undefined
  }

  #remember(key: string, hits: Hits): void {
    const [oldest] = this.#full.keys()
    if (oldest !== undefined && this.#full.size >= MAX_REMEMBERED) this.#full.delete(oldest)
    this.#full.set(key, hits)
  }
}
