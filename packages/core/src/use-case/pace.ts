import type { BatchLimit } from './batch-limit.ts'
import { isTooHeavy, isTransient } from '../db/sql-errors.ts'

/**
 * The next step after a batch has failed: take `smaller` ones from the same place, set the one that it had aside because it
 * failed `alone`, or come back `later`, for it is nobody's fault.
 */
export type AfterFailure = 'smaller' | 'alone' | 'later'

/** A batch that is too heavy costs all the time that it may take before it fails: what is behind waits for few of those. */
const HEAVY_STEP = 8

/**
 * Sizes of the batches of one run. A batch that fails is halved until what fails is alone, and divided further if it
 * was too heavy. Once all of it is passed, each successful batch doubles the next one. What was too heavy lowers the
 * limit of the next runs as well.
 */
export class Pace {
  readonly #limits: BatchLimit
  readonly #key: string
  readonly #maxRows: number
  readonly #clock: () => number
  #rows: number
  /** Among so many of the next rows is the one that failed. */
  #suspects = 0

  /**
   * Starts at the largest batch that is allowed.
   *
   * @param limits what a batch may cost, learned from run to run.
   */
  constructor(limits: BatchLimit, key: string, maxRows: number, clock: () => number = () => performance.now()) {
    this.#limits = limits
    this.#key = key
    this.#maxRows = maxRows
    this.#clock = clock
    this.#rows = maxRows
  }

  /** Returns the largest number of rows of the next batch. */
  get rows(): number {
    return this.#rows
  }

  /** Returns the largest cost of the next batch. One that consists of a single row may cost more. */
  get cost(): number {
    return this.#limits.of(this.#key)
  }

  /** Returns how many of these, from the first one on, the next batch may have; at least one of them. */
  fit(costs: readonly number[]): number {
    let left = this.cost
    let rows = 0
    for (const cost of costs) {
      left -= cost
      if (rows === this.#rows || (left < 0 && rows > 0)) break
      rows += 1
    }
    return rows
  }

  onDone(rows: number, cost: number): void {
    this.#limits.onDone(this.#key, cost, this.#clock())
    this.#suspects = Math.max(0, this.#suspects - rows)
    if (this.#suspects === 0) this.#rows = Math.min(this.#maxRows, this.#rows * 2)
  }

  onFailed(error: unknown, rows: number, cost: number): AfterFailure {
    const heavy = isTooHeavy(error)
    if (!heavy && isTransient(error)) return 'later'
    if (heavy) this.#limits.onTooHeavy(this.#key, cost, this.#clock())
    if (rows > 1) {
      this.#suspects = rows
      this.#rows = Math.max(1, Math.floor(rows / (heavy ? HEAVY_STEP : 2)))
      return 'smaller'
    }
    this.#limits.release(this.#key, this.#clock())
    this.#suspects = 0
    this.#rows = 1
    return 'alone'
  }
}
