import {
  CATALOGUE_CONNECTIONS,
  DECIDING_CONNECTIONS,
  INTAKE_CONNECTIONS,
  PROBE_CONNECTIONS,
  REPORTS_CONNECTIONS,
} from '../db/pools.ts'
import type { ConnectionsOf } from '../domain/connection-budget.ts'
import { queueConnections, SIGNAL_CONNECTIONS } from '../queue/postgres-connections.ts'
import type { Settings } from '../settings/settings.ts'

/** The settings that decide how many connections a process opens. */
export type PoolSettings = Pick<Settings, 'DATABASE_POOL' | 'QUEUE_URL' | 'LANES'>

/** Counts what all pools of a process, and its queue where that is on PostgreSQL, may open with these settings. */
export function connectionsOf({ DATABASE_POOL, QUEUE_URL, LANES }: PoolSettings): ConnectionsOf {
  const queue = QUEUE_URL === undefined ? queueConnections(LANES) + SIGNAL_CONNECTIONS : 0
  const organizers = REPORTS_CONNECTIONS + CATALOGUE_CONNECTIONS
  return {
    // One pool of DATABASE_POOL reads, another one serves the life of bookings.
    api: INTAKE_CONNECTIONS + 2 * DATABASE_POOL + organizers + PROBE_CONNECTIONS + queue,
    worker: DECIDING_CONNECTIONS + DATABASE_POOL + PROBE_CONNECTIONS + queue,
  }
}
