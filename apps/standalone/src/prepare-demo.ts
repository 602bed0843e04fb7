import { openDatabase } from '@boxoffice/core/db/connect.ts'
import type { DemoCatalogue } from '@boxoffice/core/demo/demo-catalogue.ts'
import { seedDemo } from '@boxoffice/core/demo/seed.ts'
import type { Logger } from '@boxoffice/core/runtime/logger.ts'

const SEED_WITHIN_MS = 60_000

/** Puts the demo into a migrated database, or brings the one that is there up to date with today. */
export async function prepareDemo(url: string, lanes: number, logger: Logger): Promise<DemoCatalogue> {
  const database = openDatabase({
    url,
    name: 'boxoffice-demo',
    max: 1,
    logger,
    statementTimeoutMs: SEED_WITHIN_MS,
    lockTimeoutMs: SEED_WITHIN_MS,
    idleInTransactionTimeoutMs: SEED_WITHIN_MS,
  })
  try {
    return await seedDemo(database, new Date(), lanes)
  } finally {
    await database.close()
  }
}
