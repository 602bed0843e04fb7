import type { HitCounter, Hits } from './hit-counter.ts'

/** More keys than this only an attack has, and then the oldest of the window are forgotten. */
const MAX_KEYS = 200_000

/** A hit pays for at most so many ended counts: a minute after a flood, one call must not tidy up after all of it. */
const MAX_FORGOTTEN = 16

interface Count {
  count: number
  readonly resetsAtMs: number
}

/** Counts for this process alone. */
export class MemoryHitCounter implements HitCounter {
  readonly #now: () => number
  readonly #maxKeys: number
  /** Counts by length of window. A Map keeps the order of insertion, so the first entries of each end first. */
  readonly #windows = new Map<number, Map<string, Count>>()

  constructor(now: () => number = Date.now, maxKeys = MAX_KEYS) {
    this.#now = now
    this.#maxKeys = maxKeys
  }

  /** Returns the number of counts that are kept. */
  get size(): number {
    return [...this.#windows.values()].reduce((sum, counts) => sum + counts.size, 0)
  }

  hit(key: string, windowMs: number, weight = 1): Promise<Hits> {
    const now = this.#now()
    const counts = this.#windows.get(windowMs) ?? new Map<string, Count>()
    this.#windows.set(windowMs, counts)
    this.#forgetEnded(counts, now)
    const known = counts.get(key)
    if (known !== undefined && known.resetsAtMs > now) {
      known.count += weight
      return Promise.resolve({ ...known })
    }
    counts.delete(key)
    const fresh = { count: weight, resetsAtMs: now + windowMs }
    counts.set(key, fresh)
    return Promise.resolve({ ...fresh })
  }

  peek(key: string): Promise<Hits> {
    const now = this.#now()
    for (const counts of this.#windows.values()) {
      const known = counts.get(key)
      if (known !== undefined && known.resetsAtMs > now) return Promise.resolve({ ...known })
    }
    return Promise.resolve({ count: 0, resetsAtMs: now })
  }

  #forgetEnded(counts: Map<string, Count>, now: number): void {
    let left = MAX_FORGOTTEN
    for (const [key, { resetsAtMs }] of counts) {
      if (left-- === 0 || (resetsAtMs > now && counts.size < this.#maxKeys)) return
      counts.delete(key)
    }
  }
}
