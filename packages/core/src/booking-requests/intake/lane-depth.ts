import type pg from 'pg'
import { readLaneDepths } from '../queries/read-lane-depths.ts'
import { Problem } from '../../use-case/problem.ts'

/** A lane that was full, or being drained, is looked at again after this long. */
const LOOK_AGAIN_MS = 250

/** Whoever drains a lane means it for longer than a full one needs to get shorter. */
const DRAINING_RETRY_AFTER_S = 5
/** Whoever is called at night should see that it was done on purpose. */
const DRAINING = 'Nothing was accepted: the lane is being drained by those who run the service.'

/**
 * Backpressure: how many requests wait in each lane, as far as this process knows from its own writes and from signals.
 * Looks at the database only when a lane seems full, so that the usual request pays nothing.
 */
export class LaneDepths {
  readonly #pool: pg.Pool
  readonly #maxDepth: number
  readonly #lanes = new Map<number, { last: number; watermark: number }>()
  readonly #draining = new Set<number>()
  #lookedAt = Number.NEGATIVE_INFINITY
  #looking: Promise<void> | null = null

  constructor(pool: pg.Pool, maxDepth: number) {
    this.#pool = pool
    this.#maxDepth = maxDepth
  }

  /** Notes that a `seq` was given out or decided. */
  note(lane: number, { last = 0, watermark = 0 }: { readonly last?: number; readonly watermark?: number }): void {
    const known = this.#lanes.get(lane)
    if (known === undefined) this.#lanes.set(lane, { last, watermark })
    else {
      known.last = Math.max(known.last, last)
      known.watermark = Math.max(known.watermark, watermark)
    }
  }

  /** Throws Problem `overloaded` with an honest `Retry-After` while the lane is full. */
  async check(lane: number): Promise<void> {
    if (this.#depth(lane) < this.#maxDepth) return
    if (performance.now() - this.#lookedAt > LOOK_AGAIN_MS) await this.#lookOnce()
    if (this.#depth(lane) >= this.#maxDepth) throw new Problem('overloaded', { retryAfterSeconds: 2 })
  }

  /**
   * For a request that intake did not take: throws Problem `overloaded` where that is because the lane is being drained.
   * Intake asks in the statement that would have inserted it, so that nobody has to ask before.
   */
  async checkDraining(lane: number): Promise<void> {
    const known = this.#draining.has(lane) && performance.now() - this.#lookedAt <= LOOK_AGAIN_MS
    if (!known) await this.#lookOnce()
    if (this.#draining.has(lane))
      throw new Problem('overloaded', { detail: DRAINING, retryAfterSeconds: DRAINING_RETRY_AFTER_S })
  }

  #lookOnce(): Promise<void> {
    return (this.#looking ??= this.#look())
  }

  #depth(lane: number): number {
    const known = this.#lanes.get(lane)
    return known === undefined ? 0 : known.last - known.watermark
  }

  async #look(): Promise<void> {
    try {
      for (const { lane, watermark, next, draining } of await readLaneDepths(this.#pool)) {
        this.note(lane, { last: next - 1, watermark })
        if (draining) this.#draining.add(lane)
        else this.#draining.delete(lane)
      }
      this.#lookedAt = performance.now()
    } finally {
      this.#looking = null
    }
  }
}
