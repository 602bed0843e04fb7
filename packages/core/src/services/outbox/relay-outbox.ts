/**
 * Delivering outgoing events: each at least once, those of one booking in their order.
 *
 * An event is marked after it was delivered, so a crash in between delivers it again: receivers go by its id. The tempting
 * wrong way is to mark it first, which loses it instead.
 */
import type { Database } from '../../db/connect.ts'
import { claimEvents, markDelivered, type OutgoingEvent, retryEvent } from '../../db/queries/claim-events.ts'
import type { Logger } from '../../logger.ts'

/** Longer than a delivery may take. */
const LEASE_MS = 30_000
const MAX_IN_HAND = 32
const FIRST_RETRY_MS = 1_000
const MAX_RETRY_MS = 300_000

export interface RelayDependencies {
  readonly database: Database
  readonly logger: Logger
  /** Resolves once the receiver has the event, within a bounded time; rejects otherwise. */
  readonly deliver: (event: OutgoingEvent) => Promise<void>
}

export interface Relayed {
  readonly delivered: number
  /** Of the last ones in hand none could be delivered. */
  readonly receiverIsAway: boolean
}

/** Delivers what is due until nothing is, or the receiver is away. */
export async function relayOutbox(deps: RelayDependencies, stopping?: AbortSignal): Promise<Relayed> {
  let delivered = 0
  while (stopping?.aborted !== true) {
    const events = await claimEvents(deps.database.pool, MAX_IN_HAND, LEASE_MS)
    if (events.length === 0) break
    const results = await Promise.all(events.map((event) => relay(deps, event)))
    const count = results.filter(Boolean).length
    delivered += count
    // The receiver is away: it is left alone for a while, instead of being told so once for every event.
    if (count === 0) return { delivered, receiverIsAway: true }
  }
  return { delivered, receiverIsAway: false }
}

async function relay({ database, logger, deliver }: RelayDependencies, event: OutgoingEvent): Promise<boolean> {
  try {
    await deliver(event)
  } catch (error) {
    const waitMs = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(event.attempts - 1, 20))
    logger.warn(
      { err: error, event: event.id, type: event.type, attempts: event.attempts, waitMs },
      'event not delivered',
    )
    // Some jitter, so that what failed together does not come back together.
    await retryEvent(database.pool, event, waitMs * (0.75 + Math.random() / 2))
    return false
  }
  await markDelivered(database.pool, event)
  return true
}
