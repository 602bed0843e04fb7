/**
 * Deleting what has served its time.
 *
 * Keeps: I10. Every table is cleaned by itself, a batch of each in turn: one that fails is logged and counted, and keeps
 * no other waiting. A batch that runs into a time limit is made smaller, also for the runs after it. A run ends after its
 * time and begins elsewhere the next time, so that there is no table that time never suffices for.
 * Locks: rows that nobody needs any more; those that somebody has are passed over.
 *
 * The tempting wrong way is one statement a table for all there is: under the time limit of a statement a backlog that is
 * too large once is never cleaned again.
 */
import { BatchLimit } from '../use-case/batch-limit.ts'
import type { Database } from '../db/connect.ts'
import { CLEAN_UPS, type CleanUp } from './queries/clean-up.ts'
import { deleteRefusedRequests } from './queries/delete-refused-requests.ts'
import { isCancelledByTime, isUnanswered } from '../db/sql-errors.ts'
import type { Logger } from '../runtime/logger.ts'

const MAX_ROWS = 5_000
const MIN_ROWS = 20
const MAX_RUN_MS = 60_000

export interface CleanUpObserver {
  onCleanedUp(table: string, rows: number): void
  onCleanUpFailed(table: string): void
}

export interface CleanerOptions {
  readonly database: Database
  readonly logger: Logger
  readonly observer: CleanUpObserver
  /** Time after its decision that a refused request is kept. */
  readonly refusedRequestsKeepMs: number
  /** Time after which a run begins no further batch; a minute by default. */
  readonly maxRunMs?: number
}

export interface CleanedUp {
  readonly deleted: number
  /** Tables that could not be cleaned. */
  readonly failed: number
  /** The time of the run was over before everything was looked at. */
  readonly isUnfinished: boolean
}

/** One for each process: it remembers what a batch may have. */
export class Cleaner {
  readonly #options: CleanerOptions
  /** Rows of a batch, learned for each table. */
  readonly #limits = new BatchLimit({ max: MAX_ROWS })
  #runs = 0

  constructor(options: CleanerOptions) {
    this.#options = options
  }

  /** Deletes what there is to delete, or as much as a run may. Never throws for a table. */
  async run(stopping?: AbortSignal): Promise<CleanedUp> {
    const { maxRunMs = MAX_RUN_MS } = this.#options
    const endsAt = performance.now() + maxRunMs
    const done = { deleted: 0, failed: 0 }
    const left = [...this.#inTurn()]
    for (let table = left.shift(); table !== undefined; table = left.shift()) {
      if (await this.#cleanBatch(table, done)) left.push(table)
      if (stopping?.aborted === true || performance.now() >= endsAt) break
    }
    return { ...done, isUnfinished: left.length > 0 }
  }

  /** Returns all tables, beginning with another one each time. */
  #inTurn(): readonly CleanUp[] {
    const { refusedRequestsKeepMs } = this.#options
    const all: readonly CleanUp[] = [
      ...CLEAN_UPS,
      {
        table: 'booking_requests',
        batch: (pool, maxRows) => deleteRefusedRequests(pool, refusedRequestsKeepMs, maxRows),
      },
    ]
    const first = this.#runs % all.length
    this.#runs += 1
    return [...all.slice(first), ...all.slice(0, first)]
  }

  /** Returns whether there may be more. */
  async #cleanBatch({ table, batch }: CleanUp, done: { deleted: number; failed: number }): Promise<boolean> {
    const { database, logger, observer } = this.#options
    const maxRows = this.#limits.of(table)
    try {
      const { deleted, isFull } = await batch(database.pool, maxRows)
      this.#limits.onDone(table, isFull ? maxRows : deleted, performance.now())
      done.deleted += deleted
      observer.onCleanedUp(table, deleted)
      return isFull
    } catch (error) {
      if ((isCancelledByTime(error) || isUnanswered(error)) && maxRows > MIN_ROWS) {
        // A quarter of it: each batch that is too heavy costs all the time that it may take.
        const smaller = this.#limits.onTooHeavy(table, maxRows / 2, performance.now())
        logger.warn({ err: error, table, maxRows: smaller }, 'a clean-up took too long and goes on in smaller batches')
        return true
      }
      done.failed += 1
      observer.onCleanUpFailed(table)
      logger.error({ err: error, table }, 'a table could not be cleaned up, trying again in an hour')
      return false
    }
  }
}
