/**
 * Sending again. A replay is a delivery of its own under the event's id, so that a receiver knows what it has had.
 *
 * Keeps: the order of an entity's events among what is on its way: those after the replayed one wait for it.
 * Locks: the endpoint → the idempotency key.
 */
import type { Database } from '../db/connect.ts'
import { type EarlierDelivery, findDeliveryToReplay, findFailedDeliveries } from './queries/find-failed-deliveries.ts'
import { insertDeliveries } from '../outbox/queries/insert-notices.ts'
import { inTransaction, type Transaction } from '../db/transaction.ts'
import { type KeyedRequest, type Made, makeOnce } from '../use-case/idempotency.ts'
import { newId } from '../runtime/new-id.ts'
import { isProblem, notFound } from '../use-case/problem.ts'
import { type EndpointCall, lockEndpoint, recordEndpoint } from './endpoint-record.ts'
import { requireActive } from './require-active.ts'

/** Who failed longer has more than one transaction should write: the call is repeated. */
const MAX_REPLAYED = 5_000

/** What was tried and given up since then, the oldest first, at most `MAX_REPLAYED`; returns the endpoint's id. */
export function replayFailed(
  database: Database,
  input: EndpointCall & { readonly since: Date; readonly keyed: KeyedRequest | null },
): Promise<Made> {
  return inTransaction(database, async (tx) => {
    const found = await lockEndpoint(tx, input)
    return makeOnce(tx, input.keyed, async () => {
      requireActive(found)
      const failed = await findFailedDeliveries(tx, found.id, input.since, MAX_REPLAYED)
      await replay(tx, failed)
      const after = { since: input.since.toISOString(), deliveries: failed.length }
      await recordEndpoint(tx, input, found, { what: 'replayed', before: null, after, told: false })
      return found.id
    })
  })
}

/**
 * Whatever became of the delivery; `id` is its id, and what is returned the new one's.
 *
 * @throws Problem `not_found`, `invalid_transition` for a disabled endpoint, `idempotency_key_reused`
 */
export function replayDelivery(
  database: Database,
  input: EndpointCall & { readonly keyed: KeyedRequest | null },
): Promise<Made> {
  return inTransaction(database, async (tx) => {
    const earlier = await findDeliveryToReplay(tx, input.id)
    if (earlier === null) throw notFound('webhook delivery')
    const found = await lockOwn(tx, earlier.endpointId, input.organizerId)
    return makeOnce(tx, input.keyed, async () => {
      requireActive(found)
      const [id] = await replay(tx, [earlier])
      if (id === undefined) throw new Error('nothing was replayed')
      const after = { deliveryId: id, replayOf: earlier.id }
      await recordEndpoint(tx, input, found, { what: 'replayed', before: null, after, told: false })
      return id
    })
  })
}

/** Of another organizer's endpoint the delivery does not exist. */
async function lockOwn(tx: Transaction, id: string, organizerId: string | null) {
  try {
    return await lockEndpoint(tx, { id, organizerId })
  } catch (error) {
    throw isProblem(error, 'not_found') ? notFound('webhook delivery') : error
  }
}

async function replay(tx: Transaction, earlier: readonly EarlierDelivery[]): Promise<string[]> {
  const again = earlier.map((delivery) => ({ ...delivery, id: newId(), replayOf: delivery.id }))
  await insertDeliveries(tx, again)
  return again.map(({ id }) => id)
}
