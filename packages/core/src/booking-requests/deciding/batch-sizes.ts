/**
 * Sizes of batches, as this process has learned them, and which lines are decided alone.
 *
 * Keeps: I10 (no request keeps its line from going on), I11 (nor anybody else's). When a batch of several lines fails, each
 * of them is decided alone once. A line that is too heavy alone gets smaller batches, and stays alone, for a while; a request
 * that fails alone again and again is refused.
 *
 * The tempting wrong way is to count every failure: a database that is down would then have a request refused in each
 * line. Only a failure after the requests were read counts, and only one that their size can be at fault for.
 */
import { LAST_TRY_TIMEOUT_MS } from '../../db/pools.ts'
import { BatchLimit } from '../../use-case/batch-limit.ts'

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
 * A line stands still while its batches are too heavy, so they become four times smaller at once: five failures lead from
 * 500 requests to one.
 */
const SHRINK_BEFORE_HALVING = 2

/** Lines and requests that are kept in mind for having failed. The oldest is forgotten first. */
const MAX_REMEMBERED = 1_000

/** The batches of several lines. */
const TOGETHER = 'together'

interface FailedAlone {
  readonly requestId: string
  readonly failures: number
}

/** A request's turn when it is alone in its batch. */
export type Turn = 'usual' | 'last' | 'over'

/** Place where a line is decided: with others, alone because it was in a batch that failed, or alone because it fails itself. */
export type Company = 'others' | 'suspect' | 'stubborn'

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
  readonly #suspects = new Set<string>()
  /** Failures by line: only the request at its head can be tried alone. */
  readonly #alone = new Map<string, FailedAlone>()

  constructor({ maxPlaces = MAX_BATCH_PLACES, lastTryTimeoutMs = LAST_TRY_TIMEOUT_MS }: BatchSizesOptions = {}) {
    this.maxPlaces = maxPlaces
    this.lastTryTimeoutMs = lastTryTimeoutMs
  }

  /** Returns how many requests the next batch of these lines may have. */
  of(lines: readonly string[]): number {
    return this.#limit.of(keyOf(lines))
  }

  /** Returns how many requests the next batch of several lines may have. */
  get together(): number {
    return this.#limit.of(TOGETHER)
  }

  companyOf(line: string): Company {
    if (this.#limit.of(line) < MAX_BATCH) return 'stubborn'
    return this.#suspects.has(line) ? 'suspect' : 'others'
  }

  /** Has a line decided alone once. */
  suspect(line: string): void {
    this.#suspects.add(line)
    trim(this.#suspects)
  }

  /** Returns which try this is for a request that is alone in its batch; `over` once the last one has failed. */
  turnOf(requests: readonly { readonly id: string; readonly resourceId: string }[]): Turn {
    const [first] = requests
    const known = first === undefined ? undefined : this.#alone.get(first.resourceId)
    if (requests.length > 1 || known === undefined || known.requestId !== first?.id) return 'usual'
    if (known.failures < TRIES_ALONE - 1) return 'usual'
    return known.failures < TRIES_ALONE ? 'last' : 'over'
  }

  /** Notes that the batch of these requests was too heavy. */
  onTooHeavy(lines: readonly string[], requestIds: readonly string[]): void {
    const [line] = lines
    const [request] = requestIds
    if (lines.length === 1 && line !== undefined && requestIds.length === 1 && request !== undefined) {
      const known = this.#alone.get(line)
      const failures = known?.requestId === request ? known.failures + 1 : 1
      this.#alone.delete(line)
      this.#alone.set(line, { requestId: request, failures })
      trim(this.#alone)
    }
    this.#limit.onTooHeavy(keyOf(lines), requestIds.length / SHRINK_BEFORE_HALVING, performance.now())
  }

  /** Notes that a batch of so many requests was committed. */
  onDone(lines: readonly string[], requests: number): void {
    const [line] = lines
    if (lines.length === 1 && line !== undefined) {
      this.#suspects.delete(line)
      this.#alone.delete(line)
    }
    this.#limit.onDone(keyOf(lines), requests, performance.now())
  }
}

const keyOf = (lines: readonly string[]): string => (lines.length === 1 ? (lines[0] ?? TOGETHER) : TOGETHER)

function trim(remembered: Set<string> | Map<string, unknown>): void {
  for (const oldest of remembered.keys()) {
    if (remembered.size <= MAX_REMEMBERED) return
    remembered.delete(oldest)
  }
}
