/** Most calls to a provider that may be under way. */
const AT_ONCE = 8

/** Runs `work` for each item, a few at once, and begins no more when asked to stop. `work` must not throw. */
export async function fewAtOnce<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
  stopping?: AbortSignal,
): Promise<void> {
  const left = items.values()
  const next = async (): Promise<void> => {
    for (const item of left) {
      if (stopping?.aborted === true) return
      await work(item)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, next))
}
