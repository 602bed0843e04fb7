import type { Database } from '../../db/connect.ts'
import { inTransaction } from '../../db/transaction.ts'
import { Sender } from '../../sending/sender.ts'
import { deliverWebhook, type DeliveryDependencies } from './deliver-webhook.ts'
import { type ClaimedDelivery, claimDeliveries } from './queries/claim-deliveries.ts'
import { completeDueCheckouts } from './queries/complete-due-checkouts.ts'
import { findSandboxWork } from './queries/find-work.ts'
import { insertDeliveries } from './queries/insert-deliveries.ts'
import { newEventId } from './sandbox-id.ts'
import { paymentWebhook } from './webhook-body.ts'

const LOOK_EVERY_MS = 250

const MAX_UNDER_WAY = 32
const MAX_COMPLETIONS = 100

/** Three times as long as an attempt may take. */
const LEASE_MS = 15_000

export interface SandboxSenderOptions extends DeliveryDependencies {
  /** Lease of a webhook; ms. */
  readonly leaseMs?: number
}

export type SandboxSender = Sender<ClaimedDelivery>

/**
 * Returns a sender of the sandbox's webhooks, which also completes the payments whose time of processing is over. To be
 * started once the receiver can be reached. Any number of processes may run one.
 */
export function openSandboxSender(options: SandboxSenderOptions): SandboxSender {
  const { database, logger, leaseMs = LEASE_MS } = options
  return new Sender({
    what: 'sandbox webhooks',
    logger,
    atOnce: MAX_UNDER_WAY,
    lookEveryMs: LOOK_EVERY_MS,
    claim: async function* (room) {
      const work = await findSandboxWork(database.pool)
      const completed = work.completions ? await completePayments(database) : 0
      if (room > 0 && (work.deliveries || completed > 0)) yield await claimDeliveries(database.pool, room, leaseMs)
    },
    send: (delivery, stopping) => deliverWebhook(options, delivery, stopping),
  })
}

/** Returns how many payments have completed. */
function completePayments(database: Database): Promise<number> {
  return inTransaction(database, async (tx) => {
    const checkouts = await completeDueCheckouts(tx, MAX_COMPLETIONS)
    const deliveries = checkouts.map((checkout) => {
      const eventId = newEventId()
      const captured = { amount: checkout.amount, currency: checkout.currency }
      return { eventId, body: paymentWebhook(eventId, checkout, { type: 'payment.completed', captured }), afterMs: 0 }
    })
    await insertDeliveries(tx, deliveries)
    return checkouts.length
  })
}
