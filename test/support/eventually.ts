import { setTimeout as pause } from 'node:timers/promises'

/**
 * Calls `attempt` until it does not throw, and returns its result. Put the expectation inside; after the deadline its
 * last failure is thrown. Use it for work that another process does in its own time, never as a substitute for a lock.
 */
export async function eventually<T>(
  attempt: () => T | Promise<T>,
  { withinMs = 5_000, everyMs = 20 }: { withinMs?: number; everyMs?: number } = {},
): Promise<T> {
  const deadline = Date.now() + withinMs
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await pause(everyMs)
    }
  }
}
