import { setTimeout as delay } from 'node:timers/promises'
import type { Signal } from '@boxoffice/core/queue/payloads.ts'
import type { Transport } from '@boxoffice/core/queue/transport.ts'

const OPEN_WITHIN_MS = 12_000
const RETRY_EVERY_MS = 500

/** The queue of a worker, which decides before there is one: a worker that is restarted while Redis is away, too. */
export class WorkerQueue {
  #transport: Transport | null = null

  /** Returns the transport; `null` until the queue is open. */
  get transport(): Transport | null {
    return this.#transport
  }

  /** Sends a signal. Until the queue is open it goes nowhere, and clients look for themselves. */
  publish(signal: Signal): Promise<void> {
    return this.#transport?.publish(signal) ?? Promise.resolve()
  }

  /**
   * Opens the queue, and retries for a while: whoever restarts this process would only wait longer and longer, with
   * nothing decided meanwhile.
   */
  async open(open: () => Promise<Transport>): Promise<Transport> {
    const deadline = Date.now() + OPEN_WITHIN_MS
    for (;;) {
      try {
        this.#transport = await open()
        return this.#transport
      } catch (error) {
        if (Date.now() > deadline) throw error
        await delay(RETRY_EVERY_MS)
      }
    }
  }
}
