import type pg from 'pg'
import { z } from 'zod'
import { ByteCache } from '../runtime/byte-cache.ts'
import { AVAILABILITY_BYTES, listBytes } from '../settings/cache-budgets.ts'
import { readAvailability } from './queries/read-availability.ts'
import { readVersions } from './queries/read-versions.ts'
import { availabilityAt, type Availability, type AvailabilityReading } from '../domain/availability.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Signal } from '../queue/payloads.ts'
import type { SharedCache } from '../queue/transport.ts'
import { within } from '../runtime/within.ts'

/**
 * Availability for a crowd of readers, one per API process. Takes no locks.
 *
 * Invariant: a reader is never answered with a version older than one that this process had heard of, or had verified
 * in the database, when the reader came; and what it gets was verified at most `VERIFIED_FOR_MS` before that.
 *
 * Tempting and wrong: a time to live (stale after the signal, and a stampede when it ends), or dropping the entry on a
 * signal (a read that began before the signal then fills the empty place with what was true before). Instead the entry
 * remembers the newest version it heard of, and every reading carries the version of its own snapshot.
 */

/** A signal may be lost, so this is how long an answer may go on without a look at its version. */
const VERIFIED_FOR_MS = 1_000
/** A cache that takes longer than this to answer is worse than the database, and is left alone for a while. */
const SHARED_PATIENCE_MS = 200
const SHARED_REST_MS = 2_000
/** Bytes of an entry while nothing is read into it. */
const ENTRY_BYTES = 1_024
/** Bytes of a category, an area or a ticket type, with its names. */
const GROUP_BYTES = 1_024
/**
 * One round each for a check and a read that others had begun too early, for one's own check and one's own read, and
 * two to spare. After that the database's word stands, even below what a signal said: it was restored from a backup.
 */
const MAX_ROUNDS = 6

export interface AvailabilityDeps {
  readonly pool: pg.Pool
  readonly shared: SharedCache
  readonly logger: Logger
  /** Wall clock, ms since the epoch: opens and closes sales. */
  readonly now: () => number
  /** The setting `SHOWTIME_SALES_END_MS`. */
  readonly showtimeSellsForMs?: number
}

/** View that is served: the same object for everyone until something changes. */
export interface AvailabilityView {
  readonly kind: 'showtime' | 'event'
  readonly version: number
  /** A strong entity tag, quoted. */
  readonly etag: string
  /** `availability` as JSON, in one part. Shared: never written to. */
  readonly parts: readonly [Buffer]
  readonly availability: Availability
  /** Wall clock until which sales stay as they are. */
  readonly untilMs: number
  /** Sales of this version may have opened or closed before. */
  readonly movesByClock: boolean
}

/** Told after the service itself has taken note. */
export interface AvailabilityObserver {
  changed(resourceId: string, version: number): void
  /** Any number of changes may have been missed. */
  gap(): void
}

interface Entry {
  readonly id: string
  reading: AvailabilityReading | undefined
  view: AvailabilityView | undefined
  /** The newest version heard of. */
  known: number
  /** Monotonic time at which a look into the database began that found `reading` to be the newest. */
  verifiedMs: number
  readSinceVerified: boolean
  /** The shared cache holds what the database has forgotten. */
  sharedIsWrong: boolean
  verifying: Promise<void> | undefined
  rebuilding: Promise<void> | undefined
}

export class AvailabilityService {
  readonly #deps: AvailabilityDeps
  readonly #entries: ByteCache<string, Entry>
  readonly #observers: AvailabilityObserver[] = []
  /** For the next version query, which `#batch` is about to send. */
  #waiting: Entry[] = []
  #batch: Promise<void> = Promise.resolve()
  #gapMs = Number.NEGATIVE_INFINITY
  #sharedRestsUntilMs = Number.NEGATIVE_INFINITY

  constructor(deps: AvailabilityDeps, maxBytes: number = AVAILABILITY_BYTES) {
    this.#deps = deps
    this.#entries = new ByteCache(maxBytes)
  }

  /** Bytes of the readings that are kept, estimated from above. */
  get bytes(): number {
    return this.#entries.bytes
  }

