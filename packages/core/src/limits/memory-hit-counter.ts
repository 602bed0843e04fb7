import type { HitCounter, Hits } from './hit-counter.ts'

/** More keys than this only an attack has, and then the oldest are forgotten. */
const MAX_KEYS = 200_000

/** Counts for this process alone. */
export class MemoryHitCounter implements HitCounter {
  readonly #now: () => number
  // A Map keeps the order of insertion, so the first entries are the first to end.
  readonly #counts = new Map<string, { count: number; readonly resetsAtMs: number }>()

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  hit(key: string, windowMs: number): Promise<Hits> {
    const now = this.#now()
    const known = this.#counts.get(key)
    if (known !== undefined && known.resetsAtMs > now) {
      known.count++
      return Promise.resolve({ ...known })
    }
    this.#counts.delete(key)
    this.#forgetEnded(now)
    const fresh = { count: 1, resetsAtMs: now + windowMs }
    this.#counts.set(key, fresh)
    return Promise.resolve({ ...fresh })
  }

  peek(key: string): Promise<Hits> {
    const known = this.#counts.get(key)
    const now = this.#now()
    return Promise.resolve(known !== undefined && known.resetsAtMs > now ? { ...known } : { count: 0, resetsAtMs: now })
  }

  #forgetEnded(now: number): void {
    for (const [key, { resetsAtMs }] of this.#counts) {
      if (resetsAtMs > now && this.#counts.size < MAX_KEYS) return
      this.#counts.delete(key)
    }
  }
}
