/**
 * Limit on the places of large bookings that one seller (an organizer with all its people and keys) may have waiting in
 * line, in one API process.
 *
 * Keeps: I11. A line is decided in order, and what a batch may have is shared by lines, so whoever asks for very much makes
 * others wait. Customers are limited by what
 * they may hold; those who sell to others are not, and one of them could ask for hundreds of thousands of tickets in a
 * second.
 *
 * The tempting wrong way is to limit the line: then the others in it would be turned away too.
 */
import { Problem } from '../use-case/problem.ts'
import { type Reservation, UNCOUNTED } from './hold-limits.ts'

/** Places that take some milliseconds to decide, which is what the next request waits for. */
const MAX_UNDECIDED_PLACES = 2_000

/**
 * Requests of so few places are not counted: each costs about what a customer's does, and a shop that sells through one key
 * has thousands of them in line at an on-sale.
 */
const FEW_PLACES = 20

/** Deciding and telling of a large booking is work for everybody's processors, however soon it is done. */
const COUNTS_AT_LEAST_MS = 1_000

/** A request whose outcome was not heard of, for it was lost or its line is paused, is counted for so long. */
const FORGET_AFTER_MS = 30_000

const TOO_MANY = {
  detail: `More than ${MAX_UNDECIDED_PLACES} places of your large bookings wait to be decided.`,
  retryAfterSeconds: 1,
}

interface Waiting {
  readonly places: number
  readonly sinceMs: number
  isDecided: boolean
}

interface Seller {
  places: number
  readonly waiting: Set<Waiting>
}

export class UndecidedPlaces {
  readonly #max: number
  readonly #now: () => number
  readonly #sellers = new Map<string, Seller>()

  /** Starts without entries. `now` is a monotonic clock, ms. */
  constructor(now: () => number = () => performance.now(), max = MAX_UNDECIDED_PLACES) {
    this.#now = now
    this.#max = max
  }

  /** Returns the number of sellers with something that counts. */
  get size(): number {
    return this.#sellers.size
  }

  /**
   * Counts the places until their request is decided, or longer. A request alone is let in.
   *
   * @throws Problem `too_many_requests`
   */
  reserve(owner: string, places: number): Reservation {
    if (places <= FEW_PLACES) return UNCOUNTED
    this.#forget(owner)
    const seller = this.#sellers.get(owner) ?? { places: 0, waiting: new Set<Waiting>() }
    if (seller.places > 0 && seller.places + places > this.#max) throw new Problem('too_many_requests', TOO_MANY)
    const waiting = { places, sinceMs: this.#now(), isDecided: false }
    seller.places += places
    this.#sellers.set(owner, seller)
    seller.waiting.add(waiting)
    return {
      became: ({ state }) => {
        waiting.isDecided = state !== 'queued'
        this.#forget(owner)
      },
      failed: () => this.#release(owner, seller, waiting),
    }
  }

  #forget(owner: string): void {
    const seller = this.#sellers.get(owner)
    if (seller === undefined) return
    const now = this.#now()
    for (const waiting of seller.waiting) {
      const forMs = waiting.isDecided ? COUNTS_AT_LEAST_MS : FORGET_AFTER_MS
      if (now - waiting.sinceMs >= forMs) this.#release(owner, seller, waiting)
    }
  }

  #release(owner: string, seller: Seller, waiting: Waiting): void {
    if (!seller.waiting.delete(waiting)) return
    seller.places -= waiting.places
    if (seller.waiting.size === 0) this.#sellers.delete(owner)
  }
}
