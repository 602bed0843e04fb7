import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '@boxoffice/core/runtime/logger.ts'

/**
 * Runs `work` again and again, `intervalMs` after its last end (asked for then, where it varies), whatever it throws, so
 * that it never overlaps itself. Returns a function that stops it and waits for a run in progress.
 */
export function every(
  intervalMs: number | (() => number),
  name: string,
  logger: Logger,
  work: () => Promise<unknown>,
): () => Promise<void> {
  const stopping = new AbortController()
  const loop = async () => {
    while (!stopping.signal.aborted) {
      try {
        await work()
      } catch (error) {
        logger.error({ err: error, work: name }, 'periodic work failed')
      }
      const restMs = typeof intervalMs === 'number' ? intervalMs : intervalMs()
      await delay(restMs, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }
  const done = loop()
  return async () => {
    stopping.abort()
    await done
  }
}
