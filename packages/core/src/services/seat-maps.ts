import { createHash } from 'node:crypto'
import type pg from 'pg'
import { readSeatMap } from '../db/queries/read-seat-map.ts'

/**
 * Seat maps as served. A crowd that opens a page at once costs one query a second per showtime, and no more than this
 * long after a change of prices the old ones are gone. Takes no locks.
 */
const KEPT_FOR_MS = 1_000
const MAX_ENTRIES = 200

export interface ServedSeatMap {
  /** A strong entity tag, quoted: layout version and a digest of the content, for prices may change. */
  readonly etag: string
  readonly body: string
}

interface Entry {
  readonly untilMs: number
  readonly seatMap: Promise<ServedSeatMap | null>
}

export class SeatMaps {
  readonly #pool: pg.Pool
  /** In the order in which they were read. */
  readonly #entries = new Map<string, Entry>()

  constructor(pool: pg.Pool) {
    this.#pool = pool
  }

  /** `null` where there is no such showtime for the public, which is not remembered: it may be published any moment. */
  async get(showtimeId: string): Promise<ServedSeatMap | null> {
    const nowMs = performance.now()
    const known = this.#entries.get(showtimeId)
    if (known !== undefined && nowMs < known.untilMs) return known.seatMap
    const entry = { untilMs: nowMs + KEPT_FOR_MS, seatMap: this.#read(showtimeId) }
    this.#entries.delete(showtimeId)
    this.#entries.set(showtimeId, entry)
    if (this.#entries.size > MAX_ENTRIES) {
      const [oldest] = this.#entries.keys()
      if (oldest !== undefined) this.#entries.delete(oldest)
    }
    let found = false
    try {
      const seatMap = await entry.seatMap
      found = seatMap !== null
      return seatMap
    } finally {
      if (!found && this.#entries.get(showtimeId) === entry) this.#entries.delete(showtimeId)
    }
  }

  /** It has changed just now: whoever changed it sees it changed. Other processes follow when theirs is too old. */
  forget(showtimeId: string): void {
    this.#entries.delete(showtimeId)
  }

  async #read(showtimeId: string): Promise<ServedSeatMap | null> {
    const seatMap = await readSeatMap(this.#pool, showtimeId)
    if (seatMap === null) return null
    const body = JSON.stringify(seatMap)
    const digest = createHash('sha256').update(body).digest('base64url').slice(0, 16)
    return { etag: `"${seatMap.version}-${digest}"`, body }
  }
}
