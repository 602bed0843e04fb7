import { createHash } from 'node:crypto'
import type pg from 'pg'
import { CachedReads } from '../runtime/byte-cache.ts'
import { SEAT_MAPS_BYTES } from '../settings/cache-budgets.ts'
import { readSeatMap, type SeatMap } from './queries/read-seat-map.ts'
import { readSeatRows } from '../inventory/queries/read-seat-rows.ts'

/**
 * Seat maps as served. A crowd that opens a page at once costs one short query a second per showtime or event, and no more than
 * this long after a change of prices the old ones are gone. The seats, which never change, are read once and shared by all
 * of a layout that sell the same categories. Takes no locks.
 */
const KEPT_FOR_MS = 1_000
/** Those read within the last second; more of them are not remembered. */
const MAX_ENTRIES = 1_000

export interface ServedSeatMap {
  /** A strong entity tag, quoted: layout version and a digest of all that the content is made from, for prices may change. */
  readonly etag: string
  /** The body, one part after the other. Shared: never written to. */
  readonly parts: readonly Buffer[]
}

interface Head extends SeatMap {
  readonly etag: string
}

interface Entry {
  readonly untilMs: number
  readonly head: Promise<Head | null>
}

export class SeatMaps {
  readonly #pool: pg.Pool
  /** Entries in the order in which they were read. */
  readonly #entries = new Map<string, Entry>()
  readonly #rows: CachedReads<Buffer>

  constructor(pool: pg.Pool, maxBytes: number = SEAT_MAPS_BYTES) {
    this.#pool = pool
    this.#rows = new CachedReads(maxBytes, (rows) => rows.length)
  }

  /** Bytes of the seats that are kept. */
  get bytes(): number {
    return this.#rows.bytes
  }

  /**
   * Returns the seat map of a showtime, or of an event with a house; `null` if the public may not see it, which is not
   * cached: it may be published any moment.
   */
  async get(kind: SeatMap['kind'], resourceId: string): Promise<ServedSeatMap | null> {
    const head = await this.#head(resourceId)
    if (head?.kind !== kind) return null
    const { version, layoutId, categories, areas, focus, currency, etag } = head
    const unpriced = categories.filter(({ price }) => price === null).map(({ id }) => id)
    const rows = await this.#rows.get([layoutId, ...unpriced].join(' '), () => this.#readRows(layoutId, unpriced))
    const before = Buffer.from(`{"version":${version},"rows":[`)
    const after = Buffer.from(`],${JSON.stringify({ areas, focus, categories, currency }).slice(1)}`)
    return { etag, parts: [before, rows, after] }
  }

  /**
   * Drops a changed seat map, so that whoever changed it sees the change. Other processes follow when theirs is too
   * old.
   */
  forget(resourceId: string): void {
    this.#entries.delete(resourceId)
  }

  async #head(resourceId: string): Promise<Head | null> {
    const nowMs = performance.now()
    const known = this.#entries.get(resourceId)
    if (known !== undefined && nowMs < known.untilMs) return known.head
    const entry = { untilMs: nowMs + KEPT_FOR_MS, head: this.#readHead(resourceId) }
    this.#entries.delete(resourceId)
    this.#entries.set(resourceId, entry)
    this.#dropOld(nowMs)
    let found = false
    try {
      const head = await entry.head
      found = head !== null
      return head
    } finally {
      if (!found && this.#entries.get(resourceId) === entry) this.#entries.delete(resourceId)
    }
  }

  #dropOld(nowMs: number): void {
    for (const [id, { untilMs }] of this.#entries) {
      if (nowMs < untilMs && this.#entries.size <= MAX_ENTRIES) return
      this.#entries.delete(id)
    }
  }

  async #readHead(resourceId: string): Promise<Head | null> {
    const seatMap = await readSeatMap(this.#pool, resourceId)
    if (seatMap === null) return null
    const digest = createHash('sha256').update(JSON.stringify(seatMap)).digest('base64url').slice(0, 16)
    return { ...seatMap, etag: `"${seatMap.version}-${digest}"` }
  }

  async #readRows(layoutId: string, unpriced: readonly string[]): Promise<Buffer> {
    return Buffer.from((await readSeatRows(this.#pool, layoutId, unpriced)).join(','))
  }
}
