/** Limit on the places of a key: a pseudonym of a customer or of an address. */
export interface HoldLimit {
  readonly key: string
  readonly limit: number
}

/** One holding of a key. */
export interface HoldEntry {
  readonly member: string
  readonly places: number
  /** The booking request it became; `null` while that is being accepted. */
  readonly requestId: string | null
}

export type ReserveOutcome =
  /** `added` are the keys that did not know the member before. */
  | { readonly kind: 'reserved'; readonly added: readonly string[] }
  /** Outcome that reserved nothing: the `full` keys would exceed their limit. */
  | { readonly kind: 'full'; readonly full: readonly HoldLimit[] }

/** A reservation that nothing became of ends by itself: its process has died, or its client got an error. */
export const RESERVED_MS = 60_000

/**
 * Record of who holds how many places. Entries end by themselves; that a booking was paid or cancelled is not recorded
 * here. Never rejects. A ledger in memory may forget entries that it has no room for.
 */
export interface HoldLedger {
  /** Reserves `places` under all keys, or under none. A member that a key knows is not counted there again. */
  reserve(member: string, places: number, limits: readonly HoldLimit[]): Promise<ReserveOutcome>
  /**
   * The reservation has become a booking request, and counts for so long from now. Written down again where it is gone.
   * Nobody waits for it: it is done soon.
   */
  keep(entry: HoldEntry, keys: readonly string[], forMs: number): void
  /** The request holds nothing. Nobody waits for it: it is done soon. */
  release(member: string, keys: readonly string[]): void
  /** These hold nothing under this key, it has turned out. Done once resolved. */
  strike(members: readonly string[], key: string): Promise<void>
  /** Takes a reservation back of which nothing came. An entry that has become a booking request stays. */
  takeBack(member: string, keys: readonly string[]): Promise<void>
  list(key: string): Promise<HoldEntry[]>
}
