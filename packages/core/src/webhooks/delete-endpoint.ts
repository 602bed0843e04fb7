/**
 * Keeps: the row, which deliveries refer to; nobody sees it any more.
 * Locks: the endpoint.
 */
import type { Database } from '../db/connect.ts'
import { eq, sql } from '../db/drizzle.ts'
import { webhookEndpoints } from '../db/schema/index.ts'
import { inTransaction } from '../db/transaction.ts'
import { type EndpointCall, lockEndpoint, publicTerms, recordEndpoint } from './endpoint-record.ts'

/** @throws Problem `not_found` */
export async function deleteEndpoint(database: Database, input: EndpointCall): Promise<void> {
  await inTransaction(database, async (tx) => {
    const found = await lockEndpoint(tx, input)
    await tx.orm
      .update(webhookEndpoints)
      .set({ deletedAt: sql`clock_timestamp()`, previousSecret: null, previousSecretExpiresAt: null })
      .where(eq(webhookEndpoints.id, found.id))
    await recordEndpoint(tx, input, found, { what: 'deleted', before: publicTerms(found), after: null })
  })
}
