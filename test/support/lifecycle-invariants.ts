import { listContradictions } from '@boxoffice/load-rig/ledger/check.ts'
import { PRODUCT_CHECKS } from '@boxoffice/load-rig/ledger/ledger-checks.ts'
import type { TestDatabase } from './database.ts'

/** Returns everything that contradicts the invariants in all tables of the database; empty if they hold. */
export function findViolations({ database }: TestDatabase): Promise<string[]> {
  return listContradictions(database.pool, PRODUCT_CHECKS)
}
