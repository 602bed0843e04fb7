import { createHmac } from 'node:crypto'
import type { OutgoingEvent } from '../../db/queries/claim-events.ts'

const TIMEOUT_MS = 10_000
/**
 * Posts events to one address, signed as Standard Webhooks 1.0.0 asks: HMAC-SHA256 over `id.timestamp.body`. Resolves for
 * any 2xx answer within ten seconds, and rejects otherwise. Redirects are not followed.
 */
export function eventPoster(url: string, key: Buffer): (event: OutgoingEvent) => Promise<void> {
  return async (event) => {
    const body = JSON.stringify({
      type: event.type,
      timestamp: event.at.toISOString(),
      organizerId: event.organizerId,
      entityId: event.entityId,
      seq: event.entitySeq,
      data: event.payload,
    })
    const timestamp = Math.floor(Date.now() / 1_000)
    const signature = createHmac('sha256', key).update(`${event.id}.${timestamp}.${body}`).digest('base64')
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'webhook-id': event.id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': `v1,${signature}`,
      },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    await response.body?.cancel()
    if (!response.ok) throw new Error(`the receiver answered ${response.status}`)
  }
}
