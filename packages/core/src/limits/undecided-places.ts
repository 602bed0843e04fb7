/**
 * How many places one caller may have waiting in line, in one API process.
 *
 * Keeps: I11. A lane is decided in order, so whoever fills it makes its neighbours wait. Customers are bounded by what they
 * may hold; those who sell to others are not, and one of them could ask for hundreds of thousands of tickets in a second.
 *
 * The tempting wrong way is to bound the lane: then the neighbours would be turned away too.
 */
import type { Signal } from '../queue/payloads.ts'

/** Two batches of places: some tenths of a second for whoever comes next. */
const MAX_UNDECIDED_PLACES = 20_000

/** A request whose outcome was not heard of, for its signal was lost or its lane is paused, is counted for so long. */
const FORGET_AFTER_MS = 30_000

/** The caller has too many places waiting; nothing was accepted. */
export class TooManyUndecidedError extends Error {
  override readonly name = 'TooManyUndecidedError'
  readonly retryAfterSeconds = 1
  constructor() {
    super(`More than ${MAX_UNDECIDED_PLACES} places that you have asked for wait to be decided.`)
  }
}

interface Waiting {
  readonly owner: string
  readonly places: number
  readonly seq: number
  readonly sinceMs: number
}

/** Where a request was put. */
interface Place {
  readonly lane: number
  readonly seq: number
}

export interface UndecidedReservation {
  /** Notes where the request waits. */
  accepted(place: Place): void
  /** Notes that it was not accepted. */
  failed(): void
}

export class UndecidedPlaces {
  readonly #max: number
  readonly #now: () => number
  readonly #byOwner = new Map<string, number>()
  /** By lane, in about the order of `seq`. */
  readonly #byLane = new Map<number, Set<Waiting>>()

  /** `now`: monotonic clock, ms. */
  constructor(now: () => number = () => performance.now(), max = MAX_UNDECIDED_PLACES) {
    this.#now = now
    this.#max = max
  }

  /** Number of callers with something in line. */
  get size(): number {
    return this.#byOwner.size
  }

  /** Counts the places for the caller. A request alone is always let in. Throws `TooManyUndecidedError`. */
  reserve(owner: string, places: number): UndecidedReservation {
    const waiting = this.#byOwner.get(owner) ?? 0
    if (waiting > 0 && waiting + places > this.#max && this.#afterForgetting(owner) + places > this.#max) {
      throw new TooManyUndecidedError()
    }
    this.#add(owner, places)
    return {
      accepted: ({ lane, seq }) => {
        let inLane = this.#byLane.get(lane)
        if (inLane === undefined) this.#byLane.set(lane, (inLane = new Set()))
        inLane.add({ owner, places, seq, sinceMs: this.#now() })
      },
      failed: () => this.#add(owner, -places),
    }
  }

  /** Everything in the lane up to its watermark is decided. */
  onSignal({ lane }: Pick<Signal, 'lane'>): void {
    if (lane === undefined) return
    this.#release(lane.id, ({ seq }) => seq <= lane.watermark)
  }

  #afterForgetting(owner: string): number {
    const overdue = this.#now() - FORGET_AFTER_MS
    for (const lane of this.#byLane.keys()) this.#release(lane, ({ sinceMs }) => sinceMs <= overdue)
    return this.#byOwner.get(owner) ?? 0
  }

  /** Both orders are about the same, so that the first one that stays ends the search. */
  #release(lane: number, isOver: (waiting: Waiting) => boolean): void {
    const inLane = this.#byLane.get(lane)
    if (inLane === undefined) return
    for (const waiting of inLane) {
      if (!isOver(waiting)) break
      inLane.delete(waiting)
      this.#add(waiting.owner, -waiting.places)
    }
  }

  #add(owner: string, places: number): void {
    const sum = (this.#byOwner.get(owner) ?? 0) + places
    if (sum > 0) this.#byOwner.set(owner, sum)
    else this.#byOwner.delete(owner)
  }
}
