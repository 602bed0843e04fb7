/**
 * How many places one seller, an organizer with all its people and keys, may have waiting in line, in one API process.
 *
 * Keeps: I11. A lane is decided in order, so whoever fills it makes its neighbours wait. Customers are bounded by what they
 * may hold; those who sell to others are not, and one of them could ask for hundreds of thousands of tickets in a second.
 *
 * The tempting wrong way is to bound the lane: then the neighbours would be turned away too.
 */
import type { Reservation } from './hold-limits.ts'

/** Two batches of places: some tenths of a second for whoever comes next. */
const MAX_UNDECIDED_PLACES = 20_000

/** A request whose outcome was not heard of, for it was lost or its lane is paused, is counted for so long. */
const FORGET_AFTER_MS = 30_000

/** The seller has too many places waiting; nothing was accepted. */
export class TooManyUndecidedError extends Error {
  override readonly name = 'TooManyUndecidedError'
  readonly retryAfterSeconds = 1
  constructor() {
    super(`More than ${MAX_UNDECIDED_PLACES} places that you have asked for wait to be decided.`)
  }
}

interface Waiting {
  readonly places: number
  readonly sinceMs: number
}

interface Seller {
  places: number
  /** The one that has waited longest comes first. */
  readonly waiting: Set<Waiting>
}

export class UndecidedPlaces {
  readonly #max: number
  readonly #now: () => number
  readonly #sellers = new Map<string, Seller>()

  /** `now`: monotonic clock, ms. */
  constructor(now: () => number = () => performance.now(), max = MAX_UNDECIDED_PLACES) {
    this.#now = now
    this.#max = max
  }

  /** Number of sellers with something in line. */
  get size(): number {
    return this.#sellers.size
  }

  /** Counts the places until their request is decided. A request alone is always let in. Throws `TooManyUndecidedError`. */
  reserve(owner: string, places: number): Reservation {
    this.#forget(owner)
    const seller = this.#sellers.get(owner) ?? { places: 0, waiting: new Set<Waiting>() }
    if (seller.places > 0 && seller.places + places > this.#max) throw new TooManyUndecidedError()
    const waiting = { places, sinceMs: this.#now() }
    seller.places += places
    this.#sellers.set(owner, seller)
    seller.waiting.add(waiting)
    return {
      became: ({ state }) => {
        if (state !== 'queued') this.#release(owner, seller, waiting)
      },
      failed: () => this.#release(owner, seller, waiting),
    }
  }

  #forget(owner: string): void {
    const seller = this.#sellers.get(owner)
    if (seller === undefined) return
    const overdue = this.#now() - FORGET_AFTER_MS
    for (const waiting of seller.waiting) {
      if (waiting.sinceMs > overdue) return
      this.#release(owner, seller, waiting)
    }
  }

  #release(owner: string, seller: Seller, waiting: Waiting): void {
    if (!seller.waiting.delete(waiting)) return
    seller.places -= waiting.places
    if (seller.waiting.size === 0) this.#sellers.delete(owner)
  }
}
