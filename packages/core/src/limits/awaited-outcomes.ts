/**
 * The requests that this process has accepted and whose outcome limits have to hear of: what a refused one has reserved is
 * free again, and it counts against whoever sent it.
 *
 * Each request is awaited by the one process that accepted it, so its refusal is counted once, however many processes hear
 * the signal. Signals bring most outcomes. What they do not bring, because they were lost or have no room for outcomes,
 * is read in batches once a second, up to where the lines are decided. The tempting wrong way is to read all that is
 * awaited: it costs as much as the line is long, every second.
 *
 * Nothing here has to be right: a process that dies forgets what it awaited. Then a refusal is not counted, and what the
 * request has reserved ends by itself. All that is kept and done at a time is bounded.
 */
import type pg from 'pg'
import { findBookingRequests } from '../booking-requests/queries/find-booking-requests.ts'
import { readLineProgress } from '../booking-requests/queries/read-line-progress.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Signal } from '../queue/payloads.ts'
import type { Outcome } from '../domain/booking-request.ts'
import type { RequestView, StoredRequest } from '../booking-requests/request-view.ts'

/** Some 1 KB each, with what their listeners keep. The longest awaited is given up for the newest. */
const MAX_AWAITED = 100_000

const LOOK_EVERY_MS = 1_000
const READ_AT_ONCE = 500
/** Queries of one look. */
const MAX_READS = 20

/** A request that still waits is reported as often as this. What is counted for it has to last a little longer. */
export const STILL_WAITING_EVERY_MS = 60_000
/** Reported in one look: all of them within a minute. */
const MAX_REPORTED = 2_000

/**
 * Called once a minute while the request waits in line, and once with its outcome; no more if it was given up. Keep it
 * small: there are as many as requests in line.
 */
export type OutcomeListener = (request: Pick<RequestView, keyof Outcome>) => void

/** Reports to the limits how requests end. */
export interface OutcomesToCome {
  /** Has the listener called for a request that was queued when it was accepted. A known request keeps its listener. */
  await(request: StoredRequest, listener: OutcomeListener): void
}

/** `LIMITS=off`. */
export const NO_OUTCOMES: OutcomesToCome = { await: () => undefined }

interface Awaited {
  readonly id: string
  readonly resourceId: string
  readonly seq: number
  readonly listener: OutcomeListener
  /** Monotonic clock. */
  reportedAtMs: number
}

interface AwaitedLine {
  watermark: number
  /** Requests in the order in which they were accepted: nearly that of `seq`. */
  readonly awaited: Map<string, Awaited>
}

export interface AwaitedOutcomesOptions {
  /** For reads. */
  readonly pool: pg.Pool
  readonly logger: Logger
  readonly maxAwaited?: number
  /** Monotonic, in ms. */
  readonly now?: () => number
}

export class AwaitedOutcomes implements OutcomesToCome {
  readonly #pool: pg.Pool
  readonly #logger: Logger
  readonly #maxAwaited: number
  readonly #now: () => number
  /** All of them, the longest not reported first. */
  readonly #awaited = new Map<string, Awaited>()
  /** The same by line. */
  readonly #lines = new Map<string, AwaitedLine>()
  readonly #timer: NodeJS.Timeout
  #looking: Promise<void> | null = null

  constructor({
    pool,
    logger,
    maxAwaited = MAX_AWAITED,
    now = performance.now.bind(performance),
  }: AwaitedOutcomesOptions) {
    this.#pool = pool
    this.#logger = logger
    this.#maxAwaited = maxAwaited
    this.#now = now
    this.#timer = setInterval(() => void this.look(), LOOK_EVERY_MS)
    this.#timer.unref()
  }

  /** Returns the number of requests that are awaited. */
  get size(): number {
    return this.#awaited.size
  }

