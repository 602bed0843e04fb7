/**
 * Sending what is due: mail, webhooks, the sandbox's reports. Any number of processes may run a sender of one kind.
 *
 * Keeps: what is due is sent at least once, though the process that took it may die: it is claimed for the time of a
 * lease, and whoever claims it next sends it again.
 * Locks: none while sending. The tempting wrong way is to hold the row's lock meanwhile: a slow receiver would hold
 * transactions open, and a frozen sender the row.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '../runtime/logger.ts'
import { within } from '../runtime/within.ts'

/** Rest after a failed look: while the database is down there is no point in asking, and complaining, more often. */
const REST_AFTER_FAILURE_MS = 1_000

export interface SenderOptions<Item> {
  /** Names the items in the log: `mail`. */
  readonly what: string
  readonly logger: Logger
  /** Items under way at most. */
  readonly atOnce: number
  readonly lookEveryMs: number
  /** Claims due items for the time of a lease, `room` at most (it may be 0). Yields each batch as soon as it is claimed. */
  readonly claim: (room: number) => AsyncIterable<readonly Item[]>
  /** Sends an item in less time than its lease and records how it went. `stopping` says to leave it to others. */
  readonly send: (item: Item, stopping: AbortSignal) => Promise<void>
}

/** Sends due items, several at once, so that a slow receiver keeps no other waiting. */
export class Sender<Item extends { readonly id: string }> {
  readonly #options: SenderOptions<Item>
  readonly #stopping = new AbortController()
  readonly #underWay = new Set<Promise<void>>()
  #wake = new AbortController()
  #loop: Promise<void> | undefined

  constructor(options: SenderOptions<Item>) {
    this.#options = options
  }

  /** Begins to look for due items. */
  start(): void {
    this.#loop ??= this.#run()
  }

  /** Looks at once, not at the next look: something is due now. */
  nudge(): void {
    this.#wake.abort()
  }

  /** Begins to send what is due, as far as there is room; returns whether anything was. */
  async look(): Promise<boolean> {
    const { claim, atOnce } = this.#options
    let hasBegun = false
    for await (const items of claim(atOnce - this.#underWay.size)) {
      for (const item of items) this.#begin(item)
      hasBegun ||= items.length > 0
      if (this.#stopping.signal.aborted) break
    }
    return hasBegun
  }

  /** Waits until nothing is under way. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
  }

  /** Begins no more, breaks off what is under way, and waits for it, but not for longer than this. */
  async stop(withinMs: number): Promise<void> {
    const { what, logger } = this.#options
    this.#stopping.abort()
    this.nudge()
    const ended = Promise.resolve(this.#loop).then(() => this.settled())
    await within(withinMs, `stopping to send ${what}`, ended).catch((error: unknown) => {
      logger.warn({ err: error }, `${what} under way is left to other processes`)
    })
  }

  async #run(): Promise<void> {
    const { what, logger, lookEveryMs } = this.#options
    const stopping = this.#stopping.signal
    while (!stopping.aborted) {
      // Before looking, so that a nudge during the look counts for the next one.
      this.#wake = new AbortController()
      const looked = await this.look().catch((error: unknown) => {
        logger.warn({ err: error }, `could not look for due ${what}`)
        return null
      })
      const [restMs, signal] = looked === null ? [REST_AFTER_FAILURE_MS, stopping] : [lookEveryMs, this.#wake.signal]
      await delay(restMs, undefined, { signal }).catch(() => undefined)
    }
  }

  #begin(item: Item): void {
    const { what, logger, send } = this.#options
    const sending = send(item, this.#stopping.signal)
      .catch((error: unknown) => {
        logger.warn({ err: error, id: item.id }, `could not record how sending ${what} went`)
      })
      .finally(() => {
        this.#underWay.delete(sending)
        // There may be more, and there is room for it now.
        this.nudge()
      })
    this.#underWay.add(sending)
  }
}
