/**
 * Keeps: an endpoint gets what is published after it was made; its secret is in no record. There are never more than
 * `MAX_WEBHOOK_ENDPOINTS` of an organizer, nor of the service itself: they are counted by a statement of its own after the
 * lock, so that it sees what whoever had the lock before has made. Deleting needs no lock, for it only makes room.
 * Locks: the idempotency key (tried for, never waited for) → the organizer, or an advisory lock for those of nobody.
 * Whoever waits for that holds nothing that anybody waits for; it comes before the counters of events.
 */
import type { Database } from '../db/connect.ts'
import { and, count, eq, isNull } from '../db/drizzle.ts'
import { lockWebhookOwner } from './queries/lock-webhook-owner.ts'
import { webhookEndpoints } from '../db/schema/index.ts'
import { inTransaction, type Transaction } from '../db/transaction.ts'
import { MAX_WEBHOOK_ENDPOINTS } from '../domain/webhook-endpoint.ts'
import { type New, withDefaults } from '../fields/field.ts'
import { WEBHOOK_ENDPOINT } from '../fields/webhook-endpoint.ts'
import { SECRET_BYTES, secretOf } from './signing.ts'
import type { Cause } from '../records/cause.ts'
import { type KeyedRequest, type Made, makeOnce } from '../use-case/idempotency.ts'
import { newId } from '../runtime/new-id.ts'
import { randomBytes } from '../runtime/random-bytes.ts'
import { notFound, Problem } from '../use-case/problem.ts'
import { publicTerms, recordEndpoint } from './endpoint-record.ts'

/** The url is as `parseDestination` allowed it. */
export interface CreateEndpoint extends Cause, New<typeof WEBHOOK_ENDPOINT> {
  /** `null`: the events of every organizer. */
  readonly organizerId: string | null
  readonly keyed: KeyedRequest | null
}

/**
 * Registers an endpoint.
 *
 * @throws Problem `not_found` for the organizer, `too_many_endpoints`, `idempotency_key_reused`
 */
export function createEndpoint(database: Database, input: CreateEndpoint): Promise<Made> {
  const { organizerId } = input
  return inTransaction(database, (tx) =>
    makeOnce(tx, input.keyed, async () => {
      if (!(await lockWebhookOwner(tx, organizerId))) throw notFound('organizer')
      await requireRoom(tx, organizerId)
      const id = newId()
      const terms = withDefaults(WEBHOOK_ENDPOINT, input)
      await tx.orm
        .insert(webhookEndpoints)
        .values({ id, organizerId, secret: secretOf(randomBytes(SECRET_BYTES)), ...terms })
      const after = { status: 'active', ...publicTerms(terms) } as const
      await recordEndpoint(tx, input, { id, organizerId }, { type: 'webhook_endpoint.created', before: null, after })
      return id
    }),
  )
}

async function requireRoom(tx: Transaction, organizerId: string | null): Promise<void> {
  const { organizerId: owner, deletedAt } = webhookEndpoints
  const isOwn = organizerId === null ? isNull(owner) : eq(owner, organizerId)
  const [found] = await tx.orm
    .select({ endpoints: count() })
    .from(webhookEndpoints)
    .where(and(isOwn, isNull(deletedAt)))
  if ((found?.endpoints ?? 0) < MAX_WEBHOOK_ENDPOINTS) return
  throw new Problem('too_many_endpoints', {
    detail: `There are ${MAX_WEBHOOK_ENDPOINTS} webhook endpoints already; delete one that is no longer used.`,
    facts: { limit: MAX_WEBHOOK_ENDPOINTS },
  })
}
