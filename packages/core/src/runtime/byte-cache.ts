interface Entry<Value> {
  readonly value: Value
  readonly bytes: number
}

/** A cache bounded by bytes: what was used longest ago makes room. What is larger than all of it is not kept. */
export class ByteCache<Key, Value> {
  readonly #maxBytes: number
  /** Entries in the order of their last use. */
  readonly #entries = new Map<Key, Entry<Value>>()
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Bytes of all entries, as given to `set`. */
  get bytes(): number {
    return this.#bytes
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: Key): Value | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return entry.value
  }

  /** Looks without using it. */
  peek(key: Key): Value | undefined {
    return this.#entries.get(key)?.value
  }

  /** Keeps a value, in place of the key's former one. `bytes` must be what it takes, or more. */
  set(key: Key, value: Value, bytes: number): void {
    this.delete(key)
    this.#entries.set(key, { value, bytes })
    this.#bytes += bytes
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#maxBytes) return
      this.delete(oldest)
    }
  }

  delete(key: Key): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    this.#bytes -= entry.bytes
  }

  *values(): Generator<Value, void, undefined> {
    for (const { value } of this.#entries.values()) yield value
  }
}

/** Values that never change and are costly to read: read once for all who want them at the same time, then kept for a while. */
export class CachedReads<Value> {
  readonly #kept: ByteCache<string, Value>
  readonly #bytesOf: (value: Value) => number
  readonly #underWay = new Map<string, Promise<Value>>()

  constructor(maxBytes: number, bytesOf: (value: Value) => number) {
    this.#kept = new ByteCache(maxBytes)
    this.#bytesOf = bytesOf
  }

  /** Bytes of all entries. */
  get bytes(): number {
    return this.#kept.bytes
  }

  /** Returns what is kept, or what `read` returns. Throws what `read` throws. */
  async get(key: string, read: () => Promise<Value>): Promise<Value> {
    for (;;) {
      const known = this.#kept.get(key)
      if (known !== undefined) return known
      const underWay = this.#underWay.get(key)
      if (underWay === undefined) return this.#read(key, read)
      try {
        return await underWay
      } catch {
        // It may have failed for a reason of its own, such as a transaction that was ended: look again.
      }
    }
  }

  async #read(key: string, read: () => Promise<Value>): Promise<Value> {
    const reading = read()
    this.#underWay.set(key, reading)
    try {
      const value = await reading
      this.#kept.set(key, value, this.#bytesOf(value))
      return value
    } finally {
      this.#underWay.delete(key)
    }
  }
}
