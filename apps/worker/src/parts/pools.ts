import { checkConnections } from '@boxoffice/core/operations/check-connections.ts'
import { checkDatabase } from '@boxoffice/core/db/check-database.ts'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { openDecidingPool, openLifecyclePool, openProbePool } from '@boxoffice/core/db/pools.ts'
import type { Logger } from '@boxoffice/core/runtime/logger.ts'
import type { Settings } from '@boxoffice/core/settings/settings.ts'

/** The database connections of a worker, one pool for each use. */
export interface WorkerPools {
  readonly deciding: Database
  /** For the life of bookings after their decision, and for all periodic work. */
  readonly lifecycle: Database
  /** For probes alone. */
  readonly probe: Database
}

/** Opens the pools. Throws `StartupError` if the database does not answer or is not migrated. */
export async function openPools(
  parts: AsyncDisposableStack,
  url: string,
  settings: Settings,
  logger: Logger,
): Promise<WorkerPools> {
  const pools = {
    deciding: openDecidingPool(url, logger),
    lifecycle: openLifecyclePool(url, settings.DATABASE_POOL, logger),
    probe: openProbePool(url, logger),
  }
  parts.defer(async () => {
    await Promise.all(Object.values(pools).map((pool) => pool.close()))
  })
  await checkDatabase(pools.deciding)
  await checkConnections('worker', pools.deciding, settings, logger)
  return pools
}
