/**
 * Keeps: what waits for an endpoint that is disabled is given up by the next look (`WebhookCourier`), and is sent again
 * by a replay.
 * Locks: the endpoint → its deliveries that nobody has tried yet.
 */
import type { Database } from '../db/connect.ts'
import { eq, sql } from '../db/drizzle.ts'
import { callDeliveries } from './queries/call-webhook-deliveries.ts'
import { webhookEndpoints } from '../db/schema/index.ts'
import { inTransaction } from '../db/transaction.ts'
import { type EndpointCall, lockEndpoint, publicTerms, recordEndpoint } from './endpoint-record.ts'

export interface UpdateEndpoint extends EndpointCall {
  /** As `parseDestination` allowed it. */
  readonly url?: string | undefined
  readonly description?: string | undefined
  readonly eventTypes?: readonly string[] | undefined
  readonly status?: 'active' | 'disabled' | undefined
}

/** Changes what is given. Enabled again, or at another address, it has five days to take something. @throws Problem `not_found` */
export async function updateEndpoint(database: Database, input: UpdateEndpoint): Promise<void> {
  await inTransaction(database, async (tx) => {
    const found = await lockEndpoint(tx, input)
    const terms = {
      url: input.url ?? found.url,
      description: input.description ?? found.description,
      eventTypes: [...(input.eventTypes ?? found.eventTypes)],
    }
    const status = input.status ?? found.status
    const isSame = status === found.status && JSON.stringify(terms) === JSON.stringify(termsOf(found))
    if (isSame) return
    const standing = {
      ...(terms.url !== found.url && { failingSince: null }),
      ...(status !== found.status && STANDINGS[status]),
    }
    await tx.orm
      .update(webhookEndpoints)
      .set({ ...terms, ...standing, updatedAt: sql`clock_timestamp()` })
      .where(eq(webhookEndpoints.id, found.id))
    // Deliveries that waited behind one that was given up meanwhile: nobody else would call them.
    if (status === 'active' && found.status !== 'active') await callDeliveries(tx, found.id)
    const before = { status: found.status, ...publicTerms(found) }
    await recordEndpoint(tx, input, found, { what: 'updated', before, after: { status, ...publicTerms(terms) } })
  })
}

const STANDINGS = {
  active: { status: 'active', disabledReason: null, failingSince: null },
  disabled: { status: 'disabled', disabledReason: 'manual' },
} as const

const termsOf = ({ url, description, eventTypes }: { url: string; description: string; eventTypes: string[] }) => ({
  url,
  description,
  eventTypes,
})
