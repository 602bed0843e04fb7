import { setTimeout as delay } from 'node:timers/promises'
import { isTransient } from '../../db/sql-errors.ts'
import { PAYLOAD_VERSION, type Signal } from '../../queue/payloads.ts'
import type { Company } from './batch-sizes.ts'
import {
  type BatchBounds,
  BatchFailedError,
  type DecideDependencies,
  type DecidedBatch,
  decideNextBatch,
} from './decide-lines.ts'
import { Turns } from './turns.ts'

/** Pause before lines that somebody holds are tried again, where nothing else waits. */
const TRY_AGAIN_MS = 3

/** A line that was passed over so often is waited for, alone: those who lock it in turn would keep it from being decided. */
const MAX_PASSED_OVER = 20

const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 2_000

export interface DecideWaitingDependencies extends DecideDependencies {
  /** Tells the API processes. Must not throw; called after each commit and not waited for. */
  readonly announce: (signal: Signal) => void
  /** Ends deciding after the batch in hand. */
  readonly stopping?: AbortSignal
}

/** Listener to a decider's lines. */
export interface LineDeciderListener {
  onBatch(batch: DecidedBatch): void
  /** Hears that another decider has to go on with a line in which so many requests wait. */
  onHandedOver(line: string, requests: number): void
  /** Hears that nothing more is tried for the line until there is another notification. */
  onDropped(line: string): void
}

export interface LineDeciderOptions {
  readonly listener: LineDeciderListener
  /** Lines that it decides; those that are not of it any more are handed over. */
  readonly company: Company
  /** Hands over the long lines: those in which something is left after their first turn. */
  readonly onlyFirstTurns?: boolean
  /** Batches at once, each of other lines; 1 unless given. */
  readonly batches?: number
  /** Bounds of a batch; those of any batch unless given. */
  readonly bounds?: Partial<BatchBounds>
}

/**
 * Decides the lines that it is notified of, batch after batch, until nothing is left in them or another decider has to go
 * on. A line is in one batch at a time.
 */
export class LineDecider {
  readonly #dependencies: DecideWaitingDependencies
  readonly #options: LineDeciderOptions
  readonly #turns: Turns
  readonly #inHand = new Set<string>()
  /** Requests that came for lines in hand: they may have come after those were read. */
  readonly #meanwhile = new Map<string, number>()
  readonly #passedOver = new Map<string, number>()
  readonly #running = new Set<Promise<void>>()
  #runners = 0
  #failures = 0

  constructor(dependencies: DecideWaitingDependencies, options: LineDeciderOptions) {
    this.#dependencies = dependencies
    this.#options = options
    this.#turns = new Turns({ alone: this.#isAlone })
  }

  /** Returns whether the line waits for its turn here, or has it. */
  has(line: string): boolean {
    return this.#inHand.has(line) || this.#turns.has(line)
  }

  /** Notes that so many more requests wait in a line. */
  notify(line: string, requests: number): void {
    if (this.#inHand.has(line)) this.#meanwhile.set(line, (this.#meanwhile.get(line) ?? 0) + requests)
    else this.#turns.notify(line, requests)
    this.#begin()
  }

  #begin(): void {
    if (this.#runners >= (this.#options.batches ?? 1) || this.#turns.size === 0) return
    this.#runners += 1
    const running = this.#run().finally(() => this.#running.delete(running))
    this.#running.add(running)
  }

  /** Waits until nothing is being decided. */
  async settle(): Promise<void> {
    await Promise.all(this.#running)
  }

  /** Decides one line at a time, and waits for whoever holds it. */
  get #isAlone(): boolean {
    return this.#options.company !== 'others'
  }

  get #isStopping(): boolean {
    return this.#dependencies.stopping?.aborted === true
  }

