/**
 * Everybody who decides in one process.
 *
 * Keeps: I10 and I11. A line that was not waiting has its first turn with others of its kind, in small batches, so that a quiet
 * one is decided at once, whatever else waits. What is left in a line then is decided in large batches, in which the long
 * lines take turns. A line that was in a batch that failed, or that somebody holds, is decided alone, where each costs the
 * others one try; one that is too heavy even alone goes to a second such decider, where it delays only others like it. Any number of
 * processes do so side by side: rows are what locks.
 */
import { availableParallelism } from 'node:os'
import type { Stretch } from '../../queue/payloads.ts'
import type { DecidedBatch } from './decide-lines.ts'
import { MAX_BATCH } from './batch-sizes.ts'
import { type DecideWaitingDependencies, LineDecider } from './line-decider.ts'

/** Bounds of a batch of lines in their first turn: some milliseconds, which is what others wait for. */
const FIRST_TURN = { requests: 100, places: 1_000 }

/**
 * Large batches at once. They leave a processor to the quiet lines: on two, a second one decided a tenth more, and had a quiet
 * line wait three times as long.
 */
const LARGE_BATCHES = Math.min(4, Math.max(1, availableParallelism() - 1))

/** Lines whose watermark is kept in mind. */
const MAX_KNOWN = 10_000

/** Somebody who waits for a stretch of a line to be decided. */
interface Waiter {
  readonly to: number
  resolve(): void
}

/** Told of lines as they are decided. */
export interface DecidersListener {
  onDecided(line: string, decided: number, left: number): void
  /** Hears that nothing more is tried for the line until there is a notification: it is paused, or cannot be decided at the moment. */
  onDropped(line: string): void
}

export class Deciders {
  readonly #dependencies: DecideWaitingDependencies
  readonly #first: LineDecider
  readonly #long: LineDecider
  readonly #suspects: LineDecider
  readonly #stubborn: LineDecider
  readonly #watermarks = new Map<string, number>()
  readonly #waiters = new Map<string, Set<Waiter>>()
  readonly #listeners: DecidersListener[] = []

  constructor(dependencies: DecideWaitingDependencies) {
    this.#dependencies = dependencies
    const listener = {
      onBatch: (batch: DecidedBatch) => this.#onBatch(batch),
      onHandedOver: (line: string, requests: number) => this.#aloneOr(this.#long, line).notify(line, requests),
      onDropped: (line: string) => this.#onDropped(line),
    }
    const others = { company: 'others', listener } as const
    this.#first = new LineDecider(dependencies, { ...others, onlyFirstTurns: true, bounds: FIRST_TURN })
    this.#long = new LineDecider(dependencies, { ...others, batches: LARGE_BATCHES })
    this.#suspects = new LineDecider(dependencies, { company: 'suspect', listener })
    this.#stubborn = new LineDecider(dependencies, { company: 'stubborn', listener })
  }

  listen(listener: DecidersListener): void {
    this.#listeners.push(listener)
  }

  /** Notes that so many more requests wait in a line. */
  notify(line: string, requests = 1): void {
    const known = this.#all.find((decider) => decider.has(line))
    ;(known ?? this.#aloneOr(this.#first, line)).notify(line, requests)
  }

  /** Returns whether the line waits for its turn, or has it. */
  has(line: string): boolean {
    return this.#all.some((decider) => decider.has(line))
  }

  /** Returns whether a stretch is known to be decided. */
  isDecided({ id, to }: Pick<Stretch, 'id' | 'to'>): boolean {
    return (this.#watermarks.get(id) ?? -1) >= to
  }

  /**
   * Waits until a stretch is decided, but not for a line that is paused, or so long that this takes more than a batch; and no
   * longer than until `patience` aborts, if it is given. Needs a notification before.
   */
  async decided(stretch: Pick<Stretch, 'id' | 'to'>, patience?: AbortSignal): Promise<void> {
    if (this.isDecided(stretch) || patience?.aborted === true) return
    await new Promise<void>((resolve) => {
      const waiters = this.#waiters.get(stretch.id) ?? new Set<Waiter>()
      const waiter = { to: stretch.to, resolve: () => this.#forget(stretch.id, waiter, resolve) }
      this.#waiters.set(stretch.id, waiters.add(waiter))
      patience?.addEventListener('abort', waiter.resolve, { once: true })
    })
  }

  #forget(line: string, waiter: Waiter, resolve: () => void): void {
    const waiters = this.#waiters.get(line)
    waiters?.delete(waiter)
    if (waiters?.size === 0) this.#waiters.delete(line)
    resolve()
  }

  /** Waits until nothing is being decided. */
  async settle(): Promise<void> {
    // One may have handed a line over to another.
    for (let round = 0; round < 4; round++) await Promise.all(this.#all.map((decider) => decider.settle()))
  }

  get #all(): readonly LineDecider[] {
    return [this.#first, this.#long, this.#suspects, this.#stubborn]
  }

  #aloneOr(others: LineDecider, line: string): LineDecider {
    const company = this.#dependencies.sizes.companyOf(line)
    if (company === 'suspect') return this.#suspects
    return company === 'stubborn' ? this.#stubborn : others
  }

  #onBatch({ lines }: DecidedBatch): void {
    for (const { id, watermark, decided, left } of lines) {
      this.#watermarks.delete(id)
      this.#watermarks.set(id, watermark)
      this.#wake(id, (to) => to <= watermark || left > MAX_BATCH)
      for (const listener of this.#listeners) listener.onDecided(id, decided, left)
    }
    for (const oldest of this.#watermarks.keys()) {
      if (this.#watermarks.size <= MAX_KNOWN) break
      this.#watermarks.delete(oldest)
    }
  }

  #onDropped(line: string): void {
    this.#wake(line, () => true)
    for (const listener of this.#listeners) listener.onDropped(line)
  }

  #wake(line: string, isDone: (to: number) => boolean): void {
    for (const waiter of this.#waiters.get(line) ?? []) if (isDone(waiter.to)) waiter.resolve()
  }
}
