import type pg from 'pg'
import { readLaneDepths } from '../../db/queries/read-lane-depths.ts'
import { OverloadedError } from '../errors.ts'

/** A lane that was full is looked at again after this long. */
const LOOK_AGAIN_MS = 250

/**
 * Backpressure: how many requests wait in each lane, as far as this process knows from its own writes and from signals.
 * Looks at the database only when a lane seems full, so that the usual request pays nothing.
 */
export class LaneDepths {
  readonly #pool: pg.Pool
  readonly #maxDepth: number
  readonly #lanes = new Map<number, { last: number; watermark: number }>()
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

  /** Throws `OverloadedError` with an honest `Retry-After` while the lane is full. */
  async check(lane: number): Promise<void> {
    if (this.#depth(lane) < this.#maxDepth) return
    if (performance.now() - this.#lookedAt > LOOK_AGAIN_MS) {
      await (this.#looking ??= this.#look())
    }
    if (this.#depth(lane) >= this.#maxDepth) throw new OverloadedError(2)
  }

  #depth(lane: number): number {
    const known = this.#lanes.get(lane)
    return known === undefined ? 0 : known.last - known.watermark
  }

  async #look(): Promise<void> {
    try {
      for (const { lane, watermark, next } of await readLaneDepths(this.#pool)) {
        this.note(lane, { last: next - 1, watermark })
      }
      this.#lookedAt = performance.now()
    } finally {
      this.#looking = null
    }
  }
}
