/**
 * Intake of one lane in one API process: what arrives while a write is in flight goes together in the next one.
 *
 * Keeps: I2 (durable before it resolves), I4 (one request per owner and key), I8 (seq is arrival order).
 * Locks: the lane's intake row, then the resources (KEY SHARE), in one autocommit statement.
 *
 * The tempting wrong way is a timer: it makes every quiet request wait, and a busy one wait for nothing.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Submission } from '../../domain/booking-request.ts'
import { Problem } from '../../use-case/problem.ts'
import { type IntakeResult, type Submitted, writeBatch, type WriteDependencies } from './write-batch.ts'

/** Rows of one write at the most. */
const MAX_WRITE = 256

/** Nobody waits longer than this to be written: a database that hangs is told of before proxies and clients give up. */
const ANSWER_WITHIN_MS = 10_000

export interface LaneIntakeDependencies extends WriteDependencies {
  readonly maxBuffered: number
  /** 10 s unless given. */
  readonly answerWithinMs?: number
}

interface Waiting extends Submitted {
  readonly since: number
}

export class LaneIntake {
  readonly lane: number
  readonly #dependencies: LaneIntakeDependencies
  #buffer: Waiting[] = []
  #inFlight: readonly Waiting[] = []
  /** Context of the first request in the buffer: a write and its notification are traced as part of it. */
  #run = AsyncLocalStorage.snapshot()
  #writing = false

  constructor(lane: number, dependencies: LaneIntakeDependencies) {
    this.lane = lane
    this.#dependencies = dependencies
  }

  /**
   * Puts a submission into the lane under this id. Resolves once it is durable, or known from earlier.
   *
   * @throws Problem `overloaded` when too many are waiting to be written, `unavailable` when that takes too long
   * @throws Problem `idempotency_key_reused`, `invalid_request` for a row that PostgreSQL cannot store
   */
  submit(id: string, submission: Submission): Promise<IntakeResult> {
    if (this.#buffer.length >= this.#dependencies.maxBuffered) throw new Problem('overloaded', { retryAfterSeconds: 1 })
    return new Promise((resolve, reject) => {
      if (this.#buffer.length === 0) this.#run = AsyncLocalStorage.snapshot()
      this.#buffer.push({ id, submission, since: performance.now(), resolve, reject })
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
        await this.#run(() => writeBatch(this.#dependencies, this.lane, batch))
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
}
