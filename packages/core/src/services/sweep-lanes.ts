import { findWaitingLanes } from '../db/queries/find-waiting-lanes.ts'
import { drainLane, type DrainDependencies } from './drain-lane.ts'

/** A request is left to its own job this long before the sweep looks after it. */
const SWEEP_AFTER_MS = 1_000

/**
 * Drains every lane in the table whose oldest request waits too long, with no job needed: what makes losing Redis, a
 * job or a worker harmless. Lanes that somebody is deciding are left to them. One lane's failure does not keep the
 * others waiting. Returns the number of requests decided.
 */
export async function sweepLanes(dependencies: DrainDependencies): Promise<number> {
  const waiting = await findWaitingLanes(dependencies.database.pool, SWEEP_AFTER_MS)
  const results = await Promise.allSettled(waiting.map((lane) => drainLane(dependencies, lane, 'ifFree')))
  let decided = 0
  for (const [index, result] of results.entries()) {
    if (result.status === 'fulfilled') decided += result.value.decided
    else dependencies.logger.error({ err: result.reason, lane: waiting[index] }, 'lane could not be swept')
  }
  if (decided > 0) dependencies.logger.info({ decided, lanes: waiting.length }, 'swept')
  return decided
}
