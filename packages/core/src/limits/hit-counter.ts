/** Count of a key. */
export interface Hits {
  readonly count: number
  /** Time at which the count starts again, as `Date.now()` counts. */
  readonly resetsAtMs: number
}

/** Counts in windows that begin with their first hit. Never rejects. */
export interface HitCounter {
  /** Adds `weight`, a whole number above 0. A key always has the same window. */
  hit(key: string, windowMs: number, weight?: number): Promise<Hits>
  /** The count as it is; 0 where there is none. */
  peek(key: string): Promise<Hits>
}
