import { setTimeout as delay } from 'node:timers/promises'
import { inTransaction } from '../../db/transaction.ts'
import { deliverWebhook, type DeliveryDependencies } from './deliver-webhook.ts'
import { claimDeliveries } from './queries/claim-deliveries.ts'
import { completeDueCheckouts } from './queries/complete-due-checkouts.ts'
import { findSandboxWork } from './queries/find-work.ts'
import { insertDeliveries } from './queries/insert-deliveries.ts'
import { newEventId } from './sandbox-id.ts'
import { paymentWebhook } from './webhook-body.ts'

const LOOK_EVERY_MS = 250

/** While the database is away there is no point in asking, and complaining, more often. */
const LOOK_AGAIN_AFTER_FAILURE_MS = 1_000

const MAX_UNDER_WAY = 32
const MAX_COMPLETIONS = 100

/** Three times as long as an attempt may take. */
const LEASE_MS = 15_000

export interface SandboxCourierOptions extends DeliveryDependencies {
  /** How long a webhook is this process's to send; ms. */
  readonly leaseMs?: number
}

/**
 * Brings the sandbox's webhooks out, and completes the payments whose time of processing is over. Any number of
 * processes may run one.
 *
 * Keeps: a webhook that is due goes out, at least once, though the process that took it may die. The tempting wrong way
 * is to hold the row's lock while sending: a slow receiver would hold transactions open, and a frozen sender the row.
 */
export class SandboxCourier {
  readonly #options: SandboxCourierOptions
  readonly #stopping = new AbortController()
  readonly #underWay = new Set<Promise<void>>()
  #wake = new AbortController()
  #loop: Promise<void> | undefined

  constructor(options: SandboxCourierOptions) {
    this.#options = options
  }

  /** Begins to look for work. To be called once the receiver can be reached. */
  start(): void {
    this.#loop ??= this.#run()
  }

  /** Something is due now: looks at once, not at the next look. */
  nudge(): void {
    this.#wake.abort()
  }

  /** Ends what is under way, to be sent again by others, and waits until nothing uses the database any more. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    this.nudge()
    await this.#loop
    await Promise.all(this.#underWay)
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      // Before looking, so that a nudge during the look counts for the next one.
      this.#wake = new AbortController()
      let waitMs = LOOK_EVERY_MS
      try {
        await this.#look()
      } catch (error) {
        this.#options.logger.warn({ err: error }, 'the sandbox could not look for work')
        waitMs = LOOK_AGAIN_AFTER_FAILURE_MS
      }
      if (!signal.aborted) await delay(waitMs, undefined, { signal: this.#wake.signal }).catch(() => undefined)
    }
  }

  async #look(): Promise<void> {
    const { database, leaseMs = LEASE_MS } = this.#options
    const work = await findSandboxWork(database.pool)
    const completed = work.completions ? await this.#complete() : 0
    const room = MAX_UNDER_WAY - this.#underWay.size
    if (room === 0 || !(work.deliveries || completed > 0)) return
    for (const delivery of await claimDeliveries(database.pool, room, leaseMs)) {
      // By itself: one that is slow to be taken keeps no other waiting.
      const delivering = deliverWebhook(this.#options, delivery, this.#stopping.signal)
        .catch((error: unknown) => {
          const { eventId } = delivery
          this.#options.logger.warn({ err: error, eventId }, 'how a sandbox webhook went could not be written down')
        })
        .finally(() => this.#underWay.delete(delivering))
      this.#underWay.add(delivering)
    }
  }

  /** Returns how many payments have completed. */
  #complete(): Promise<number> {
    return inTransaction(this.#options.database, async (tx) => {
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
}