  async #run(): Promise<void> {
    // What it is notified of in the same turn of the event loop goes into the same batch.
    await Promise.resolve()
    while (this.#turns.size > 0 && !this.#isStopping) {
      const { sizes } = this.#dependencies
      const lines = this.#turns.take(Math.min(sizes.together, this.#options.bounds?.requests ?? sizes.together))
      for (const line of lines) this.#inHand.add(line)
      await this.#decide(lines)
    }
    // In the same moment as the look at what waits: what comes later begins anew.
    this.#runners -= 1
  }

  async #decide(lines: readonly string[]): Promise<void> {
    const { announce } = this.#dependencies
    const { bounds = {}, listener } = this.#options
    let batch: DecidedBatch
    try {
      batch = await decideNextBatch(this.#dependencies, lines, this.#isAlone ? 'wait' : 'ifFree', bounds)
      this.#failures = 0
    } catch (error) {
      await this.#onFailed(lines, error)
      return
    }
    if (batch.outcomes.length > 0) announce(signalOf(batch))
    const withoutTurn = new Map<string, number>()
    for (const { id, left, decided } of batch.lines) {
      this.#passedOver.delete(id)
      if (decided === 0 && left > 0) withoutTurn.set(id, this.#release(id, left))
      else this.#goOn(id, left)
    }
    if (withoutTurn.size > 0) this.#turns.putBack(withoutTurn)
    for (const line of batch.paused) this.#drop(line)
    for (const line of batch.passedOver) this.#onPassedOver(line)
    listener.onBatch(batch)
    if (batch.lines.length === 0 && batch.passedOver.length > 0) await delay(TRY_AGAIN_MS)
  }

  /** Ends a line's turn: it waits for the next one, here or with another decider, if something is left or has come. */
  #goOn(line: string, left: number): void {
    const requests = this.#release(line, left)
    if (requests === 0) return
    if (left > 0 && this.#options.onlyFirstTurns === true) this.#options.listener.onHandedOver(line, requests)
    else this.#place(line, requests)
  }

  /** Lets go of a line, and returns how many requests wait in it with those that came meanwhile. */
  #release(line: string, left: number): number {
    const requests = Math.max(0, left) + (this.#meanwhile.get(line) ?? 0)
    this.#inHand.delete(line)
    this.#meanwhile.delete(line)
    return requests
  }

  /** Has the line tried again, for whoever holds it may have read it before its newest requests came. */
  #onPassedOver(line: string): void {
    const times = (this.#passedOver.get(line) ?? 0) + 1
    if (this.#isAlone) {
      // It was waited for, so there is no such line.
      this.#drop(line)
      return
    }
    this.#passedOver.set(line, times)
    if (times >= MAX_PASSED_OVER) {
      this.#passedOver.delete(line)
      this.#dependencies.sizes.suspect(line)
    }
    this.#retry(line)
  }

  /** Has the line tried again where it belongs by now. */
  #retry(line: string): void {
    this.#place(line, this.#release(line, 1))
  }

  /** Has the line wait where it belongs by now. */
  #place(line: string, requests: number): void {
    const { company, listener } = this.#options
    if (this.#dependencies.sizes.companyOf(line) !== company) listener.onHandedOver(line, requests)
    else {
      this.#turns.notify(line, requests)
      this.#begin()
    }
  }

  async #onFailed(lines: readonly string[], error: unknown): Promise<void> {
    const { logger, observer, sizes } = this.#dependencies
    const inHand = error instanceof BatchFailedError ? error.lines : []
    const cause = error instanceof BatchFailedError ? error.cause : error
    const isRetried = isTransient(cause)
    if (isRetried) observer?.onRetry()
    this.#failures += 1
    const pauseMs = Math.random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failures)
    if (isRetried)
      logger.warn({ err: cause, lines: lines.length, pauseMs }, 'deciding failed for a moment, trying again')
    else logger.error({ err: cause, lines: lines.length }, 'lines could not be decided')
    const withOthers = lines.length > 1
    const spared = new Map<string, number>()
    for (const line of lines) {
      if (withOthers && inHand.includes(line)) sizes.suspect(line)
      if (withOthers && !inHand.includes(line) && inHand.length > 0) spared.set(line, this.#release(line, 1))
      else if (isRetried || withOthers) this.#retry(line)
      // The sweep looks after it, so that it is not tried without end.
      else this.#drop(line)
    }
    if (spared.size > 0) this.#turns.putBack(spared)
    // Where requests were in hand the database works: others that wait are not to wait for this.
    if (inHand.length > 0 && this.#turns.size > (withOthers ? 0 : 1)) return
    await delay(pauseMs, undefined, { signal: this.#dependencies.stopping }).catch(() => undefined)
  }

  #drop(line: string): void {
    this.#inHand.delete(line)
    this.#meanwhile.delete(line)
    this.#passedOver.delete(line)
    this.#options.listener.onDropped(line)
  }
}

export function signalOf({ lines, outcomes, versions }: DecidedBatch): Signal {
  const marks = lines.flatMap(({ id, watermark, decided }) => (decided > 0 ? [{ id, watermark }] : []))
  return { v: PAYLOAD_VERSION, lines: marks, outcomes, versions }
}
