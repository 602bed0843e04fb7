import { checkConnections } from '@boxoffice/core/operations/check-connections.ts'
import { checkDatabase } from '@boxoffice/core/db/check-database.ts'
import type { Database } from '@boxoffice/core/db/connect.ts'
import {
  openCataloguePool,
  openGeneralPool,
  openIntakePool,
  openLifecyclePool,
  openProbePool,
  openReportsPool,
} from '@boxoffice/core/db/pools.ts'
import type { Logger } from '@boxoffice/core/runtime/logger.ts'
import type { Settings } from '@boxoffice/core/settings/settings.ts'

/** The database connections of the API, one pool for each use. */
export interface ApiPools {
  /** Puts booking requests into the line. */
  readonly intake: Database
  /** For reads that customers and gates wait for. */
  readonly general: Database
  /** For the life of bookings after their decision. */
  readonly lifecycle: Database
  /** For the lists that organizers read. */
  readonly reports: Database
  /** For changes of the catalogue and of what else organizers set up. */
  readonly catalogue: Database
  /** For probes alone. */
  readonly probe: Database
}

/** Opens the pools. Throws `StartupError` if the database does not answer or is not migrated. */
export async function openPools(
  parts: AsyncDisposableStack,
  url: string,
  settings: Settings,
  logger: Logger,
): Promise<ApiPools> {
  const pools = {
    intake: openIntakePool(url, logger),
    general: openGeneralPool(url, settings.DATABASE_POOL, logger),
    lifecycle: openLifecyclePool(url, settings.DATABASE_POOL, logger),
    reports: openReportsPool(url, logger),
    catalogue: openCataloguePool(url, logger),
    probe: openProbePool(url, logger),
  }
  parts.defer(async () => {
    await Promise.all(Object.values(pools).map((pool) => pool.close()))
  })
  await checkDatabase(pools.general)
  await checkConnections('api', pools.general, settings, logger)
  return pools
}
