import type pg from 'pg'

export interface ObservedPool {
  readonly pool: pg.Pool
  /** The statements sent through `pool`, oldest first; a test may empty the list at any time. */
  readonly statements: { readonly text: string; readonly values: unknown[] }[]
  /**
   * Holds back, from now on, the results of statements whose text includes `text`: they have run, and the caller does
   * not know yet. `held` resolves with the first one; `fail` loses the results on the way back.
   */
  holdResults(text: string): {
    readonly held: Promise<void>
    release(): void
    fail(error: Error): void
    /** Holds back nothing more than has been held until now. */
    passOthers(): void
  }
}

/** Returns a pool that records what goes through it. */
export function observePool(pool: pg.Pool): ObservedPool {
  const statements: { text: string; values: unknown[] }[] = []
  let hold: { text: string; reached: () => void; released: Promise<void> } | undefined
  const query = async (config: string | { text: string; values: unknown[] }, given: unknown[] = []) => {
    const [text, values] = typeof config === 'string' ? [config, given] : [config.text, config.values]
    statements.push({ text, values })
    const result = await (typeof config === 'string' ? pool.query(config, given) : pool.query(config))
    if (hold !== undefined && text.includes(hold.text)) {
      hold.reached()
      await hold.released
    }
    return result
  }
  return {
    pool: new Proxy(pool, { get: (target, key) => (key === 'query' ? query : Reflect.get(target, key, target)) }),
    statements,
    holdResults: (text) => {
      const reached = Promise.withResolvers<void>()
      const released = Promise.withResolvers<void>()
      hold = { text, reached: reached.resolve, released: released.promise }
      return {
        held: reached.promise,
        release: () => {
          hold = undefined
          released.resolve()
        },
        passOthers: () => {
          hold = undefined
        },
        fail: (error) => {
          hold = undefined
          released.reject(error)
        },
      }
    },
  }
}
