import { setTimeout as delay } from 'node:timers/promises'

/** A failed start waits this long for its parts to close, and then reports the failure all the same. */
const CLOSE_WITHIN_MS = 4_000

/**
 * Opens the parts of a process. `open` defers each part's closing on the stack as soon as the part is open, so that `stop`
 * closes the last one first. A part that others need until late, but that is opened late, gets a stack of its own in its
 * place: `parts.use(new AsyncDisposableStack())`.
 *
 * If opening fails half way, closes what was opened, in the same order, and throws the failure.
 */
export async function openParts<Opened extends object>(
  open: (parts: AsyncDisposableStack) => Promise<Opened>,
  closeWithinMs: number = CLOSE_WITHIN_MS,
): Promise<Opened & { stop(): Promise<void> }> {
  const parts = new AsyncDisposableStack()
  try {
    const opened = await open(parts)
    return { ...opened, stop: () => parts.disposeAsync() }
  } catch (error) {
    const overdue = new AbortController()
    // Why it could not be opened says more than why it could not be closed.
    const closed = parts.disposeAsync().catch(() => undefined)
    await Promise.race([closed, delay(closeWithinMs, undefined, { signal: overdue.signal })])
    overdue.abort()
    throw error
  }
}