  /**
   * Returns the availability of the showtime or event; `null` if the public may not know of it. Throws the driver's
   * errors.
   */
  async current(resourceId: string): Promise<AvailabilityView | null> {
    const entry = this.#use(resourceId)
    const needed = entry.known
    const notBefore = Math.max(this.#gapMs, performance.now() - VERIFIED_FOR_MS)
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const { reading } = entry
      if (reading !== undefined && reading.version >= needed && entry.verifiedMs > notBefore) break
      if (reading !== undefined && reading.version >= entry.known) {
        await (entry.verifying ??= this.#verify(entry))
      } else {
        const joined = entry.rebuilding !== undefined
        await (entry.rebuilding ??= this.#rebuild(entry))
        // What another reader's look did not find may have been published before this reader came.
        if (entry.reading === undefined && !joined) break
      }
    }
    return this.#view(entry)
  }

  /** Stops serving what is older than the versions in this signal. */
  onSignal(signal: Pick<Signal, 'versions'>): void {
    for (const [id, version] of Object.entries(signal.versions)) {
      const entry = this.#entries.peek(id)
      if (entry !== undefined && version > entry.known) entry.known = version
      for (const observer of this.#observers) observer.changed(id, version)
    }
  }

  /** Signals may have been lost: nothing is served from now on without a look at its version. */
  onGap(): void {
    this.#gapMs = performance.now()
    for (const observer of this.#observers) observer.gap()
  }

  observe(observer: AvailabilityObserver): void {
    this.#observers.push(observer)
  }

  #use(id: string): Entry {
    const known = this.#entries.get(id)
    if (known === undefined) {
      const entry: Entry = {
        id,
        reading: undefined,
        view: undefined,
        known: -1,
        verifiedMs: Number.NEGATIVE_INFINITY,
        readSinceVerified: true,
        sharedIsWrong: false,
        verifying: undefined,
        rebuilding: undefined,
      }
      this.#entries.set(id, entry, ENTRY_BYTES)
      return entry
    }
    known.readSinceVerified = true
    return known
  }

  #view(entry: Entry): AvailabilityView | null {
    const { reading, view } = entry
    if (reading === undefined) return null
    const nowMs = this.#deps.now()
    if (view !== undefined && nowMs < view.untilMs) return view
    const { availability, tag, untilMs, movesByClock } = availabilityAt(reading, nowMs, this.#deps.showtimeSellsForMs)
    const etag = `"${tag}"`
    const { kind, version } = reading
    const parts: [Buffer] = [Buffer.from(JSON.stringify(availability))]
    entry.view = { kind, version, etag, parts, availability, untilMs, movesByClock }
    this.#weigh(entry)
    return entry.view
  }

  /**
   * Counts the bytes of an entry. If it was evicted meanwhile it stays out; its readers still get their response from
   * it.
   */
  #weigh(entry: Entry): void {
    if (this.#entries.peek(entry.id) !== entry) return
    this.#entries.set(entry.id, entry, ENTRY_BYTES + readingBytes(entry.reading) + viewBytes(entry.view))
  }

  #adopt(entry: Entry, reading: AvailabilityReading): void {
    entry.reading = reading
    entry.view = undefined
    entry.known = Math.max(entry.known, reading.version)
    this.#weigh(entry)
  }

  /**
   * Checks, with one query, everything that waits in this turn and everything that was read since it was last checked.
   */
  async #verify(entry: Entry): Promise<void> {
    try {
      this.#waiting.push(entry)
      if (this.#waiting.length === 1) this.#batch = this.#verifyBatch()
      await this.#batch
    } finally {
      entry.verifying = undefined
    }
  }

  async #verifyBatch(): Promise<void> {
    await Promise.resolve()
    const beganMs = performance.now()
    const recent = [...this.#entries.values()].filter(({ reading, readSinceVerified }) => reading && readSinceVerified)
    const entries = [...new Set([...this.#waiting, ...recent])]
    this.#waiting = []
    const known = new Map(entries.map((entry) => [entry, entry.known]))
    const versions = await readVersions(
      this.#deps.pool,
      entries.map(({ id }) => id),
    )
    for (const [entry, knownAtStart] of known) {
      const version = versions.get(entry.id)
      if (version === undefined || version < knownAtStart) {
        // The database forgot what it once said (it was restored, or a catalogue was deleted): it is still the truth.
        if (entry.known === knownAtStart) this.#forget(entry)
      } else {
        entry.known = Math.max(entry.known, version)
        if (entry.reading?.version === version && beganMs > entry.verifiedMs) {
          entry.verifiedMs = beganMs
          entry.readSinceVerified = false
        }
      }
    }
  }

  #forget(entry: Entry): void {
    this.#deps.logger.warn({ resource: entry.id, version: entry.known }, 'availability: the database went back in time')
    entry.reading = undefined
    entry.view = undefined
    entry.known = -1
    entry.sharedIsWrong = true
    entry.verifiedMs = Number.NEGATIVE_INFINITY
  }

  /**
   * Rebuilds an entry from the cache that all processes share, if that is recent enough, else from the database. A
   * shared reading is a committed one, and it does not change when the database is read next: `verifiedMs` stays.
   */
  async #rebuild(entry: Entry): Promise<void> {
    try {
      const cached = entry.sharedIsWrong ? null : await this.#askShared(entry.id)
      if (cached !== null && cached.version >= entry.known && cached.version > (entry.reading?.version ?? -1)) {
        const reading = parseReading(cached.body)
        if (reading !== null) {
          this.#adopt(entry, reading)
          return
        }
      }
      await this.#readDatabase(entry)
    } finally {
      entry.rebuilding = undefined
    }
  }

  /** Reads the shared cache; returns `null` if it has no entry or hangs, which readers must not notice. */
  async #askShared(id: string): ReturnType<SharedCache['get']> {
    if (performance.now() < this.#sharedRestsUntilMs) return null
    try {
      return await within(SHARED_PATIENCE_MS, 'asking the shared cache', this.#deps.shared.get(cacheKey(id)))
    } catch (error) {
      this.#sharedRestsUntilMs = performance.now() + SHARED_REST_MS
      this.#deps.logger.debug({ err: error }, 'availability: without the shared cache for a while')
      return null
    }
  }

  async #readDatabase(entry: Entry): Promise<void> {
    const beganMs = performance.now()
    const knownAtStart = entry.known
    const reading = await readAvailability(this.#deps.pool, entry.id)
    if (reading === null) {
      entry.reading = undefined
      entry.view = undefined
      if (this.#entries.peek(entry.id) === entry) this.#entries.delete(entry.id)
      return
    }
    if (reading.version < knownAtStart && entry.known === knownAtStart) this.#forget(entry)
    this.#adopt(entry, reading)
    entry.verifiedMs = beganMs
    entry.readSinceVerified = false
    // Not waited for: a slow cache must not slow down the readers.
    void this.#deps.shared.setIfNewer(cacheKey(entry.id), reading.version, JSON.stringify(reading))
  }
}

function readingBytes(reading: AvailabilityReading | undefined): number {
  if (reading === undefined) return 0
  const house = reading.kind === 'showtime' ? reading : reading.house
  const tickets = reading.kind === 'event' ? GROUP_BYTES * (reading.ticketTypes.length + reading.quotas.length) : 0
  if (house === null) return tickets
  return tickets + GROUP_BYTES * (house.categories.length + house.areas.length) + listBytes(house.taken)
}

/**
 * Returns the bytes of a view. A view shares the labels of its reading; an event's has ticket types of its own.
 */
export function viewBytes(view: AvailabilityView | undefined): number {
  if (view === undefined) return 0
  const { availability, parts } = view
  return parts[0].length + ('ticketTypes' in availability ? GROUP_BYTES * availability.ticketTypes.length : 0)
}

/** Returns the key of a resource. The number in it is the version of the format of `AvailabilityReading`. */
function cacheKey(resourceId: string): string {
  return `availability:2:${resourceId}`
}

const houseSchema = {
  taken: z.array(z.string()),
  categories: z.array(
    z.object({ id: z.string(), name: z.string(), price: z.int().nullable(), total: z.int(), available: z.int() }),
  ),
  areas: z.array(z.object({ label: z.string(), categoryId: z.string(), capacity: z.int(), available: z.int() })),
}

const saleTimes = {
  startsAt: z.number(),
  endsAt: z.number(),
  salesStartAt: z.number().nullable(),
  salesEndAt: z.number().nullable(),
}

const readingSchema: z.ZodType<AvailabilityReading> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('showtime'), version: z.int(), active: z.boolean(), ...saleTimes, ...houseSchema }),
  z.object({
    kind: z.literal('event'),
    version: z.int(),
    published: z.boolean(),
    ...saleTimes,
    quotas: z.array(z.object({ name: z.string(), capacity: z.int(), ticketTypeIds: z.array(z.string()) })),
    ticketTypes: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        price: z.int(),
        capacity: z.int(),
        sold: z.int(),
        active: z.boolean(),
        hidden: z.boolean(),
        saleStartsAt: z.number().nullable(),
        saleEndsAt: z.number().nullable(),
      }),
    ),
    house: z.object(houseSchema).nullable(),
  }),
])

/** Parses a reading; returns `null` for a text that this program did not write. */
function parseReading(body: string): AvailabilityReading | null {
  try {
    const parsed = readingSchema.safeParse(JSON.parse(body))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}
