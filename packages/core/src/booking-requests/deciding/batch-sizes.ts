/**
 * Sizes of a lane's batches, as this process has learned them.
 *
 * Keeps: I10 (no request keeps its line from going on). A batch that ran into a time limit, out of memory or lost its
 * connection is made smaller, and stays so for a while; a request that fails alone again and again is refused.
 *
 * The tempting wrong way is to count every failure: a database that is down would then have a request refused in each
 * lane. Only a failure after the requests were read counts.
 */
import { BatchLimit } from '../../use-case/batch-limit.ts'
import { LAST_TRY_TIMEOUT_MS } from '../../db/pools.ts'

/** Requests decided in one transaction at the most. */
export const MAX_BATCH = 500

/**
 * Places decided in one transaction at the most. A ticket costs PostgreSQL 4 µs and a seat 19, so that this takes some
 * tenths of a second on two cores; what a batch costs must not depend on who asks for how much.
 */
const MAX_BATCH_PLACES = 10_000

/** A request alone in its batch is tried so often; the last time it gets longer. */
const TRIES_ALONE = 3

/**
 * A lane stands still while its batches are too heavy, so they become four times smaller at once: five failures lead from
 * 500 requests to one.
 */
const SHRINK_BEFORE_HALVING = 2

interface FailedAlone {
  readonly requestId: string
  readonly failures: number
}

/** A request's turn when it is alone in its batch. */
export type Turn = 'usual' | 'last' | 'over'

export interface BatchSizesOptions {
  /** `MAX_BATCH_PLACES` unless given. */
  readonly maxPlaces?: number
  /** `LAST_TRY_TIMEOUT_MS` unless given, which is also the most that the pool for deciding waits for. */
  readonly lastTryTimeoutMs?: number
}

export class BatchSizes {
  /** Places that a batch may have, unless it is of one request. */
  readonly maxPlaces: number
  /** Time limit of a statement in the last try of a request that is alone. */
  readonly lastTryTimeoutMs: number
  readonly #limit = new BatchLimit({ max: MAX_BATCH })
  /** Failures by lane: only the request at its head can be tried alone. */
  readonly #alone = new Map<number, FailedAlone>()

  constructor({ maxPlaces = MAX_BATCH_PLACES, lastTryTimeoutMs = LAST_TRY_TIMEOUT_MS }: BatchSizesOptions = {}) {
    this.maxPlaces = maxPlaces
    this.lastTryTimeoutMs = lastTryTimeoutMs
  }

  /** Returns how many requests the lane's next batch may have. */
  of(lane: number): number {
    return this.#limit.of(lane)
  }

  /** Returns which try this is for a request that is alone in its batch; `over` once the last one has failed. */
  turnOf(lane: number, requests: readonly { readonly id: string }[]): Turn {
    const [first] = requests
    const known = this.#alone.get(lane)
    if (requests.length > 1 || known === undefined || known.requestId !== first?.id) return 'usual'
    if (known.failures < TRIES_ALONE - 1) return 'usual'
    return known.failures < TRIES_ALONE ? 'last' : 'over'
  }

  /** Notes that the batch of these requests was too heavy. */
  onTooHeavy(lane: number, requestIds: readonly string[]): void {
    const [first] = requestIds
    if (first !== undefined && requestIds.length === 1) {
      const known = this.#alone.get(lane)
      const failures = known?.requestId === first ? known.failures + 1 : 1
      this.#alone.set(lane, { requestId: first, failures })
    }
    this.#limit.onTooHeavy(lane, requestIds.length / SHRINK_BEFORE_HALVING, performance.now())
  }

  /** Notes that a batch of so many requests was committed. */
  onDone(lane: number, requests: number): void {
    this.#alone.delete(lane)
    this.#limit.onDone(lane, requests, performance.now())
  }
}
