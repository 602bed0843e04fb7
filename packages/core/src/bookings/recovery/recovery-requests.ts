import type { Database } from '../../db/connect.ts'
import type { Logger } from '../../runtime/logger.ts'
import { type RecoveryRequest, requestRecovery } from './request-recovery.ts'

/** More than these wait for nothing: whoever floods this gets no mail, and the same answer. */
const MAX_WAITING = 1_000

/**
 * Requests for links to bookings, worked on one after the other in the background: how long that takes shows in no answer,
 * and a flood of them takes one connection.
 */
export class RecoveryRequests {
  readonly #database: Database
  readonly #logger: Logger
  readonly #perRecipientADay: number | null
  readonly #waiting: RecoveryRequest[] = []
  #working: Promise<void> | null = null

  /** Starts without requests. `perRecipientADay` as for `requestRecovery`. */
  constructor(database: Database, logger: Logger, perRecipientADay: number | null) {
    this.#database = database
    this.#logger = logger
    this.#perRecipientADay = perRecipientADay
  }

  /** Does not wait, and never fails. */
  take(request: RecoveryRequest): void {
    if (this.#waiting.length >= MAX_WAITING) {
      this.#logger.warn('too many ask for links to bookings: some of them get none')
      return
    }
    this.#waiting.push(request)
    this.#working ??= this.#work()
  }

  /** Resolves once everything taken so far is done. A process that stops waits for it: nothing else knows of it. */
  async settle(): Promise<void> {
    while (this.#working !== null) await this.#working
  }

  async #work(): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      try {
        await requestRecovery(this.#database, next, this.#perRecipientADay)
      } catch (error) {
        // Who asked asks again: to them it looks like a mail that did not arrive.
        this.#logger.error({ err: error }, 'a link to a booking was not mailed')
      }
    }
    this.#working = null
  }
}
