/** What a key has been counted to. */
export interface Hits {
  readonly count: number
  /** When the count begins anew, as `Date.now()` tells time. */
  readonly resetsAtMs: number
}

/** Counts in windows that begin with their first hit. Never rejects. */
export interface HitCounter {
  hit(key: string, windowMs: number): Promise<Hits>
  /** The count as it is; 0 where there is none. */
  peek(key: string): Promise<Hits>
}
