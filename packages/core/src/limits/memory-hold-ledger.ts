import { type HoldEntry, type HoldLedger, type HoldLimit, type ReserveOutcome, RESERVED_MS } from './hold-ledger.ts'

/** An entry is a holding of one key, some 550 bytes. Beyond this the key that is known longest is forgotten whole. */
const MAX_ENTRIES = 150_000

/** Keys whose ended entries a reservation looks for, besides its own: more than it adds, and quick. */
const SWEPT_KEYS = 8

interface Holder {
  readonly entries: Map<string, HoldEntry & { readonly endsAtMs: number }>
  total: number
}

/**
 * Counts for this process alone. There is no sweep over everybody: each reservation looks at the next few keys in turn, so
 * that also those are found who never come back.
 */
export class MemoryHoldLedger implements HoldLedger {
  readonly #now: () => number
  readonly #maxEntries: number
  readonly #holders = new Map<string, Holder>()
  #entries = 0
  /** Position at which the next reservation goes on to look. An iterator of a Map bears changes of the Map. */
  #sweep = this.#holders.keys()

  constructor(now: () => number = Date.now, maxEntries = MAX_ENTRIES) {
    this.#now = now
    this.#maxEntries = maxEntries
  }

  /** Returns the number of entries that are kept. */
  get size(): number {
    return this.#entries
  }

  reserve(member: string, places: number, limits: readonly HoldLimit[]): Promise<ReserveOutcome> {
    this.#sweepSome()
    const unknown = limits.filter(({ key }) => !this.#knows(key, member))
    const full = unknown.filter(({ key, limit }) => !this.#hasRoom(key, places, limit))
    if (full.length > 0) return Promise.resolve({ kind: 'full', full })
    const added = unknown.map(({ key }) => key)
    for (const key of added) this.#put(key, { member, places, requestId: null }, RESERVED_MS)
    return Promise.resolve({ kind: 'reserved', added })
  }

  keep(entry: HoldEntry, keys: readonly string[], forMs: number): void {
    for (const key of keys) this.#put(key, entry, forMs)
  }

  release(member: string, keys: readonly string[]): void {
    for (const key of keys) this.#drop(key, member)
  }

  strike(members: readonly string[], key: string): Promise<void> {
    for (const member of members) this.#drop(key, member)
    return Promise.resolve()
  }

  takeBack(member: string, keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      if (this.#holders.get(key)?.entries.get(member)?.requestId === null) this.#drop(key, member)
    }
    return Promise.resolve()
  }

  list(key: string): Promise<HoldEntry[]> {
    this.#forgetEnded(key)
    return Promise.resolve([...(this.#holders.get(key)?.entries.values() ?? [])])
  }

  #put(key: string, entry: HoldEntry, forMs: number): void {
    this.#drop(key, entry.member)
    this.#makeRoom()
    const holder = this.#holders.get(key) ?? { entries: new Map<string, never>(), total: 0 }
    holder.entries.set(entry.member, { ...entry, endsAtMs: this.#now() + forMs })
    holder.total += entry.places
    this.#entries++
    this.#holders.set(key, holder)
  }

  #drop(key: string, member: string): void {
    const holder = this.#holders.get(key)
    const entry = holder?.entries.get(member)
    if (holder === undefined || entry === undefined) return
    holder.entries.delete(member)
    holder.total -= entry.places
    this.#entries--
    if (holder.entries.size === 0) this.#holders.delete(key)
  }

  #makeRoom(): void {
    while (this.#entries >= this.#maxEntries) {
      const [oldest] = this.#holders
      if (oldest === undefined) return
      const [key, holder] = oldest
      this.#entries -= holder.entries.size
      this.#holders.delete(key)
    }
  }

  #knows(key: string, member: string): boolean {
    const entry = this.#holders.get(key)?.entries.get(member)
    return entry !== undefined && entry.endsAtMs > this.#now()
  }

  /** Returns whether there is room. It looks for ended entries only if there seems to be none. */
  #hasRoom(key: string, places: number, limit: number): boolean {
    const fits = () => (this.#holders.get(key)?.total ?? 0) + places <= limit
    if (fits()) return true
    this.#forgetEnded(key)
    return fits()
  }

  #forgetEnded(key: string): void {
    const now = this.#now()
    for (const [member, { endsAtMs }] of this.#holders.get(key)?.entries ?? []) {
      if (endsAtMs <= now) this.#drop(key, member)
    }
  }

  #sweepSome(): void {
    for (let swept = 0; swept < SWEPT_KEYS; swept++) {
      const { done, value } = this.#sweep.next()
      if (done === true) {
        this.#sweep = this.#holders.keys()
        return
      }
      this.#forgetEnded(value)
    }
  }
}
