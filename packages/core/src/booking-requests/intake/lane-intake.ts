/**
 * Intake of one lane in one API process: what arrives while a write is in flight goes together in the next one.
 *
 * Keeps: I2 (durable before it resolves), I4 (one request per owner and key), I8 (seq is arrival order).
 * Locks: the lane's intake row, then the resources (KEY SHARE), in one autocommit statement.
 *
 * The tempting wrong way is a timer: it makes every quiet request wait, and a busy one wait for nothing.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type pg from 'pg'
import { type BookingRequestRow, findBookingRequestsByKey } from '../queries/find-booking-requests.ts'
import {
  type IncomingRequest,
  insertBookingRequests,
  type InsertedRequest,
} from '../queries/insert-booking-requests.ts'
import { isBadRow, isTransient } from '../../db/sql-errors.ts'
import type { Logger } from '../../runtime/logger.ts'
import { type DecideJob, PAYLOAD_VERSION } from '../../queue/payloads.ts'
import { withRetries } from '../../runtime/retry.ts'
import { Problem } from '../../use-case/problem.ts'

/** Rows of one write at the most. */
const MAX_WRITE = 256

/** Nobody waits longer than this to be written: a database that hangs is told of before proxies and clients give up. */
const ANSWER_WITHIN_MS = 10_000

/**
 * How a submission got into the line. `moved`: its resource is in another lane by now, ask there; or its lane is gone, or
 * takes none at the moment.
 */
export type IntakeResult =
  | { readonly kind: 'inserted'; readonly row: InsertedRequest }
  | { readonly kind: 'known'; readonly row: BookingRequestRow }
  | { readonly kind: 'moved' }

export interface LaneIntakeDependencies {
  readonly pool: pg.Pool
  readonly logger: Logger
  readonly maxBuffered: number
  /** 10 s unless given. */
  readonly answerWithinMs?: number
  /** Called after each commit, with the requests it brought; must not throw. */
  readonly onWritten: (job: DecideJob) => void
}

interface Waiting {
  readonly request: IncomingRequest
  readonly since: number
  resolve(result: IntakeResult): void
  reject(error: unknown): void
}

export class LaneIntake {
  readonly lane: number
  readonly #dependencies: LaneIntakeDependencies
  #buffer: Waiting[] = []
  #inFlight: readonly Waiting[] = []
  /** Of the first request in the buffer: a write, and the ring for it, are traced as its doing. */
  #run = AsyncLocalStorage.snapshot()
  #writing = false

  constructor(lane: number, dependencies: LaneIntakeDependencies) {
    this.lane = lane
    this.#dependencies = dependencies
  }

  /**
   * Resolves once the request is durable, or known from earlier. Throws Problem `overloaded` when too many are waiting to
   * be written, Problem `unavailable` when that takes too long, `idempotency_key_reused`, and `invalid_request` for a row that PostgreSQL cannot store.
   */
  submit(request: IncomingRequest): Promise<IntakeResult> {
    if (this.#buffer.length >= this.#dependencies.maxBuffered) throw new Problem('overloaded', { retryAfterSeconds: 1 })
    return new Promise((resolve, reject) => {
      if (this.#buffer.length === 0) this.#run = AsyncLocalStorage.snapshot()
      this.#buffer.push({ request, since: performance.now(), resolve, reject })
      if (!this.#writing) void this.#writeAll()
    })
  }

  async #writeAll(): Promise<void> {
    this.#writing = true
    const { answerWithinMs = ANSWER_WITHIN_MS } = this.#dependencies
    const impatience = setInterval(() => this.#giveUp(answerWithinMs), answerWithinMs / 10)
    while (this.#buffer.length > 0) {
      const batch = this.#buffer.splice(0, MAX_WRITE)
      this.#inFlight = batch
      try {
        await this.#run(() => this.#write(batch))
      } catch (error) {
        for (const waiting of batch) waiting.reject(error)
      }
    }
    clearInterval(impatience)
    this.#inFlight = []
    this.#writing = false
  }

  /** Answers those who have waited too long. What is in flight may still be written; what is not, no longer will be. */
  #giveUp(answerWithinMs: number): void {
    const latest = performance.now() - answerWithinMs
    const overdue = ({ since }: Waiting) => since <= latest
    const given = [...this.#inFlight.filter(overdue), ...this.#buffer.filter(overdue)]
    if (given.length === 0) return
    this.#buffer = this.#buffer.filter((waiting) => !overdue(waiting))
    for (const { reject } of given)
      reject(new Problem('unavailable', { cause: new Error('The database did not answer in time.') }))
  }

  /** Writes a batch; should one of its rows be impossible to store, finds it by halving, so that no other fails with it. */
  async #write(batch: readonly Waiting[]): Promise<void> {
    const requests = batch.map((waiting) => waiting.request)
    let inserted: InsertedRequest[]
    try {
      inserted = await this.#persistently(() => insertBookingRequests(this.#dependencies.pool, this.lane, requests))
    } catch (error) {
      if (!isBadRow(error)) throw error
      const [only] = batch
      if (only !== undefined && batch.length === 1) {
        only.reject(
          new Problem('invalid_request', {
            detail: 'The request holds something that cannot be stored.',
            cause: error,
          }),
        )
        return
      }
      const middle = Math.ceil(batch.length / 2)
      await this.#write(batch.slice(0, middle))
      await this.#write(batch.slice(middle))
      return
    }

    if (inserted.length > 0) this.#ring(inserted)
    const insertedById = new Map(inserted.map((row) => [row.id, row]))
    const others: Waiting[] = []
    for (const waiting of batch) {
      const row = insertedById.get(waiting.request.id)
      if (row === undefined) others.push(waiting)
      else waiting.resolve({ kind: 'inserted', row })
    }
    if (others.length > 0) await this.#resolveKnown(others)
  }

  /**
   * What was not inserted has a known key or a resource that moved (or a lane that is gone or being drained). A key whose
   * first INSERT committed while ours waited for it was invisible to our statement, so it is read by a second one.
   */
  async #resolveKnown(others: readonly Waiting[]): Promise<void> {
    const requests = others.map((waiting) => waiting.request)
    const rows = await this.#persistently(() => findBookingRequestsByKey(this.#dependencies.pool, requests))
    const byKey = new Map(rows.map((row) => [pairOf(row), row]))
    for (const { request, resolve, reject } of others) {
      const row = byKey.get(pairOf(request))
      if (row === undefined) resolve({ kind: 'moved' })
      else if (row.bodyHash.toString('hex') === request.bodyHash) resolve({ kind: 'known', row })
      else reject(new Problem('idempotency_key_reused'))
    }
  }

  /** A COMMIT of unknown outcome is repeated with the same ids and keys: if it did commit, the rows are known by now. */
  #persistently<T>(work: () => Promise<T>): Promise<T> {
    const { logger } = this.#dependencies
    return withRetries(
      {
        attempts: 4,
        baseMs: 50,
        capMs: 1_000,
        isRetried: isTransient,
        onRetry: (error, attempt) =>
          logger.warn({ err: error, lane: this.lane, attempt }, 'intake failed, trying again'),
      },
      work,
    )
  }

  #ring(inserted: readonly InsertedRequest[]): void {
    const seqs = inserted.map((row) => row.seq)
    this.#dependencies.onWritten({
      v: PAYLOAD_VERSION,
      lane: this.lane,
      from: Math.min(...seqs),
      to: Math.max(...seqs),
      requestIds: inserted.map((row) => row.id),
    })
  }
}

const pairOf = (key: { readonly owner: string; readonly idempotencyKey: string }) =>
  JSON.stringify([key.owner, key.idempotencyKey])
