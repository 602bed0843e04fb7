/**
 * Locks: the endpoint → the idempotency key.
 */
import type { Database } from '../db/connect.ts'
import { insertDeliveries } from '../outbox/queries/insert-notices.ts'
import { inTransaction } from '../db/transaction.ts'
import { type KeyedRequest, type Made, makeOnce } from '../use-case/idempotency.ts'
import { newId } from '../runtime/new-id.ts'
import { type EndpointCall, lockEndpoint, recordEndpoint } from './endpoint-record.ts'
import { requireActive } from './require-active.ts'
import { TEST_EVENT } from './test-event.ts'

/**
 * Sends an event of its own to the endpoint, whatever types it takes; returns the delivery.
 *
 * @throws Problem `not_found`, `invalid_transition` for a disabled endpoint, `idempotency_key_reused`
 */
export function sendTest(
  database: Database,
  input: EndpointCall & { readonly keyed: KeyedRequest | null },
): Promise<Made> {
  return inTransaction(database, async (tx) => {
    const found = await lockEndpoint(tx, input)
    return makeOnce(tx, input.keyed, async () => {
      requireActive(found)
      const id = newId()
      const event = { eventId: id, eventAt: new Date(), eventType: TEST_EVENT, entityId: id, entitySeq: 1 }
      await insertDeliveries(tx, [{ id, endpointId: found.id, ...event }])
      const after = { deliveryId: id }
      await recordEndpoint(tx, input, found, { what: 'test_sent', before: null, after, told: false })
      return id
    })
  })
}
