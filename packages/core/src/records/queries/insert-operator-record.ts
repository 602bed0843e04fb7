import { sql } from '../../db/drizzle.ts'
import { audit } from '../../db/schema/index.ts'
import type { Transaction } from '../../db/transaction.ts'

/** Writes an audit row that belongs to no organizer: what those who run the service did. */
export async function insertOperatorRecord(
  tx: Transaction,
  record: Omit<typeof audit.$inferInsert, 'at' | 'organizerId'>,
): Promise<void> {
  await tx.orm.insert(audit).values({ ...record, at: sql`clock_timestamp()`, organizerId: null })
}
