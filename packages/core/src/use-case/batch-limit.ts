/** The key of a line, a resource or a task. */
type Key = string | number

export interface BatchLimitOptions {
  /** The largest batch, in whatever its cost is counted in: rows, tickets, bytes. */
  readonly max: number
  /** Time that a lowered limit stays at first; ms. Doubled up to `MAX_HOLD_DOUBLINGS` times while raising it fails. */
  readonly holdMs?: number
  /** Number of lowered limits to keep. The one lowered longest ago is forgotten first. */
  readonly maxKeys?: number
}

interface Lowered {
  readonly limit: number
  readonly holdMs: number
  /** Earliest time to raise it; ms of the caller's clock. */
  readonly heldUntilMs: number
}

const HOLD_MS = 60_000
const MAX_HOLD_DOUBLINGS = 4
const MAX_KEYS = 1_000

/**
 * The size that batches may have, learned for each key from those that were too heavy. It has no clock: every `nowMs` is of
 * one monotonic clock, such as `performance.now()`.
 *
 * A batch that is too heavy halves the limit, and keeps it for a while; after that, each batch that nearly fills the limit
 * and is done doubles it. Where a raised limit proves too heavy, it is kept twice as long: a limit that is needed all the
 * time costs one failure in a quarter of an hour, and not one a minute.
 */
export class BatchLimit {
  readonly #max: number
  readonly #holdMs: number
  readonly #maxKeys: number
  readonly #lowered = new Map<Key, Lowered>()

  constructor({ max, holdMs = HOLD_MS, maxKeys = MAX_KEYS }: BatchLimitOptions) {
    this.#max = max
    this.#holdMs = holdMs
    this.#maxKeys = maxKeys
  }

  /** Returns how large the next batch may be; at least 1. */
  of(key: Key): number {
    return this.#lowered.get(key)?.limit ?? this.#max
  }

  /** Returns how many limits are below the largest. */
  get lowered(): number {
    return this.#lowered.size
  }

  /** Lowers the limit to half of a batch that was too heavy, and returns it. */
  onTooHeavy(key: Key, size: number, nowMs: number): number {
    const known = this.#lowered.get(key)
    const limit = Math.max(1, Math.min(this.of(key), Math.floor(size / 2)))
    const wasRaised = known !== undefined && nowMs >= known.heldUntilMs
    const holdMs = wasRaised
      ? Math.min(known.holdMs * 2, this.#holdMs * 2 ** MAX_HOLD_DOUBLINGS)
      : (known?.holdMs ?? this.#holdMs)
    this.#remember(key, { limit, holdMs, heldUntilMs: nowMs + holdMs })
    return limit
  }

  /** Raises a limit that has been kept long enough, where the batch was more than half as large as it may be. */
  onDone(key: Key, size: number, nowMs: number): void {
    const known = this.#lowered.get(key)
    if (known === undefined || nowMs < known.heldUntilMs || size <= known.limit / 2) return
    const limit = known.limit * 2
    if (limit < this.#max) this.#lowered.set(key, { ...known, limit })
    else this.#lowered.delete(key)
  }

  /** Lets the limit rise from now on: what was too heavy was found alone, and the others are not to pay for it. */
  release(key: Key, nowMs: number): void {
    const known = this.#lowered.get(key)
    if (known !== undefined) this.#lowered.set(key, { ...known, holdMs: this.#holdMs, heldUntilMs: nowMs })
  }

  #remember(key: Key, lowered: Lowered): void {
    this.#lowered.delete(key)
    this.#lowered.set(key, lowered)
    for (const oldest of this.#lowered.keys()) {
      if (this.#lowered.size <= this.#maxKeys) return
      this.#lowered.delete(oldest)
    }
  }
}
