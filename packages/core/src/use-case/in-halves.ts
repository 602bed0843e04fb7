export interface Halving<Item, Result> {
  /** Does all of it, or nothing and throws. */
  readonly attempt: (items: readonly Item[]) => Promise<Result>
  /** Returns whether an error can be one item's fault. Any other would hit every item, and is thrown. */
  readonly isOnesFault: (error: unknown) => boolean
  /** Does what is left to do for an item that fails alone. */
  readonly setAside: (item: Item, error: unknown) => Promise<Result> | Result
}

/**
 * Yields the result of a batch. If one of its items makes it fail, it yields those of its halves, in order and each as soon
 * as it is done, and so on until the bad item stands alone: so no other item fails with it.
 */
export async function* inHalves<Item, Result>(
  items: readonly Item[],
  halving: Halving<Item, Result>,
): AsyncGenerator<Result> {
  const [first] = items
  if (first === undefined) return
  let result: Result
  try {
    result = await halving.attempt(items)
  } catch (error) {
    if (!halving.isOnesFault(error)) throw error
    if (items.length > 1) {
      const middle = Math.ceil(items.length / 2)
      yield* inHalves(items.slice(0, middle), halving)
      yield* inHalves(items.slice(middle), halving)
      return
    }
    result = await halving.setAside(first, error)
  }
  yield result
}
