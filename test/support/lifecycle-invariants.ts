import { listContradictions } from '@boxoffice/load-rig/ledger/check.ts'
import { PRODUCT_CHECKS } from '@boxoffice/load-rig/ledger/ledger-checks.ts'
import type { TestDatabase } from './database.ts'

/** What contradicts the invariants in all the tables of the database; empty where they hold. */
export function findViolations({ database }: TestDatabase): Promise<string[]> {
  return listContradictions(database.pool, PRODUCT_CHECKS)
}
