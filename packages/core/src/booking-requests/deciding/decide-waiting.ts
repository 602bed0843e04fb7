import { isTransient } from '../../db/sql-errors.ts'
import { PAYLOAD_VERSION, type Signal } from '../../queue/payloads.ts'
import { type DecideDependencies, decideNextBatch, type LaneBatch } from './decide-lane.ts'
import { withRetries } from '../../runtime/retry.ts'

export interface DecideWaitingDependencies extends DecideDependencies {
  /** Tells the API processes. Must not throw; called after each commit and not waited for. */
  readonly announce: (signal: Signal) => void
  /** Ends it after the batch in hand. */
  readonly stopping?: AbortSignal
}

export interface DecidedWaiting {
  /** Everything up to this `seq` is decided; `null` when the lane was paused or busy from the start. */
  readonly watermark: number | null
  readonly decided: number
}

/**
 * Decides a lane batch by batch until one is not full: then nothing is left of what was accepted before it began. How far
 * a job asks to go is no condition: where the database was restored or is another one, that `seq` may never come.
 * Transient errors of PostgreSQL are retried with backoff and jitter where `mode` is `wait`, and thrown otherwise; nothing
 * is half-decided in between.
 */
export async function decideWaiting(
  dependencies: DecideWaitingDependencies,
  lane: number,
  mode: 'wait' | 'ifFree',
): Promise<DecidedWaiting> {
  const { announce, stopping } = dependencies
  let watermark: number | null = null
  let decided = 0
  for (;;) {
    const batch = await withRetries(decideRetries(dependencies, lane, mode), () =>
      decideNextBatch(dependencies, lane, mode),
    )
    if (batch === null) return { watermark, decided }
    watermark = batch.watermark
    decided += batch.outcomes.length
    if (batch.outcomes.length > 0) announce(signalOf(batch))
    if (!batch.full || stopping?.aborted === true) return { watermark, decided }
  }
}

const decideRetries = ({ logger, observer }: DecideWaitingDependencies, lane: number, mode: 'wait' | 'ifFree') => ({
  // Whoever does not wait comes again anyway, and must not keep other lanes waiting meanwhile.
  attempts: mode === 'wait' ? 6 : 1,
  baseMs: 50,
  capMs: 2_000,
  isRetried: isTransient,
  onRetry: (error: unknown, attempt: number, waitMs: number) => {
    observer?.onRetry()
    logger.warn({ err: error, lane, attempt, waitMs }, 'deciding failed for a moment, trying again')
  },
})

function signalOf({ lane, watermark, outcomes, versions }: LaneBatch): Signal {
  return { v: PAYLOAD_VERSION, lane: { id: lane, watermark, outcomes }, versions }
}
