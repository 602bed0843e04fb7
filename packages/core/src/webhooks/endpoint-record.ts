import { and, eq, isNull } from '../db/drizzle.ts'
import { webhookEndpoints } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { type CreatedBy, recordChanges } from '../records/record-changes.ts'
import { notFound } from '../use-case/problem.ts'

/** Which endpoint, and who asks. */
export interface EndpointCall extends CreatedBy {
  readonly id: string
  /** Whose it must be; `null`, for admins, is anybody's. */
  readonly organizerId: string | null
}

export type Endpoint = typeof webhookEndpoints.$inferSelect

/** @throws Problem `not_found`, also for a deleted one and another organizer's */
export async function lockEndpoint(
  tx: Transaction,
  { id, organizerId }: Pick<EndpointCall, 'id' | 'organizerId'>,
): Promise<Endpoint> {
  const [found] = await tx.orm
    .select()
    .from(webhookEndpoints)
    .where(
      and(
        eq(webhookEndpoints.id, id),
        isNull(webhookEndpoints.deletedAt),
        organizerId === null ? undefined : eq(webhookEndpoints.organizerId, organizerId),
      ),
    )
    .for('no key update')
  if (found === undefined) throw notFound('webhook endpoint')
  return found
}

export interface EndpointChange {
  readonly what: string
  readonly before: unknown
  readonly after: unknown
  /** `false` for what changes nothing about the endpoint. */
  readonly told?: boolean
}

/** Audit row and outgoing event of an endpoint; of one of the service itself only the audit row. */
export function recordEndpoint(
  tx: Transaction,
  by: CreatedBy,
  { id, organizerId }: Pick<Endpoint, 'id' | 'organizerId'>,
  change: EndpointChange,
): Promise<void> {
  return recordChanges(tx, by, [{ organizerId, entity: 'webhook_endpoint', entityId: id, ...change }])
}

/** What may be told of an endpoint's settings: paths and queries of such URLs often hold a secret. */
export function publicTerms({ url, description, eventTypes }: Pick<Endpoint, 'url' | 'description' | 'eventTypes'>) {
  return { origin: new URL(url).origin, description, eventTypes }
}
