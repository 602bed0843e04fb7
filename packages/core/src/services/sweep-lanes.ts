import { findWaitingLanes } from '../db/queries/find-waiting-lanes.ts'
import { drainLane, type DrainDependencies } from './drain-lane.ts'

/** A request is left to its own job this long before the sweep looks after it. */
const SWEEP_AFTER_MS = 1_000

/**
 * Drains every lane in the table whose oldest request waits too long, with no job needed: what makes losing Redis, a
 * job or a worker harmless. Lanes that somebody is deciding are left to them.
 *
 * The tempting wrong way is to wait for the lanes of one sweep before the next one: a long line would keep all others
 * waiting. Each lane is drained by itself, and a sweep passes over those that are still being drained.
 */
export class LaneSweeper {
  readonly #dependencies: DrainDependencies
  readonly #draining = new Map<number, Promise<number>>()

  constructor(dependencies: DrainDependencies) {
    this.#dependencies = dependencies
  }

  /** Starts draining the lanes that wait. Returns the number of requests decided by each, once it is done. */
  async sweep(): Promise<readonly Promise<number>[]> {
    const waiting = await findWaitingLanes(this.#dependencies.database.pool, SWEEP_AFTER_MS)
    return waiting.filter((lane) => !this.#draining.has(lane)).map((lane) => this.#drain(lane))
  }

  /** Waits for every lane that is being drained. */
  async settle(): Promise<void> {
    await Promise.all(this.#draining.values())
  }

  /** One lane's failure keeps nobody else waiting; the next sweep tries again. */
  #drain(lane: number): Promise<number> {
    const { logger, observer } = this.#dependencies
    const draining = drainLane(this.#dependencies, lane, 'ifFree')
      .then(({ decided }) => {
        if (decided > 0) {
          observer?.onSwept(decided)
          logger.info({ lane, decided }, 'lane swept')
        }
        return decided
      })
      .catch((error: unknown) => {
        logger.error({ err: error, lane }, 'lane could not be swept')
        return 0
      })
      .finally(() => this.#draining.delete(lane))
    this.#draining.set(lane, draining)
    return draining
  }
}
