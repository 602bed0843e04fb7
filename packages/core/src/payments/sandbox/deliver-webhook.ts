import type { Database } from '../../db/connect.ts'
import type { Logger } from '../../runtime/logger.ts'
import type { ClaimedDelivery } from './queries/claim-deliveries.ts'
import { markDelivered } from './queries/mark-delivered.ts'
import { postponeDelivery } from './queries/postpone-delivery.ts'
import { SIGNATURE_HEADER, signWebhook } from './signature.ts'

export interface DeliveryDependencies {
  readonly database: Database
  /** Returns the address of the webhooks; called each time. */
  readonly webhookUrl: () => string
  readonly webhookSecret: string
  readonly logger: Logger
}

const ANSWER_WITHIN_MS = 5_000
const MAX_ATTEMPTS = 12
const FIRST_WAIT_MS = 1_000
const MAX_WAIT_MS = 60_000

/** Returns the wait before the attempt after this one: 1 s, 2 s, 4 s … 60 s. */
const waitAfter = (attempts: number) => Math.min(FIRST_WAIT_MS * 2 ** (attempts - 1), MAX_WAIT_MS)

/** Sends a claimed webhook, with no transaction open meanwhile, and writes down how it went. */
export async function deliverWebhook(
  dependencies: DeliveryDependencies,
  delivery: ClaimedDelivery,
  stopping: AbortSignal,
): Promise<void> {
  const { database, logger } = dependencies
  const { id, eventId, attempts } = delivery
  const failure = await post(dependencies, delivery.body, stopping)
  if (failure === null) {
    await markDelivered(database.pool, id)
    return
  }
  if (attempts >= MAX_ATTEMPTS) {
    await postponeDelivery(database.pool, delivery, null)
    logger.error({ eventId, attempts, failure }, 'sandbox webhook given up')
    return
  }
  await postponeDelivery(database.pool, delivery, waitAfter(attempts))
  logger.info({ eventId, attempts, failure }, 'sandbox webhook not taken, it is sent again')
}

/** Answers what went wrong, `null` for nothing. */
async function post(
  { webhookUrl, webhookSecret }: DeliveryDependencies,
  body: string,
  stopping: AbortSignal,
): Promise<string | null> {
  try {
    const response = await fetch(webhookUrl(), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        // Signed when it is sent: a signature of the first attempt would be too old for the last one.
        [SIGNATURE_HEADER]: signWebhook(body, webhookSecret, Date.now()),
      },
      body,
      redirect: 'manual',
      signal: AbortSignal.any([stopping, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
    })
    await response.body?.cancel()
    return response.ok ? null : `answered ${response.status}`
  } catch (error) {
    return reasonOf(error)
  }
}

/** Returns the reason of a failure: `fetch` says "fetch failed", and why in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}
