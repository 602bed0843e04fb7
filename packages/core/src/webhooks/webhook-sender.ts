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

/** Whoever takes longer to answer has one in hand at a time. */
const SLOW_MS = 2_000

/** Three times as long as an attempt may take. */
const LEASE_MS = 30_000

const MAX_GIVEN_UP = 500

/** How often in a row it is looked again where all that was due has to wait for something else. */
const MAX_LOOKS = 10

export interface WebhookSenderOptions extends DeliveryDependencies {
  /** How long a delivery is this process's; ms. */
  readonly leaseMs?: number
}

export type WebhookSender = Sender<ClaimedDelivery>

/** Returns a sender that has yet to be started. */
export function openWebhookSender(options: WebhookSenderOptions): WebhookSender {
  const endpoints = new EndpointsInHand()
  return new Sender({
    what: 'webhooks',
    logger: options.logger,
    atOnce: MAX_IN_HAND,
    lookEveryMs: LOOK_EVERY_MS,
    claim: (room) => claimDue(options, endpoints, room),
    send: async (delivery, stopping) => {
      const { endpointId } = delivery
      endpoints.count(endpointId, 1)
      try {
        const { isTaken, durationMs } = await deliver(options, delivery, stopping)
        if (isTaken && durationMs < SLOW_MS) endpoints.suspects.delete(endpointId)
        else endpoints.suspects.add(endpointId)
      } finally {
        endpoints.count(endpointId, -1)
      }
    },
  })
}

/** Claims deliveries to endpoints that are well, then to suspects. */
async function* claimDue(
  { database: { pool }, leaseMs = LEASE_MS }: WebhookSenderOptions,
  endpoints: EndpointsInHand,
  room: number,
): AsyncGenerator<readonly ClaimedDelivery[]> {
  await failLeftOverDeliveries(pool, MAX_GIVEN_UP)
  let left = room
  for (const only of [false, true]) {
    if (only && endpoints.suspects.size === 0) return
    const free = only ? Math.min(left, MAX_OF_SUSPECTS - endpoints.inHandOfSuspects) : left
    const { inHand, suspects } = endpoints
    const roomEach = only ? 1 : MAX_IN_HAND_EACH
    const terms = { room: free, roomEach, inHand, endpointIds: [...suspects], only, leaseMs }
    for (let looks = 0; free > 0 && looks < MAX_LOOKS; looks++) {
      const { claimed, blocked } = await claimDeliveries(pool, terms)
      yield claimed
      left -= claimed.length
      await parkDeliveries(pool, blocked)
      if (claimed.length > 0 || blocked.length === 0) break
    }
  }
}

/** The endpoints that this process sends to at the moment. */
class EndpointsInHand {
  /** Deliveries under way, by endpoint. */
  readonly inHand = new Map<string, number>()
  /** Endpoints whose last answer was late or none. */
  readonly suspects = new Set<string>()

  get inHandOfSuspects(): number {
    return [...this.suspects].reduce((sum, id) => sum + (this.inHand.get(id) ?? 0), 0)
  }

  count(endpointId: string, by: 1 | -1): void {
    const count = (this.inHand.get(endpointId) ?? 0) + by
    if (count === 0) this.inHand.delete(endpointId)
    else this.inHand.set(endpointId, count)
  }
}
