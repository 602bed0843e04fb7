import type { DecidersListener, Deciders } from './deciders.ts'
import type { DecideWaitingDependencies } from './line-decider.ts'
import {
  findSomeWaitingLines,
  findStillWaiting,
  findWaitingLines,
  readSweepClock,
} from '../queries/find-waiting-lines.ts'

/** A request is left to its own job this long before the sweep looks after it; then again. */
const PATIENCE_MS = 1_000

/** The same while jobs do not come. */
const IMPATIENCE_MS = 100

/** Time that sweeping stays frequent after a sweep that was needed. */
const IMPATIENT_FOR_MS = 5_000

/** All lines are looked at so often, and by each sweep so many of them: for whatever was missed. */
const LOOK_AT_ALL_EVERY_MS = 60_000
const LINES_AT_ONCE = 50_000

const FIRST_ID = '00000000-0000-0000-0000-000000000000'

/** Time of acceptance that is looked at again by the next sweep, for requests that were not committed yet. */
const OVERLAP_MS = 1_000

/** The same, now and then: as long as anybody waits to be put in line. */
const FAR_BACK_MS = 12_000
const LOOK_FAR_BACK_EVERY_MS = 10_000

/**
 * Has every line in the database decided whose oldest request waits too long, with no job needed: what makes losing Redis, a
 * job or a worker harmless.
 *
 * It looks at what was accepted since the last sweep, so it costs the same however many resources there are; and once a minute,
 * in parts, at all lines. What it has
 * found is decided by this process until the line is empty, whoever else was deciding it; what could not be decided then is
 * looked after until it is. Once it was needed it looks sooner and more often, for the queue may be gone and each request
 * would wait a second. A job makes it patient again: then it is not the queue that lines wait for.
 *
 * The tempting wrong way is to ask each line how far it is: that costs as much as there are resources, every second.
 */
export class LineSweeper implements DecidersListener {
  readonly #dependencies: DecideWaitingDependencies
  readonly #deciders: Deciders
  /** Lines that a sweep has found. */
  readonly #swept = new Set<string>()
  /** Lines in which something waits that could not be decided: they are paused, or failed. */
  readonly #watched = new Set<string>()
  /** Everything that was accepted up to then was looked at; the database's clock, ms, as the next one. */
  #sweptTo = Number.NEGATIVE_INFINITY
  #clock = Number.NEGATIVE_INFINITY
  /** Line behind which all lines are still to be looked at; `null` where all were. */
  #allFrom: string | null = FIRST_ID
  /** Monotonic clock, as the next ones. */
  #beganAll = Number.NEGATIVE_INFINITY
  #lookedFarBack = Number.NEGATIVE_INFINITY
  #jobAt = Number.NEGATIVE_INFINITY
  #impatientUntil = 0

  constructor(dependencies: DecideWaitingDependencies, deciders: Deciders) {
    this.#dependencies = dependencies
    this.#deciders = deciders
    deciders.listen(this)
  }

  /** Notes that a job has come, of whatever lane. */
  onJob(): void {
    this.#jobAt = performance.now()
    this.#impatientUntil = 0
  }

  /** Returns how long requests are left to their jobs for now, and sweeping may rest. */
  get patienceMs(): number {
    return performance.now() < this.#impatientUntil ? IMPATIENCE_MS : PATIENCE_MS
  }

  /** Has the lines decided that wait. Returns how many were not being decided here. */
  async sweep(): Promise<number> {
    const { pool } = this.#dependencies.database
    const clock = await readSweepClock(pool)
    const to = clock - this.patienceMs
    const now = performance.now()
    // After the database's clock went back, what is accepted now would be before what was looked at.
    if (now - this.#beganAll >= LOOK_AT_ALL_EVERY_MS || clock < this.#clock) {
      this.#beganAll = now
      this.#allFrom = FIRST_ID
    }
    const looksFarBack = now - this.#lookedFarBack >= LOOK_FAR_BACK_EVERY_MS
    const from = this.#sweptTo - (looksFarBack ? FAR_BACK_MS : OVERLAP_MS)
    const found = Number.isFinite(from) ? await findWaitingLines(pool, { from, to }) : []
    const resumed = await this.#findResumed()
    let lost = this.#decide([...found, ...resumed])
    // Only once what it has found is being decided: a sweep that fails looks at the same again.
    this.#sweptTo = clock < this.#clock ? to : Math.max(to, this.#sweptTo)
    this.#clock = clock
    if (looksFarBack) this.#lookedFarBack = now
    if (this.#allFrom !== null) lost += await this.#lookAtSome(this.#allFrom, to)
    return lost
  }

  /** Looks at some of all lines. Where that fails the same ones are looked at by the next sweep, which is no less good for it. */
  async #lookAtSome(from: string, to: number): Promise<number> {
    const { database, logger } = this.#dependencies
    try {
      const { waiting, last } = await findSomeWaitingLines(database.pool, { after: from, atMost: LINES_AT_ONCE, to })
      this.#allFrom = last
      return this.#decide(waiting)
    } catch (error) {
      logger.warn({ err: error }, 'all lines could not be looked at, trying again')
      return 0
    }
  }

  #decide(lines: readonly string[]): number {
    let lost = 0
    for (const line of new Set(lines)) {
      if (this.#watched.has(line)) continue
      // Also where it is being decided: that may have begun before the request was there.
      if (!this.#deciders.has(line)) {
        this.#swept.add(line)
        lost += 1
      }
      this.#deciders.notify(line)
    }
    return lost
  }

  onDecided(line: string, decided: number, left: number): void {
    if (!this.#swept.has(line)) return
    if (left <= 0) this.#swept.delete(line)
    if (decided === 0) return
    const { logger, observer } = this.#dependencies
    observer?.onSwept(decided)
    // Once, and not ten times a second beside whatever else there is to read then.
    const level = performance.now() < this.#impatientUntil ? 'debug' : 'info'
    if (performance.now() - this.#jobAt > PATIENCE_MS) this.#impatientUntil = performance.now() + IMPATIENT_FOR_MS
    logger[level]({ line, decided }, 'line swept')
  }

  onDropped(line: string): void {
    this.#swept.delete(line)
    this.#watched.add(line)
  }

  /** Returns those that were given up for a while and can be tried again; forgets those in which nothing waits any more. */
  async #findResumed(): Promise<string[]> {
    const watched = [...this.#watched]
    const waiting = await findStillWaiting(this.#dependencies.database.pool, watched)
    const paused = new Set(waiting.flatMap(({ id, paused: isPaused }) => (isPaused ? [id] : [])))
    for (const line of watched) if (!paused.has(line)) this.#watched.delete(line)
    return waiting.flatMap(({ id }) => (paused.has(id) ? [] : [id]))
  }
}
