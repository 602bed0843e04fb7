/**
 * Waiting for outcomes in one API process: long polls and streams register here and are woken by signals.
 *
 * A waiter registers itself first, then looks, then waits: a signal between looking and registering would be missed.
 * Signals may be lost altogether, so once a second it is asked how far the lines are that somebody waits in, and whatever
 * is waited for below that is read in one query; ten times as often while no signal comes and that finds something. The
 * tempting wrong way is to read all that is waited for: a long line costs as much as it is long, every second.
 */
import { setImmediate as letOthersRun } from 'node:timers/promises'
import type pg from 'pg'
import { findBookingRequests } from '../queries/find-booking-requests.ts'
import { readLineProgress } from '../queries/read-line-progress.ts'
import type { Logger } from '../../runtime/logger.ts'
import type { LineMark } from '../../queue/payloads.ts'
import type { Outcome } from '../../domain/booking-request.ts'
import { decidedView, placeInLine, type RequestView, type StoredRequest } from '../request-view.ts'

const LOOK_EVERY_MS = 1_000

/** Interval while signals do not come. */
const LOOK_SOON_MS = 100

/** Time of frequent looks after one that found outcomes without a signal. */
const LOOK_SOON_FOR_MS = 5_000

/** Lines whose watermark is kept in mind though nobody waits in them. */
const MAX_MARKS = 10_000

/** Told their place at a time; a socket takes some 30 µs. */
const TOLD_AT_ONCE = 200

interface Watched {
  readonly request: StoredRequest
  /** Everybody in this process who waits for the request. */
  readonly listeners: Map<Listener, Told>
}

interface Told {
  /** Time at which it registered or got its place, monotonic clock. */
  sinceMs: number
  /** The place that it was told last. */
  ahead: number | null
}

export interface Listener {
  onOutcome(view: RequestView): void
  /**
   * Called at most once a second, where the place has changed; not in the first second, for who registers knows the place
   * of now.
   */
  onPosition?(view: RequestView): void
}

/** A line in which somebody waits. */
interface WatchedLine {
  watermark: number
  decidedPerSecond: number
  readonly watched: Map<string, Watched>
}

export class OutcomeWatch {
  readonly #pool: pg.Pool
  readonly #logger: Logger
  readonly #watched = new Map<string, Watched>()
  readonly #lines = new Map<string, WatchedLine>()
  /** Watermarks that signals have told of, also of lines in which nobody waits: the newest last. */
  readonly #marks = new Map<string, number>()
  readonly #timer: NodeJS.Timeout
  #looking: Promise<void> | null = null
  /** Monotonic clock, like the next ones. */
  #nextLookAt = performance.now() + LOOK_EVERY_MS
  #impatientUntil = 0
  #heardSinceLook = false

