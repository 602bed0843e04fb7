import { listFindings } from '../../apps/load/src/verify/check.ts'
import { PRODUCT_CHECKS } from '../../apps/load/src/verify/checks/product.ts'
import type { TestDatabase } from './database.ts'

/** Returns everything that contradicts the invariants in all tables of the database; empty if they hold. */
export function findViolations({ database }: TestDatabase): Promise<string[]> {
  return listFindings(database.pool, PRODUCT_CHECKS)
}
