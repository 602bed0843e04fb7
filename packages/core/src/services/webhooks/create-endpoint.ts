/**
 * Keeps: an endpoint gets what is published after it was made; its secret is in no record.
 * Locks: the idempotency key.
 */
import type { Database } from '../../db/connect.ts'
import { webhookEndpoints } from '../../db/schema/index.ts'
import { inTransaction } from '../../db/transaction.ts'
import { SECRET_BYTES, secretOf } from '../../webhooks/signing.ts'
import { requireOrganizer } from '../catalogue/ownership.ts'
import type { CreatedBy } from '../catalogue/record-changes.ts'
import { type KeyedRequest, type Made, makeOnce } from '../idempotency.ts'
import { newId } from '../new-id.ts'
import { randomBytes } from '../random-bytes.ts'
import { publicTerms, recordEndpoint } from './endpoint-record.ts'

export interface CreateEndpoint extends CreatedBy {
  /** `null`: the events of every organizer. */
  readonly organizerId: string | null
  /** As `parseDestination` allowed it. */
  readonly url: string
  readonly description: string
  /** None takes all. */
  readonly eventTypes: readonly string[]
  readonly keyed: KeyedRequest | null
}

/** @throws NotFoundError for the organizer, IdempotencyKeyReusedError */
export function createEndpoint(database: Database, input: CreateEndpoint): Promise<Made> {
  const { organizerId, url, description } = input
  return inTransaction(database, (tx) =>
    makeOnce(tx, input.keyed, async () => {
      if (organizerId !== null) await requireOrganizer(tx, organizerId)
      const id = newId()
      const terms = { url, description, eventTypes: [...input.eventTypes] }
      await tx.orm
        .insert(webhookEndpoints)
        .values({ id, organizerId, secret: secretOf(randomBytes(SECRET_BYTES)), ...terms })
      const after = { status: 'active', ...publicTerms(terms) }
      await recordEndpoint(tx, input, { id, organizerId }, { what: 'created', before: null, after })
      return id
    }),
  )
}
