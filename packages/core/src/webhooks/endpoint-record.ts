import { and, eq, isNull } from '../db/drizzle.ts'
import { webhookEndpoints } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import type { Cause } from '../records/cause.ts'
import type { EndpointChange } from '../records/change.ts'
import { recordChanges } from '../records/record-changes.ts'
import { notFound } from '../use-case/problem.ts'

/** Call about an endpoint, and its cause. */
export interface EndpointCall extends Cause {
  readonly id: string
  /** Organizer that it must belong to; `null`, for admins, is any. */
  readonly organizerId: string | null
}

export type Endpoint = typeof webhookEndpoints.$inferSelect

/**
 * Locks an endpoint.
 *
 * @throws Problem `not_found`, also for a deleted one and another organizer's
 */
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

/** Records a change of an endpoint: audit row and outgoing event; of one of the service itself only the audit row. */
export function recordEndpoint(
  tx: Transaction,
  cause: Cause,
  { id, organizerId }: Pick<Endpoint, 'id' | 'organizerId'>,
  change: EndpointChange,
): Promise<void> {
  return recordChanges(tx, cause, [{ organizerId, entityId: id, ...change }])
}

/** Returns what may be published of an endpoint's settings: paths and queries of such URLs often hold a secret. */
export function publicTerms({ url, description, eventTypes }: Pick<Endpoint, 'url' | 'description' | 'eventTypes'>) {
  return { origin: new URL(url).origin, description, eventTypes }
}
