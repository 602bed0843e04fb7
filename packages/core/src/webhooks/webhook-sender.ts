/**
 * Sending webhooks.
 *
 * Keeps: an event waits for those of its entity before it, at each endpoint for itself. An endpoint that is slow or does
 * not answer takes no other one's place: it has few in hand, one once it failed or was slow, and all such endpoints
 * together have half of the places.
 * Locks: deliveries (SKIP LOCKED), in autocommit statements; to settle one, its endpoint first where that begins or
 * ceases to fail.
 */
import { Sender } from '../sending/sender.ts'
import { deliver, type DeliveryDependencies } from './deliver.ts'
import { type ClaimedDelivery, claimDeliveries } from './queries/claim-webhook-deliveries.ts'
import { failLeftOverDeliveries } from './queries/fail-webhook-deliveries.ts'
import { parkDeliveries } from './queries/park-webhook-deliveries.ts'

const LOOK_EVERY_MS = 250

const MAX_IN_HAND = 32
const MAX_IN_HAND_EACH = 4
const MAX_OF_SUSPECTS = MAX_IN_HAND / 2

/** Time to answer above which an endpoint has one delivery in hand at a time. */
const SLOW_MS = 2_000

/** Three times as long as an attempt may take. */
const LEASE_MS = 30_000

const MAX_GIVEN_UP = 500

/** Most looks in a row if all that was due has to wait for something else. */
const MAX_LOOKS = 10

export interface WebhookSenderOptions extends DeliveryDependencies {
  /** Lease of a delivery; ms. */
  readonly leaseMs?: number
}

export type WebhookSender = Sender<ClaimedDelivery>

/** Returns a sender that has yet to be started. */
export function openWebhookSender(options: WebhookSenderOptions): WebhookSender {
  const { database, logger, leaseMs = LEASE_MS } = options
  const { pool } = database
  const inHand = new Set<ClaimedDelivery>()
  /** Endpoints whose last answer was late or none. */
  const suspects = new Set<string>()
  return new Sender({
    what: 'webhooks',
    logger,
    atOnce: MAX_IN_HAND,
    lookEveryMs: LOOK_EVERY_MS,
    claim: async function* (room) {
      await failLeftOverDeliveries(pool, MAX_GIVEN_UP)
      let left = room
      // Endpoints that are well, then suspects.
      for (const only of [false, true]) {
        if (only && suspects.size === 0) return
        const endpointsInHand = [...inHand].map(({ endpointId }) => endpointId)
        const ofSuspects = endpointsInHand.filter((id) => suspects.has(id)).length
        const free = only ? Math.min(left, MAX_OF_SUSPECTS - ofSuspects) : left
        const roomEach = only ? 1 : MAX_IN_HAND_EACH
        const terms = { room: free, roomEach, inHand: endpointsInHand, endpointIds: [...suspects], only, leaseMs }
        for (let looks = 0; free > 0 && looks < MAX_LOOKS; looks++) {
          const { claimed, blocked } = await claimDeliveries(pool, terms)
          yield claimed
          left -= claimed.length
          await parkDeliveries(pool, blocked)
          if (claimed.length > 0 || blocked.length === 0) break
        }
      }
    },
    send: async (delivery, stopping) => {
      inHand.add(delivery)
      try {
        const { isTaken, durationMs } = await deliver(options, delivery, stopping)
        if (isTaken && durationMs < SLOW_MS) suspects.delete(delivery.endpointId)
        else suspects.add(delivery.endpointId)
      } finally {
        inHand.delete(delivery)
      }
    },
  })
}
