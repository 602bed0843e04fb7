import type { Outcome } from '../../domain/booking-request.ts'

/** Facts about one committed batch. Times in milliseconds. */
export interface BatchFacts {
  /** Time from the lines' locks to the last write. */
  readonly decideMs: number
  readonly commitMs: number
  readonly outcomes: readonly Outcome[]
}

/**
 * Told about deciding, once a batch and never once a request, after the commit and in the deciding process's own time: it
 * must be quick and must not throw.
 */
export interface DecidingObserver {
  onBatch(facts: BatchFacts): void
  /** A transient error of PostgreSQL; the batch is tried again. */
  onRetry(): void
  /** A batch ran into a time limit, out of memory or lost its connection; the next one is smaller. */
  onTooHeavy(): void
  /** The sweep has decided so many requests of a line whose job was lost or late. */
  onSwept(requests: number): void
}

export const UNOBSERVED: DecidingObserver = {
  onBatch: () => undefined,
  onRetry: () => undefined,
  onTooHeavy: () => undefined,
  onSwept: () => undefined,
}

/** Counts the outcomes: `booked`, or the code of the refusal. */
export function countOutcomes(outcomes: readonly Outcome[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { state, refusal } of outcomes) {
    const outcome = refusal?.code ?? state
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
  }
  return counts
}