  await({ view: { id, seq, resource } }: StoredRequest, listener: OutcomeListener): void {
    if (this.#awaited.has(id)) return
    const [longest] = this.#awaited.values()
    if (longest !== undefined && this.#awaited.size >= this.#maxAwaited) this.#forget(longest)
    const awaited = { id, resourceId: resource.id, seq, listener, reportedAtMs: this.#now() }
    this.#awaited.set(id, awaited)
    const line = this.#lines.get(resource.id) ?? { watermark: -1, awaited: new Map<string, Awaited>() }
    this.#lines.set(resource.id, line)
    line.awaited.set(id, awaited)
  }

  onSignal({ lines = [], outcomes = [], early = [] }: Signal): void {
    for (const { id, watermark } of lines) this.#noteWatermark(id, watermark)
    for (const outcome of outcomes) {
      const awaited = this.#awaited.get(outcome.id)
      if (awaited !== undefined) this.#settle(awaited, outcome)
    }
    const unread = early.flatMap((id) => this.#awaited.get(id) ?? [])
    if (unread.length > 0) void this.#readEarly(unread)
  }

  /** Looks once for what no signal has brought, and reports what still waits. One look at a time. Never rejects. */
  async look(): Promise<void> {
    if (this.#awaited.size === 0) return
    this.#looking ??= this.#lookOnce().finally(() => (this.#looking = null))
    await this.#looking
  }

  close(): void {
    clearInterval(this.#timer)
  }

  async #lookOnce(): Promise<void> {
    this.#reportWaiting()
    try {
      const progress = await readLineProgress(this.#pool, [...this.#lines.keys()])
      for (const { id, watermark } of progress) this.#noteWatermark(id, watermark)
      for (let read = 0; read < MAX_READS; read++) {
        const decided = this.#decided(READ_AT_ONCE)
        if (decided.length === 0) return
        await this.#read(decided)
      }
    } catch (error) {
      this.#logger.warn({ err: error }, 'limits could not look for outcomes, trying again in a second')
    }
  }

  /** Returns requests that are still awaited though their line is past them. */
  #decided(atMost: number): Awaited[] {
    const decided: Awaited[] = []
    for (const line of this.#lines.values()) {
      for (const awaited of line.awaited.values()) {
        if (decided.length === atMost) return decided
        if (awaited.seq > line.watermark) break
        decided.push(awaited)
      }
    }
    return decided
  }

  async #read(decided: readonly Awaited[]): Promise<void> {
    const ids = decided.map(({ id }) => id)
    const views = new Map((await findBookingRequests(this.#pool, ids)).map(({ view }) => [view.id, view]))
    for (const awaited of decided) {
      const view = views.get(awaited.id)
      // A signal may have brought it meanwhile. What is not there, or not decided after all, would be looked for for ever.
      if (this.#awaited.get(awaited.id) !== awaited) continue
      if (view === undefined || view.state === 'queued') this.#forget(awaited)
      else this.#settle(awaited, view)
    }
  }

  /** Reads the outcomes of requests that were decided before their turn. One that is not read is, once its turn is past. */
  async #readEarly(early: readonly Awaited[]): Promise<void> {
    try {
      await this.#read(early.slice(0, READ_AT_ONCE))
    } catch (error) {
      this.#logger.warn({ err: error }, 'limits could not read an outcome before its turn')
    }
  }

  #reportWaiting(): void {
    const now = this.#now()
    let left = MAX_REPORTED
    for (const [id, awaited] of this.#awaited) {
      if (left-- === 0 || now - awaited.reportedAtMs < STILL_WAITING_EVERY_MS) return
      awaited.reportedAtMs = now
      this.#awaited.delete(id)
      this.#awaited.set(id, awaited)
      awaited.listener({ id, state: 'queued', decidedAt: null, booking: null, refusal: null })
    }
  }

  #noteWatermark(id: string, watermark: number): void {
    const line = this.#lines.get(id)
    if (line !== undefined) line.watermark = Math.max(line.watermark, watermark)
  }

  #settle(awaited: Awaited, outcome: Pick<RequestView, keyof Outcome>): void {
    this.#forget(awaited)
    awaited.listener(outcome)
  }

  #forget({ id, resourceId }: Awaited): void {
    this.#awaited.delete(id)
    const line = this.#lines.get(resourceId)
    line?.awaited.delete(id)
    if (line?.awaited.size === 0) this.#lines.delete(resourceId)
  }
}
