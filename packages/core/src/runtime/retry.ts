import { setTimeout as delay } from 'node:timers/promises'

export interface RetryPolicy {
  readonly attempts: number
  readonly baseMs: number
  readonly capMs: number
  /** Returns whether an error is worth another try. */
  isRetried(error: unknown): boolean
  onRetry?(error: unknown, attempt: number, waitMs: number): void
}

/**
 * Returns the wait before a try: exponential backoff with full jitter, uniform in [0, min(cap, base × 2^n)] before try
 * n. (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.)
 */
function backoffMs(attempt: number, policy: Pick<RetryPolicy, 'baseMs' | 'capMs'>, random = Math.random): number {
  return random() * Math.min(policy.capMs, policy.baseMs * 2 ** attempt)
}

/** Repeats `work` while it fails with a retried error, at most `attempts` times in all; then throws the last error. */
export async function withRetries<T>(policy: RetryPolicy, work: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (attempt + 1 >= policy.attempts || !policy.isRetried(error)) throw error
      const waitMs = backoffMs(attempt, policy)
      policy.onRetry?.(error, attempt + 1, waitMs)
      await delay(waitMs)
    }
  }
}
