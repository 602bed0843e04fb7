import type { Database } from '@boxoffice/core/db/connect.ts'
import { isCancelledByTime } from '@boxoffice/core/db/sql-errors.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'
import { Problem } from '@boxoffice/core/use-case/problem.ts'
import { Turns } from '../admission/turns/turns.ts'

const AT_ONCE = 2
const MAX_WAITING = 40

/** The same call again, unchanged, takes as long. */
const RETRY_AFTER_S = 10

/**
 * Reads the lists of organizers, from a small pool of its own with a short time limit: however much a report looks at, it
 * keeps neither customers nor other organizers waiting.
 */
export class Reports {
  readonly #database: Database
  readonly #turns = new Turns({
    atOnce: AT_ONCE,
    maxWaiting: MAX_WAITING,
    detail: `${AT_ONCE} lists are being read for this organizer and ${MAX_WAITING} wait. Request the next one after a response.`,
  })

  constructor(database: Database) {
    this.#database = database
  }

  /**
   * Runs `read` when it is the caller's turn. Throws 429 where too many of its organizer's reports wait already, and 503
   * where the database took too long.
   *
   * @param narrow what makes the list shorter: `from, to or limit`
   */
  async read<T>(caller: Caller, narrow: string, read: (database: Database) => Promise<T>): Promise<T> {
    try {
      return await this.#turns.take(caller, () => read(this.#database))
    } catch (error) {
      if (!isCancelledByTime(error)) throw error
      const detail = `Reading this list took too long. Narrow it with ${narrow}.`
      throw new Problem('unavailable', { detail, retryAfterSeconds: RETRY_AFTER_S })
    }
  }
}
