import { type Database, openDatabase } from '@boxoffice/core/db/connect.ts'
import type { Logger } from '@boxoffice/core/runtime/logger.ts'
import type { Settings } from '@boxoffice/core/settings/settings.ts'

/**
 * Opens a baseline's pool, with the same plans as the product's hot path. Its lock waits are long: that is its queue.
 */
export function openBaselinePool(settings: Pick<Settings, 'DATABASE_URL'>, max: number, logger: Logger): Database {
  return openDatabase({
    url: settings.DATABASE_URL ?? '',
    name: 'bench-baseline',
    max,
    logger,
    statementTimeoutMs: 30_000,
    lockTimeoutMs: 30_000,
    idleInTransactionTimeoutMs: 30_000,
    indexPlansOnly: true,
  })
}
