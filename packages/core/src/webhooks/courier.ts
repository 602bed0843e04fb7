/**
 * Bringing out webhooks. Any number of processes may run one.
 *
 * Keeps: what is due goes out, at least once, though the process that took it may die: it is taken for the time of a
 * lease, with no transaction open while it is sent. An event waits for those of its entity before it, at each endpoint
 * for itself. An endpoint that is slow or does not answer takes no other one's place: it has few in hand, one once it
 * failed or was slow, and all such endpoints together have half of the places.
 * Locks: deliveries (SKIP LOCKED), in autocommit statements; to settle one, its endpoint first where that begins or
 * ceases to fail.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { type ClaimedDelivery, claimDeliveries } from './queries/claim-webhook-deliveries.ts'
import { failLeftOverDeliveries } from './queries/fail-webhook-deliveries.ts'
import { parkDeliveries } from './queries/park-webhook-deliveries.ts'
import { deliver, type DeliveryDependencies } from './deliver.ts'

const LOOK_EVERY_MS = 250

/** While the database is away there is no point in asking, and complaining, more often. */
const LOOK_AGAIN_AFTER_FAILURE_MS = 1_000

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

export interface WebhookCourierOptions extends DeliveryDependencies {
  /** How long a delivery is this process's; ms. */
  readonly leaseMs?: number
}

export class WebhookCourier {
  readonly #options: WebhookCourierOptions
  readonly #stopping = new AbortController()
  readonly #underWay = new Set<Promise<void>>()
  readonly #inHand = new Map<string, number>()
  /** Endpoints whose last answer was late or none. */
  readonly #suspects = new Set<string>()
  #loop: Promise<void> | undefined

  constructor(options: WebhookCourierOptions) {
    this.#options = options
  }

  start(): void {
    this.#loop ??= this.#run()
  }

  /** Breaks off what is under way, for others to send, and waits until nothing uses the database any more. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#loop
    await Promise.all(this.#underWay)
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      let waitMs = LOOK_EVERY_MS
      let isBusy = false
      try {
        isBusy = await this.look()
      } catch (error) {
        this.#options.logger.warn({ err: error }, 'webhooks that are due could not be looked for')
        waitMs = LOOK_AGAIN_AFTER_FAILURE_MS
      }
      const pause = new AbortController()
      const paused = delay(waitMs, undefined, { signal: AbortSignal.any([signal, pause.signal]) })
      // There may be more: whoever is done first makes room for it.
      await Promise.race([paused, ...(isBusy ? this.#underWay : [])]).catch(() => undefined)
      pause.abort()
    }
  }

  /** Begins to send what is due, as far as there is room; returns whether anything was. For tests by itself. */
  async look(): Promise<boolean> {
    const { pool } = this.#options.database
    await failLeftOverDeliveries(pool, MAX_GIVEN_UP)
    const begun = await this.#claim(MAX_IN_HAND - this.#underWay.size, MAX_IN_HAND_EACH, false)
    if (this.#suspects.size === 0) return begun > 0
    const ofSuspects = [...this.#suspects].reduce((sum, id) => sum + (this.#inHand.get(id) ?? 0), 0)
    const room = Math.min(MAX_IN_HAND - this.#underWay.size, MAX_OF_SUSPECTS - ofSuspects)
    return begun + (await this.#claim(room, 1, true)) > 0
  }

  /** Waits until everything that was begun is settled. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay)
  }

  async #claim(room: number, roomEach: number, only: boolean): Promise<number> {
    if (room <= 0) return 0
    const { database, leaseMs = LEASE_MS } = this.#options
    const endpointIds = [...this.#suspects]
    const terms = { room, roomEach, inHand: this.#inHand, endpointIds, only, leaseMs }
    for (let looks = 1; ; looks++) {
      const { claimed, blocked } = await claimDeliveries(database.pool, terms)
      for (const delivery of claimed) this.#begin(delivery)
      await parkDeliveries(database.pool, blocked)
      if (claimed.length > 0 || blocked.length === 0 || looks === MAX_LOOKS) return claimed.length
    }
  }

  #begin(delivery: ClaimedDelivery): void {
    const { endpointId } = delivery
    this.#count(endpointId, 1)
    // By itself: one that is slow to be taken keeps no other waiting.
    const delivering = deliver(this.#options, delivery, this.#stopping.signal)
      .then(({ isTaken, durationMs }) => {
        if (isTaken && durationMs < SLOW_MS) this.#suspects.delete(endpointId)
        else this.#suspects.add(endpointId)
      })
      .catch((error: unknown) => {
        const { id: deliveryId } = delivery
        this.#options.logger.warn({ err: error, deliveryId }, 'how a webhook went could not be written down')
      })
      .finally(() => {
        this.#underWay.delete(delivering)
        this.#count(endpointId, -1)
      })
    this.#underWay.add(delivering)
  }

  #count(endpointId: string, by: 1 | -1): void {
    const count = (this.#inHand.get(endpointId) ?? 0) + by
    if (count === 0) this.#inHand.delete(endpointId)
    else this.#inHand.set(endpointId, count)
  }
}
