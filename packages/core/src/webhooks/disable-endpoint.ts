/**
 * Locks: the endpoint.
 */
import type { Database } from '../db/connect.ts'
import { and, eq, sql } from '../db/drizzle.ts'
import { webhookEndpoints } from '../db/schema/index.ts'
import { inTransaction } from '../db/transaction.ts'
import { SYSTEM } from '../records/cause.ts'
import { recordEndpoint } from './endpoint-record.ts'

/** Disables an endpoint that is active and still has this address, because of how it answers. What waits for it is given up by the next look. */
export async function disableEndpoint(
  database: Database,
  { id, url }: { readonly id: string; readonly url: string },
  reason: 'gone' | 'failing',
): Promise<void> {
  await inTransaction(database, async (tx) => {
    const [disabled] = await tx.orm
      .update(webhookEndpoints)
      .set({ status: 'disabled', disabledReason: reason, updatedAt: sql`clock_timestamp()` })
      .where(and(eq(webhookEndpoints.id, id), eq(webhookEndpoints.url, url), eq(webhookEndpoints.status, 'active')))
      .returning({ id: webhookEndpoints.id, organizerId: webhookEndpoints.organizerId })
    if (disabled === undefined) return
    const after = { status: 'disabled', reason } as const
    await recordEndpoint(tx, SYSTEM, disabled, {
      type: 'webhook_endpoint.disabled',
      before: { status: 'active' },
      after,
    })
  })
}
