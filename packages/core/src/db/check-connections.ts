import { connectionBudget, type ConnectionsOf, type ProcessKind } from '../domain/connection-budget.ts'
import type { Logger } from '../logger.ts'
import type { Settings } from '../settings.ts'
import type { Database } from './connect.ts'
import { connectionName } from './process-tag.ts'
import { readConnections } from './queries/read-connections.ts'

/** As the pools have them. */
const INTAKE = 8
const DECIDING = 8
/** Of queues in PostgreSQL: what a process has beside one connection for each lane, and one that hears signals. */
const QUEUE = 6
const SIGNALS = 1

type PoolSettings = Pick<Settings, 'DATABASE_POOL' | 'QUEUE_URL' | 'LANES'>

/** Returns how many connections a process may take of PostgreSQL. */
export function connectionsOfProcesses({ DATABASE_POOL, QUEUE_URL, LANES }: PoolSettings): ConnectionsOf {
  const queue = QUEUE_URL === undefined ? LANES + QUEUE : 0
  return {
    api: INTAKE + 2 * DATABASE_POOL + queue + (QUEUE_URL === undefined ? SIGNALS : 0),
    worker: DECIDING + DATABASE_POOL + queue,
  }
}

/**
 * Logs where PostgreSQL has fewer connections than this process and the others that are connected may take together. It
 * is seen at the start then, and not at an on-sale, when all take what they may. Never throws.
 */
export async function checkConnections(
  kind: ProcessKind,
  { pool }: Pick<Database, 'pool'>,
  settings: PoolSettings,
  logger: Logger,
): Promise<void> {
  try {
    const connectionsOf = connectionsOfProcesses(settings)
    const server = await readConnections(pool)
    const budget = connectionBudget({ kind, name: connectionName('') }, connectionsOf, server)
    const { verdict, ...figures } = budget
    const facts = { ...figures, each: connectionsOf }
    if (verdict === 'too few') {
      logger.error(facts, 'PostgreSQL has too few connections for all processes: raise its max_connections')
    } else if (verdict === 'tight') {
      logger.warn(facts, 'PostgreSQL has hardly more connections than all processes may take')
    }
  } catch (error) {
    logger.warn({ err: error }, 'could not see whether PostgreSQL has connections enough')
  }
}
