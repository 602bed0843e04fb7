/** What counts places for whom: a pseudonym of a customer or of an address, and how many it may hold. */
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
  /** Nothing was reserved: it would be too much for the `full` keys. */
  | { readonly kind: 'full'; readonly full: readonly HoldLimit[] }

/** A reservation that nothing became of ends by itself: its process has died, or its client got an error. */
export const RESERVED_MS = 60_000

/**
 * Who holds how many places, as far as it was written down: entries end by themselves, but that a booking was paid or
 * cancelled is not noted here. Never rejects. A ledger in memory may forget what it has no room for.
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
  /** Nothing became of the reservation. What is a booking request by now stays. */
  takeBack(member: string, keys: readonly string[]): Promise<void>
  list(key: string): Promise<HoldEntry[]>
}
