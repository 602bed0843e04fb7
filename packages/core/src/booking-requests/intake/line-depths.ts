import type pg from 'pg'
import type { LineMark } from '../../queue/payloads.ts'
import { Problem } from '../../use-case/problem.ts'
import { readLineProgress } from '../queries/read-line-progress.ts'

/** A line that was full is looked at again after this long, and so are all lines together. */
const LOOK_AGAIN_MS = 250

/** Lines that this process keeps in mind. Those that are decided to their end are forgotten first. */
const MAX_KNOWN = 20_000

/** Lines of one look at all of them. */
const LOOKED_AT_ONCE = 2_000

export interface DepthLimits {
  /** Undecided requests of one line. */
  readonly ofLine: number
  /** Undecided requests of all lines. */
  readonly ofAll: number
}

/** News of a line. */
interface Noted {
  readonly last?: number
  readonly watermark?: number
  readonly paused?: boolean
}

interface Depth {
  last: number
  watermark: number
  /** `true` if it was paused at the last look: a line that its organizer has paused is no reason to turn others away. */
  paused: boolean
  /** Monotonic clock. */
  lookedAt: number
}

/**
 * Backpressure: how many requests wait in each line, as far as this process knows from its own writes and from signals.
 * Looks at the database only when a line, or all together, seem full, so that the usual request pays nothing.
 */
export class LineDepths {
  readonly #pool: pg.Pool
  readonly #limits: DepthLimits
  readonly #lines = new Map<string, Depth>()
  #total = 0
  #lookedAtAll = Number.NEGATIVE_INFINITY
  #looking: Promise<void> | null = null

  constructor(pool: pg.Pool, limits: DepthLimits) {
    this.#pool = pool
    this.#limits = limits
  }

  /** Returns the number of lines that it keeps in mind. */
  get size(): number {
    return this.#lines.size
  }

  /** Notes that a `seq` of a line was given out or decided. */
  note(id: string, { last = 0, watermark = 0, paused }: Noted): void {
    const known = this.#lines.get(id)
    // What others have decided is no news of a line into which nothing was put here.
    if (known === undefined && last === 0) return
    const depth = known ?? {
      last,
      watermark: Math.min(watermark, last),
      paused: false,
      lookedAt: Number.NEGATIVE_INFINITY,
    }
    this.#total -= known === undefined ? 0 : countedOf(depth)
    depth.last = Math.max(depth.last, last)
    if (watermark > depth.watermark) depth.paused = false
    depth.watermark = Math.max(depth.watermark, watermark)
    if (paused !== undefined) depth.paused = paused
    this.#total += countedOf(depth)
    if (known === undefined) this.#remember(id, depth)
  }

  onMarks(marks: readonly LineMark[]): void {
    for (const { id, watermark } of marks) this.note(id, { watermark })
  }

  /** Throws Problem `overloaded` with an honest `Retry-After` while the line is full, or all are together. */
  async check(id: string): Promise<void> {
    const { ofLine, ofAll } = this.#limits
    const line = this.#lines.get(id)
    if (line !== undefined && depthOf(line) >= ofLine) {
      const now = performance.now()
      if (now - line.lookedAt > LOOK_AGAIN_MS) {
        line.lookedAt = now
        await this.#look([id])
      }
      if (depthOf(line) >= ofLine) throw new Problem('overloaded', { retryAfterSeconds: 2 })
    }
    if (this.#total < ofAll) return
    if (performance.now() - this.#lookedAtAll > LOOK_AGAIN_MS) await this.#lookAtAll()
    if (this.#total >= ofAll) throw new Problem('overloaded', { retryAfterSeconds: 2 })
  }

  #lookAtAll(): Promise<void> {
    return (this.#looking ??= this.#lookInParts().finally(() => {
      this.#looking = null
      this.#lookedAtAll = performance.now()
    }))
  }

  async #lookInParts(): Promise<void> {
    const waiting = [...this.#lines].flatMap(([id, line]) => (depthOf(line) > 0 ? [id] : []))
    for (let at = 0; at < waiting.length; at += LOOKED_AT_ONCE) await this.#look(waiting.slice(at, at + LOOKED_AT_ONCE))
  }

  async #look(ids: readonly string[]): Promise<void> {
    for (const { id, watermark, next, paused } of await readLineProgress(this.#pool, ids)) {
      this.note(id, { last: next - 1, watermark, paused })
    }
  }

  #remember(id: string, depth: Depth): void {
    this.#lines.set(id, depth)
    if (this.#lines.size <= MAX_KNOWN) return
    for (const [known, line] of this.#lines) {
      if (depthOf(line) === 0) this.#lines.delete(known)
      if (this.#lines.size <= MAX_KNOWN / 2) return
    }
    // More lines wait than are kept in mind: the oldest is forgotten, and counts no more.
    for (const [known, line] of this.#lines) {
      if (this.#lines.size <= MAX_KNOWN) return
      this.#total -= countedOf(line)
      this.#lines.delete(known)
    }
  }
}

const depthOf = ({ last, watermark }: Depth): number => Math.max(0, last - watermark)

/** Returns how much of the line counts for all lines together. */
const countedOf = (depth: Depth): number => (depth.paused ? 0 : depthOf(depth))
