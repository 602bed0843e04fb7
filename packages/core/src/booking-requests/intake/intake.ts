/**
 * Intake of one API process: what arrives while writes are in flight goes together in the next ones, for many lines at once.
 *
 * Keeps: I2 (durable before it resolves), I4 (one request per owner and key), I8 (seq is arrival order: a line is in one
 * write at a time), I11 (a line with many requests waits for itself alone, and never fills what others need).
 * Locks: the lines (by id), in one autocommit statement.
 *
 * The tempting wrong way is a timer: it makes every quiet request wait, and a busy one wait for nothing.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Submission } from '../../domain/booking-request.ts'
import { Problem } from '../../use-case/problem.ts'
import { type IntakeResult, type Submitted, writeBatch, type WriteDependencies } from './write-batch.ts'

/** Rows of one write at the most. */
const MAX_WRITE = 256

/** Writes in flight at the most, each of other lines. */
const MAX_WRITES = 4

/** A line with so many waiting is written alone: quiet ones in the same write would wait for its lock. */
const BUSY_LINE = 32

/** Beyond so many times what one line may hold, only lines with less than their part get more; beyond twice that, none. */
const LINES_WORTH = 4

/** Nobody waits longer than this to be written: a database that hangs is told of before proxies and clients give up. */
const ANSWER_WITHIN_MS = 10_000

export interface IntakeDependencies extends WriteDependencies {
  /** Requests of one line that may wait to be written. */
  readonly maxBuffered: number
  /** 10 s unless given. */
  readonly answerWithinMs?: number
}

interface Waiting extends Submitted {
  readonly since: number
  /** Context of the first call that waits in the line: a write and its notification are traced as part of it. */
  readonly run: <T>(work: () => T) => T
}

export class Intake {
  readonly #dependencies: IntakeDependencies
  /** Submissions that wait to be written, by line; the line whose turn is next comes first. */
  readonly #lines = new Map<string, Waiting[]>()
  readonly #inFlight = new Set<readonly Waiting[]>()
  readonly #beingWritten = new Set<string>()
  #buffered = 0
  #impatience: NodeJS.Timeout | null = null

  constructor(dependencies: IntakeDependencies) {
    this.#dependencies = dependencies
  }

  /** Returns the number of requests that wait to be written. */
  get buffered(): number {
    return this.#buffered
  }

  /**
   * Puts a submission into its line under this id. Resolves once it is durable, or known from earlier.
   *
   * @throws Problem `overloaded` when too many are waiting to be written, `unavailable` when that takes too long
   * @throws Problem `idempotency_key_reused`, `invalid_request` for a row that PostgreSQL cannot store
   */
  submit(id: string, submission: Submission): Promise<IntakeResult> {
    const { resourceId } = submission
    const line = this.#lines.get(resourceId) ?? []
    if (!this.#hasRoomFor(line)) throw new Problem('overloaded', { retryAfterSeconds: 1 })
    return new Promise((resolve, reject) => {
      const run = line[0]?.run ?? AsyncLocalStorage.snapshot()
      line.push({ id, submission, since: performance.now(), run, resolve, reject })
      this.#lines.set(resourceId, line)
      this.#buffered += 1
      this.#begin()
    })
  }

  /** Returns whether one more fits. Where all together are too many, those are turned away that have more than their part. */
  #hasRoomFor({ length }: readonly Waiting[]): boolean {
    const { maxBuffered } = this.#dependencies
    if (length >= maxBuffered || this.#buffered >= 2 * LINES_WORTH * maxBuffered) return false
    return this.#buffered < LINES_WORTH * maxBuffered || length < this.#buffered / this.#lines.size
  }

  #begin(): void {
    while (this.#inFlight.size < MAX_WRITES) {
      const batch = this.#next()
      if (batch.length === 0) return
      void this.#write(batch)
    }
  }

  /** Takes what is written next: of lines in turn that are not being written, a busy one alone. */
  #next(): Waiting[] {
    const batch: Waiting[] = []
    for (const [resourceId, line] of this.#lines) {
      if (batch.length === MAX_WRITE) break
      if (this.#beingWritten.has(resourceId)) continue
      const isBusy = line.length >= BUSY_LINE
      if (isBusy && batch.length > 0) continue
      batch.push(...line.splice(0, MAX_WRITE - batch.length))
      this.#lines.delete(resourceId)
      // The rest has another turn, after the others.
      if (line.length > 0) this.#lines.set(resourceId, line)
      if (isBusy || line.length > 0) break
    }
    this.#buffered -= batch.length
    return batch
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    const { answerWithinMs = ANSWER_WITHIN_MS } = this.#dependencies
    const lines = new Set(batch.map(({ submission }) => submission.resourceId))
    this.#inFlight.add(batch)
    for (const line of lines) this.#beingWritten.add(line)
    this.#impatience ??= setInterval(() => this.#giveUp(answerWithinMs), answerWithinMs / 10)
    try {
      await batch[0]?.run(() => writeBatch(this.#dependencies, batch))
    } catch (error) {
      for (const waiting of batch) waiting.reject(error)
    }
    this.#inFlight.delete(batch)
    for (const line of lines) this.#beingWritten.delete(line)
    this.#begin()
    if (this.#inFlight.size > 0 || this.#impatience === null) return
    clearInterval(this.#impatience)
    this.#impatience = null
  }

  /** Answers those who have waited too long. What is in flight may still be written; what is not, no longer will be. */
  #giveUp(answerWithinMs: number): void {
    const latest = performance.now() - answerWithinMs
    const given = [...this.#inFlight].flatMap((batch) => batch.filter(({ since }) => since <= latest))
    for (const [resourceId, line] of this.#lines) {
      const overdue = line.findLastIndex(({ since }) => since <= latest) + 1
      given.push(...line.splice(0, overdue))
      this.#buffered -= overdue
      if (line.length === 0) this.#lines.delete(resourceId)
    }
    for (const { reject } of given)
      reject(new Problem('unavailable', { cause: new Error('The database did not answer in time.') }))
  }
}
