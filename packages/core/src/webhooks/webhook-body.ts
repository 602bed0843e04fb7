import type { ClaimedDelivery } from './queries/claim-webhook-deliveries.ts'
import type { FactsOf } from '../domain/outgoing-events/outgoing-events.ts'
import { TEST_EVENT } from './test-event.ts'

/** Returns the body to post; `null` if the event is no longer kept. */
export function webhookBody(delivery: ClaimedDelivery): string | null {
  const { event, eventType: type, entityId, entitySeq: seq } = delivery
  if (event !== null) {
    const { at, organizerId, payload } = event
    return JSON.stringify({ type, timestamp: at.toISOString(), organizerId, entityId, seq, data: payload })
  }
  if (type !== TEST_EVENT) return null
  const { createdAt, organizerId, endpointId } = delivery
  const data: FactsOf<typeof TEST_EVENT> = { endpointId }
  return JSON.stringify({ type, timestamp: createdAt.toISOString(), organizerId, entityId, seq, data })
}
