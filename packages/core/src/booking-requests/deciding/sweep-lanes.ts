import { findWaitingLanes } from '../queries/find-waiting-lanes.ts'
import { decideWaiting, type DecideWaitingDependencies } from './decide-waiting.ts'

/** A request is left to its own job this long before the sweep looks after it; then again. */
const PATIENCE_MS = 1_000

/** The same while jobs do not come. */
const IMPATIENCE_MS = 100

/** Time that sweeping stays frequent after a sweep that was needed. */
const IMPATIENT_FOR_MS = 5_000

/**
 * Decides every lane in the table whose oldest request waits too long, with no job needed: what makes losing Redis, a
 * job or a worker harmless. Lanes that somebody is deciding are left to them.
 *
 * Once it was needed it looks sooner and more often, for the queue may be gone and each request would wait a second. A job
 * makes it patient again: then it is not the queue that lanes wait for.
 *
 * The tempting wrong way is to wait for the lanes of one sweep before the next one: a long line would keep all others
 * waiting. Each lane is decided by itself, and a sweep passes over those that are still being decided.
 */
export class LaneSweeper {
  readonly #dependencies: DecideWaitingDependencies
  readonly #deciding = new Map<number, Promise<number>>()
  /** Monotonic clock. */
  #jobAt = Number.NEGATIVE_INFINITY
  #impatientUntil = 0

  constructor(dependencies: DecideWaitingDependencies) {
    this.#dependencies = dependencies
  }

  /** Notes that a job has come, of whatever lane. */
  onJob(): void {
    this.#jobAt = performance.now()
    this.#impatientUntil = 0
  }

  /** Returns how long requests are left to their jobs for now, and sweeping may rest. */
  get patienceMs(): number {
    return performance.now() < this.#impatientUntil ? IMPATIENCE_MS : PATIENCE_MS
  }

  /** Starts deciding the lanes that wait. Returns the number of requests decided by each, once it is done. */
  async sweep(): Promise<readonly Promise<number>[]> {
    const waiting = await findWaitingLanes(this.#dependencies.database.pool, this.patienceMs)
    return waiting.filter((lane) => !this.#deciding.has(lane)).map((lane) => this.#decide(lane))
  }

  /** Waits for every lane that is being decided. */
  async settle(): Promise<void> {
    await Promise.all(this.#deciding.values())
  }

  /** Decides a lane. One lane's failure delays nobody else; the next sweep tries again. */
  #decide(lane: number): Promise<number> {
    const { logger, observer } = this.#dependencies
    const noJobCame = performance.now() - this.#jobAt > PATIENCE_MS
    // Once, and not ten times a second beside whatever else there is to read then.
    const level = performance.now() < this.#impatientUntil ? 'debug' : 'info'
    const deciding = decideWaiting(this.#dependencies, lane, 'ifFree')
      .then(({ decided }) => {
        if (decided > 0) {
          observer?.onSwept(decided)
          if (noJobCame) this.#impatientUntil = performance.now() + IMPATIENT_FOR_MS
          logger[level]({ lane, decided }, 'lane swept')
        }
        return decided
      })
      .catch((error: unknown) => {
        logger.error({ err: error, lane }, 'lane could not be swept')
        return 0
      })
      .finally(() => this.#deciding.delete(lane))
    this.#deciding.set(lane, deciding)
    return deciding
  }
}
