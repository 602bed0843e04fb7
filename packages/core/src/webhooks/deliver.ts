import type { Database } from '../db/connect.ts'
import type { ClaimedDelivery } from './queries/claim-webhook-deliveries.ts'
import { returnDelivery } from './queries/return-webhook-delivery.ts'
import { type SettledAttempt, settleDelivery } from './queries/settle-webhook-delivery.ts'
import { FAILING_FOR_MS, MAX_ATTEMPTS, waitAfterAttempt } from './retry.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Posted, WebhookPoster } from './poster.ts'
import { signaturesOf } from './signing.ts'
import { newId } from '../runtime/new-id.ts'
import { disableEndpoint } from './disable-endpoint.ts'
import { webhookBody } from './webhook-body.ts'

/** The receiver wants nothing more (Standard Webhooks 1.0.0). */
const GONE = 410

const NOT_KEPT: Posted = { statusCode: null, error: 'The event is no longer kept.', response: null, durationMs: 0 }

/**
 * Result of a delivery whose outcome could not be recorded, or that took its process down: only the attempts were
 * counted.
 */
const NEVER_SETTLED: Posted = { ...NOT_KEPT, error: 'Every attempt ended without a result.' }

export interface DeliveryDependencies {
  readonly database: Database
  readonly poster: Pick<WebhookPoster, 'post'>
  readonly logger: Logger
}

export interface Delivered {
  readonly isTaken: boolean
  readonly durationMs: number
}

/** Sends a claimed delivery, with no transaction open meanwhile, and writes down how it went. */
export async function deliver(
  { database, poster, logger }: DeliveryDependencies,
  delivery: ClaimedDelivery,
  stopping: AbortSignal,
): Promise<Delivered> {
  const { id: deliveryId, endpointId, attempts } = delivery
  const body = webhookBody(delivery)
  const posted = await post(poster, delivery, body, stopping)
  const { statusCode, error, durationMs } = posted
  if (statusCode === null && stopping.aborted) {
    await returnDelivery(database.pool, delivery)
    return { isTaken: true, durationMs: 0 }
  }
  const isLost = body === null || statusCode === GONE
  const settled: SettledAttempt = {
    attemptId: newId(),
    deliveryId,
    attempts,
    ...(error === null ? { status: 'delivered', waitMs: null } : failed(isLost ? null : attempts)),
    ...posted,
  }
  const failing = await settleDelivery(database.pool, settled, FAILING_FOR_MS)
  const endpoint = { id: endpointId, url: delivery.url }
  if (statusCode === GONE) await disableEndpoint(database, endpoint, 'gone')
  else if (failing === 'too long') await disableEndpoint(database, endpoint, 'failing')
  const what = 'a webhook endpoint does not take what it is sent'
  // Once, not each time: it is somebody else's failure, and told in the delivery's log.
  if (failing === 'begins') logger.warn({ deliveryId, endpointId, error }, what)
  if (settled.status === 'failed') logger.warn({ deliveryId, endpointId, attempts, error }, 'webhook given up')
  return { isTaken: error === null, durationMs }
}

function post(
  poster: Pick<WebhookPoster, 'post'>,
  delivery: ClaimedDelivery,
  body: string | null,
  stopping: AbortSignal,
): Promise<Posted> | Posted {
  if (body === null) return NOT_KEPT
  if (delivery.attempts > MAX_ATTEMPTS) return NEVER_SETTLED
  return poster.post(postingOf(delivery, body), stopping)
}

function failed(attempts: number | null): Pick<SettledAttempt, 'status' | 'waitMs'> {
  const waitMs = attempts === null ? null : waitAfterAttempt(attempts, Math.random())
  return waitMs === null ? { status: 'failed', waitMs } : { status: 'pending', waitMs }
}

/**
 * Returns the request to send. It is signed now: a signature of the first attempt would be too old for the last one.
 */
function postingOf({ url, secrets, eventId: id }: ClaimedDelivery, body: string) {
  const timestamp = Math.floor(Date.now() / 1_000)
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signaturesOf(secrets, { id, timestamp, body }),
  }
  return { url, headers, body }
}
