import { connectionsOf, type PoolSettings } from './connections-of.ts'
import { connectionBudget, type ProcessKind } from '../domain/connection-budget.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Database } from '../db/connect.ts'
import { connectionName } from '../db/process-tag.ts'
import { readConnections } from './queries/read-connections.ts'

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
    const each = connectionsOf(settings)
    const server = await readConnections(pool)
    const budget = connectionBudget({ kind, name: connectionName('') }, each, server)
    const { verdict, ...figures } = budget
    const facts = { ...figures, each }
    if (verdict === 'too few') {
      logger.error(facts, 'PostgreSQL has too few connections for all processes: raise its max_connections')
    } else if (verdict === 'tight') {
      logger.warn(facts, 'PostgreSQL has hardly more connections than all processes may take')
    }
  } catch (error) {
    logger.warn({ err: error }, 'could not see whether PostgreSQL has connections enough')
  }
}
