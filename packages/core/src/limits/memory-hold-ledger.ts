import { type HoldEntry, type HoldLedger, type HoldLimit, type ReserveOutcome, RESERVED_MS } from './hold-ledger.ts'

interface Holder {
  readonly entries: Map<string, HoldEntry & { readonly endsAtMs: number }>
  total: number
}

/** Counts for this process alone. */
export class MemoryHoldLedger implements HoldLedger {
  readonly #now: () => number
  readonly #holders = new Map<string, Holder>()
  #sweepAtMs = 0

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  reserve(member: string, places: number, limits: readonly HoldLimit[]): Promise<ReserveOutcome> {
    this.#sweep()
    const unknown = limits.filter(({ key }) => !this.#knows(key, member))
    const full = unknown.filter(({ key, limit }) => !this.#hasRoom(key, places, limit))
    if (full.length > 0) return Promise.resolve({ kind: 'full', full })
    const added = unknown.map(({ key }) => key)
    for (const key of added) this.#put(key, { member, places, requestId: null }, RESERVED_MS)
    return Promise.resolve({ kind: 'reserved', added })
  }

  keep(entry: HoldEntry, keys: readonly string[], forMs: number): Promise<void> {
    for (const key of keys) this.#put(key, entry, forMs)
    return Promise.resolve()
  }

  drop(members: readonly string[], keys: readonly string[]): Promise<void> {
    for (const key of keys) for (const member of members) this.#drop(key, member)
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
    const holder = this.#holders.get(key) ?? { entries: new Map<string, never>(), total: 0 }
    holder.entries.set(entry.member, { ...entry, endsAtMs: this.#now() + forMs })
    holder.total += entry.places
    this.#holders.set(key, holder)
  }

  #drop(key: string, member: string): void {
    const holder = this.#holders.get(key)
    const entry = holder?.entries.get(member)
    if (holder === undefined || entry === undefined) return
    holder.entries.delete(member)
    holder.total -= entry.places
    if (holder.entries.size === 0) this.#holders.delete(key)
  }

  #knows(key: string, member: string): boolean {
    const entry = this.#holders.get(key)?.entries.get(member)
    return entry !== undefined && entry.endsAtMs > this.#now()
  }

  /** What has ended is only looked for where there seems to be no room. */
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

  /** Now and then everybody is looked at, also those who never come back. */
  #sweep(): void {
    const now = this.#now()
    if (now < this.#sweepAtMs) return
    this.#sweepAtMs = now + RESERVED_MS
    for (const key of this.#holders.keys()) this.#forgetEnded(key)
  }
}
