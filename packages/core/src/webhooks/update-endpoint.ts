/**
 * Keeps: what waits for an endpoint that is disabled is given up by the next look (`WebhookCourier`), and is sent again
 * by a replay.
 * Locks: the endpoint → its deliveries that nobody has tried yet.
 */
import type { Database } from '../db/connect.ts'
import { eq, sql } from '../db/drizzle.ts'
import { callDeliveries } from './queries/call-webhook-deliveries.ts'
import { differences } from '../records/differences.ts'
import { type Changes, fieldsOf } from '../fields/field.ts'
import { WEBHOOK_ENDPOINT } from '../fields/webhook-endpoint.ts'
import { webhookEndpoints } from '../db/schema/index.ts'
import { inTransaction } from '../db/transaction.ts'
import { type EndpointCall, lockEndpoint, publicTerms, recordEndpoint } from './endpoint-record.ts'

/** The url is as `parseDestination` allowed it. */
export interface UpdateEndpoint extends EndpointCall, Changes<typeof WEBHOOK_ENDPOINT> {
  readonly status?: 'active' | 'disabled' | undefined
}

/** Changes what is given. Enabled again, or at another address, it has five days to take something. @throws Problem `not_found` */
export async function updateEndpoint(database: Database, input: UpdateEndpoint): Promise<void> {
  await inTransaction(database, async (tx) => {
    const found = await lockEndpoint(tx, input)
    const changed = differences(fieldsOf(WEBHOOK_ENDPOINT, found), input)
    const status = input.status ?? found.status
    if (status === found.status && changed === null) return
    const standing = {
      ...(changed?.after.url !== undefined && { failingSince: null }),
      ...(status !== found.status && STANDINGS[status]),
    }
    await tx.orm
      .update(webhookEndpoints)
      .set({ ...changed?.after, ...standing, updatedAt: sql`clock_timestamp()` })
      .where(eq(webhookEndpoints.id, found.id))
    // Deliveries that waited behind one that was given up meanwhile: nobody else would call them.
    if (status === 'active' && found.status !== 'active') await callDeliveries(tx, found.id)
    const before = { status: found.status, ...publicTerms(found) }
    await recordEndpoint(tx, input, found, {
      type: 'webhook_endpoint.updated',
      before,
      after: { status, ...publicTerms({ ...found, ...changed?.after }) },
    })
  })
}

const STANDINGS = {
  active: { status: 'active', disabledReason: null, failingSince: null },
  disabled: { status: 'disabled', disabledReason: 'manual' },
} as const
