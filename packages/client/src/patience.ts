/** Waits, unless `signal` aborts first: then it rejects with the reason. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason)
      return
    }
    const end = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', end)
      resolve()
    }, ms)
    signal?.addEventListener('abort', end, { once: true })
  })
}

const FIRST_MS = 250
const MAX_MS = 10_000

/**
 * Returns the wait before a retry: what the server asked for, or twice as long each time, with jitter because others
 * wait too.
 */
export function waitBeforeRetry(attempt: number, retryAfterSeconds: number | null): number {
  const ms = retryAfterSeconds === null ? Math.min(MAX_MS, FIRST_MS * 2 ** attempt) : retryAfterSeconds * 1_000
  return ms * (1 + Math.random() / 4)
}