  constructor(pool: pg.Pool, logger: Logger) {
    this.#pool = pool
    this.#logger = logger
    this.#timer = setInterval(() => {
      if (performance.now() >= this.#nextLookAt) void this.#lookAtAll()
    }, LOOK_SOON_MS)
    this.#timer.unref()
  }

  /** Returns the number of requests that somebody waits for. */
  get size(): number {
    return this.#watched.size
  }

  /** Registers a listener for a request that was queued when last looked at. Returns a function that takes it away. */
  watch(request: StoredRequest, listener: Listener): () => void {
    const { id, seq, ahead } = request.view
    const watched = this.#watched.get(id) ?? { request, listeners: new Map<Listener, Told>() }
    watched.listeners.set(listener, { sinceMs: performance.now(), ahead: null })
    this.#watched.set(id, watched)
    const line = this.#lineOf(request, seq - 1 - ahead)
    line.watched.set(id, watched)
    // Its signal may have come before us; after this line it cannot be missed.
    if (line.watermark >= seq) void this.#look([id])
    return () => {
      watched.listeners.delete(listener)
      if (watched.listeners.size === 0) this.#forget(watched)
    }
  }

  /**
   * Handles the progress of lines, and of requests that were decided before their turn (`early`). Outcomes that came with
   * the signal are passed on; without any, they are read.
   */
  onProgress(
    marks: readonly LineMark[],
    outcomes: readonly Outcome[] | undefined,
    early: readonly string[] = [],
  ): void {
    for (const { id, watermark } of marks) {
      this.#remember(id, watermark)
      const line = this.#lines.get(id)
      // Signals of several workers may overtake each other: an older one is ignored.
      if (line !== undefined) line.watermark = Math.max(line.watermark, watermark)
    }
    this.#heardSinceLook = true
    this.#impatientUntil = 0
    if (outcomes === undefined) {
      const ahead = early.filter((id) => this.#watched.has(id))
      void this.#look([...ahead, ...marks.flatMap(({ id }) => this.#decidedIn(this.#lines.get(id)))])
      return
    }
    for (const outcome of outcomes) {
      const watched = this.#watched.get(outcome.id)
      if (watched !== undefined) this.#settle(watched, decidedView(watched.request.view, outcome))
    }
  }

  /** Signals may have been missed. */
  onGap(): void {
    void this.#lookAtAll()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #lineOf({ view }: StoredRequest, watermark: number): WatchedLine {
    const { id } = view.resource
    let line = this.#lines.get(id)
    if (line === undefined) {
      // A signal may have come before its first watcher.
      line = { watermark: Math.max(watermark, this.#marks.get(id) ?? -1), decidedPerSecond: 0, watched: new Map() }
      this.#lines.set(id, line)
    }
    return line
  }

  #remember(line: string, watermark: number): void {
    const known = this.#marks.get(line) ?? -1
    this.#marks.delete(line)
    this.#marks.set(line, Math.max(known, watermark))
    const [oldest] = this.#marks.keys()
    if (oldest !== undefined && this.#marks.size > MAX_MARKS) this.#marks.delete(oldest)
  }

  #forget(watched: Watched): void {
    const { id, resource } = watched.request.view
    if (this.#watched.get(id) !== watched) return
    this.#watched.delete(id)
    const line = this.#lines.get(resource.id)
    line?.watched.delete(id)
    if (line?.watched.size === 0) this.#lines.delete(resource.id)
  }

  /** Resolves with the number of requests whose outcome it was the first to tell. */
  async #look(ids: readonly string[]): Promise<number> {
    let found = 0
    if (ids.length === 0) return found
    try {
      for (const { view } of await findBookingRequests(this.#pool, ids)) {
        const watched = this.#watched.get(view.id)
        if (watched === undefined || view.state === 'queued') continue
        this.#settle(watched, view)
        found++
      }
    } catch (error) {
      this.#logger.warn({ err: error, requests: ids.length }, 'could not look for outcomes, trying again in a second')
    }
    return found
  }

  /** Looks for all outcomes, once at a time: if the database is slow, looks must not pile up. */
  async #lookAtAll(): Promise<void> {
    if (this.#looking !== null || this.#watched.size === 0) return
    this.#looking = this.#lookOnce()
    await this.#looking
    this.#looking = null
    const now = performance.now()
    this.#nextLookAt = now + (now < this.#impatientUntil ? LOOK_SOON_MS : LOOK_EVERY_MS)
  }

  async #lookOnce(): Promise<void> {
    try {
      for (const { id, watermark, decidedPerSecond } of await readLineProgress(this.#pool, [...this.#lines.keys()])) {
        const line = this.#lines.get(id)
        if (line === undefined) continue
        line.watermark = Math.max(line.watermark, watermark)
        line.decidedPerSecond = decidedPerSecond
      }
    } catch (error) {
      this.#logger.warn({ err: error }, 'could not look at the lines, trying again in a second')
    }
    const found = await this.#look([...this.#lines.values()].flatMap((line) => this.#decidedIn(line)))
    if (found > 0 && !this.#heardSinceLook) this.#impatientUntil = performance.now() + LOOK_SOON_FOR_MS
    this.#heardSinceLook = false
    await this.#tellPlaces()
  }

  /** Returns requests that are still waited for though their line is past them: their outcome is stored, or on its way. */
  #decidedIn(line: WatchedLine | undefined): string[] {
    if (line === undefined) return []
    return [...line.watched.values()].flatMap(({ request: { view } }) => (view.seq <= line.watermark ? [view.id] : []))
  }

  async #tellPlaces(): Promise<void> {
    const now = performance.now()
    let told = 0
    for (const { request, listeners } of this.#watched.values()) {
      const line = this.#lines.get(request.view.resource.id)
      if (line === undefined) continue
      const place = placeInLine(request.view.seq, line)
      for (const [listener, last] of listeners) {
        if (now - last.sinceMs < LOOK_EVERY_MS || last.ahead === place.ahead) continue
        last.ahead = place.ahead
        last.sinceMs = now
        listener.onPosition?.({ ...request.view, ...place })
        told++
      }
      if (told < TOLD_AT_ONCE) continue
      told = 0
      await letOthersRun()
    }
  }

  #settle(watched: Watched, view: RequestView): void {
    if (this.#watched.get(view.id) !== watched) return
    this.#forget(watched)
    for (const listener of watched.listeners.keys()) listener.onOutcome(view)
  }
}
