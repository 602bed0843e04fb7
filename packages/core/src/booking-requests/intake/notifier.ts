import type { Logger } from '../../runtime/logger.ts'
import type { DecideJob } from '../../queue/payloads.ts'
import type { Transport } from '../../queue/transport.ts'

/** Notifications that may be under way at once; while Redis hangs, more would only pile up. */
const MAX_UNDER_WAY = 200

/** A warning a second says all there is to say while the queue is away. */
const WARN_EVERY_MS = 1_000

/**
 * Notifies workers of new requests, off the request's path. A notification that fails or finds no place is dropped: the
 * sweep finds the requests within a second, for their rows are what counts.
 */
export class Notifier {
  readonly #transport: Pick<Transport, 'notify'>
  readonly #logger: Logger
  #underWay = 0
  #dropped = 0
  #warnedAt = 0

  constructor(transport: Pick<Transport, 'notify'>, logger: Logger) {
    this.#transport = transport
    this.#logger = logger
  }

  notify(lane: number, job: DecideJob): void {
    if (this.#underWay >= MAX_UNDER_WAY) {
      this.#onDropped(new Error('too many notifications under way'))
      return
    }
    this.#underWay++
    this.#transport
      .notify(lane, job)
      .catch((error: unknown) => this.#onDropped(error))
      .finally(() => this.#underWay--)
  }

  #onDropped(error: unknown): void {
    this.#dropped++
    const now = performance.now()
    if (now - this.#warnedAt < WARN_EVERY_MS) return
    this.#warnedAt = now
    this.#logger.warn({ err: error, dropped: this.#dropped }, 'workers not notified, the sweep will find the requests')
    this.#dropped = 0
  }
}
