import type { House } from './house.ts'

/** Free seats of a house. They change, and a finder reads them. */
export interface FreeSeats {
  /** Index of each seat's category if the seat is free, else the number of categories. */
  readonly free: Uint16Array
  /** Number of free seats of each run. */
  readonly freeInRun: Int32Array
  /** Number of changes in each run so far, from 1 on. */
  readonly changes: Int32Array
}

/** A window that is looked for. */
export interface WindowSearch {
  /** Seats of the window. */
  readonly quantity: number
  /** Table of the categories that its seats may have. */
  readonly usable: Uint8Array
  /** Table of the categories that are sold, with all those that are usable: only their seats can stand alone. */
  readonly sold: Uint8Array
  /** `true` if it does not matter whether a seat stands alone. */
  readonly keepsSingles: boolean
}

/** Free seats in one run, each the neighbour of the next. */
export interface Window {
  /** Index of the first seat. */
  readonly start: number
  /** `true` if a seat beside it would stand alone. */
  readonly leavesSingle: boolean
}

/** Stands for the first seat of a window if there is no window. */
const NONE = -1

/**
 * Finds the best window of a search again and again, while seats are taken and released. It remembers the best windows of
 * each run, and walks through a run only if it has changed: a search among many costs as much as the runs of the last
 * change have seats. The first one walks through the house once, at worst. A finder takes 12 bytes per run.
 */
export class WindowFinder {
  readonly #house: House
  readonly #seats: FreeSeats
  readonly #search: WindowSearch
  /** First seat of each run's best window among those that leave no single seat. */
  readonly #best: Int32Array
  /** First seat of each run's best window among those that do. */
  readonly #leaving: Int32Array
  /** Number of changes in each run when it was walked through, 0 before. */
  readonly #changes: Int32Array

  constructor(house: House, seats: FreeSeats, search: WindowSearch) {
    const runs = house.runCosts.length
    this.#house = house
    this.#seats = seats
    this.#search = search
    this.#best = new Int32Array(runs)
    this.#leaving = new Int32Array(runs)
    this.#changes = new Int32Array(runs)
  }

  /** Returns whether this finder is for an equal search. */
  isFor({ quantity, usable, sold, keepsSingles }: WindowSearch): boolean {
    const own = this.#search
    if (own.quantity !== quantity || own.keepsSingles !== keepsSingles) return false
    return isSameTable(own.usable, usable) && isSameTable(own.sold, sold)
  }

  /**
   * Returns the best window, or `null` if there is none. Windows that leave a single seat come after all those that leave
   * none; then the one with the lower cost is better, then the one that comes first in the layout.
   *
   * It looks at runs from the one with the best seat on, and stops at the first one whose windows must all be worse than
   * the best one so far.
   */
  find(): Window | null {
    const { runsByCost, runCosts } = this.#house
    const { quantity } = this.#search
    let best = NONE
    let leaving = NONE
    for (const run of runsByCost) {
      if ((runCosts[run] ?? 0) * quantity > this.#costOf(best)) break
      if ((this.#seats.freeInRun[run] ?? 0) < quantity) continue
      if (this.#changes[run] !== this.#seats.changes[run]) this.#walkThrough(run)
      best = this.#better(best, this.#best[run] ?? NONE)
      if (best === NONE) leaving = this.#better(leaving, this.#leaving[run] ?? NONE)
    }
    if (best !== NONE) return { start: best, leavesSingle: false }
    return leaving === NONE ? null : { start: leaving, leavesSingle: true }
  }

  /** Looks at each stretch of free seats in a run, of categories that are sold, and at each window in it. */
  #walkThrough(run: number): void {
    const { runStarts } = this.#house
    const { free, changes } = this.#seats
    const { quantity, sold } = this.#search
    this.#changes[run] = changes[run] ?? 0
    this.#best[run] = NONE
    this.#leaving[run] = NONE
    const end = runStarts[run + 1] ?? 0
    let start = runStarts[run] ?? 0
    for (let seat = start; seat <= end; seat += 1) {
      if (seat < end && sold[free[seat] ?? 0] === 1) continue
      if (seat - start >= quantity) this.#searchStretch(run, start, seat)
      start = seat + 1
    }
  }

  /** Looks at each window from seat `start` to `end`, without `end`. Beside them is no free seat. */
  #searchStretch(run: number, start: number, end: number): void {
    const { costsBefore } = this.#house
    const { free } = this.#seats
    const { quantity, usable, keepsSingles } = this.#search
    let best = NONE
    let leastCost = Number.POSITIVE_INFINITY
    let first = start
    for (let last = start; last < end; last += 1) {
      if (usable[free[last] ?? 0] === 0) first = last + 1
      const from = last - quantity + 1
      if (from < first) continue
      if (!keepsSingles && (from - start === 1 || end - last === 2)) {
        this.#leaving[run] = this.#better(this.#leaving[run] ?? NONE, from)
        continue
      }
      const cost = (costsBefore[last + 1] ?? 0) - (costsBefore[from] ?? 0)
      if (cost >= leastCost) continue
      best = from
      leastCost = cost
    }
    this.#best[run] = this.#better(this.#best[run] ?? NONE, best)
  }

  #better(one: number, other: number): number {
    if (other === NONE) return one
    if (one === NONE) return other
    const difference = this.#costOf(one) - this.#costOf(other)
    if (difference === 0) return Math.min(one, other)
    return difference < 0 ? one : other
  }

  #costOf(start: number): number {
    if (start === NONE) return Number.POSITIVE_INFINITY
    const { costsBefore } = this.#house
    return (costsBefore[start + this.#search.quantity] ?? 0) - (costsBefore[start] ?? 0)
  }
}

function isSameTable(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index])
}
