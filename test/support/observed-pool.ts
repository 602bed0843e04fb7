import type pg from 'pg'

export interface ObservedPool {
  readonly pool: pg.Pool
  /** What was sent through `pool`, oldest first; empty it at will. */
  readonly statements: { readonly text: string; readonly values: unknown[] }[]
  /**
   * From now on holds back the results of statements whose text includes `text`: they have been run, and the caller
   * does not know yet. `held` resolves when the first one is; `fail` loses the
   * results on the way back.
   */
  holdResults(text: string): { readonly held: Promise<void>; release(): void; fail(error: Error): void }
}

/** A pool that tells what goes through it. */
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
        fail: (error) => {
          hold = undefined
          released.reject(error)
        },
      }
    },
  }
}
