import type { DefaultJobOptions, WorkerOptions } from 'bullmq'

/**
 * A job only notifies, so a lost one costs a second until the sweep looks. It is retried with exponential backoff all the
 * same: after a database outage Bull Board then shows jobs that succeeded late, not a wall of failures.
 */
export const DECIDE_JOB_OPTIONS = {
  attempts: 8,
  backoff: { type: 'exponential', delay: 250, jitter: 0.5 },
  removeOnComplete: { count: 200 },
  removeOnFail: { count: 1_000 },
} as const satisfies DefaultJobOptions

/**
 * Jobs of a lane in hand at once, in one process. They only notify the deciders of their lines and wait for them to be decided.
 * With one job at a time the deciders would know of one line at a time, and each would be decided in a transaction of its own.
 */
const JOBS_IN_HAND = 50

export const DECIDE_WORKER_OPTIONS = {
  concurrency: JOBS_IN_HAND,
  lockDuration: 15_000,
  stalledInterval: 5_000,
  maxStalledCount: 10,
  /** Delay after a refused connection; BullMQ's own 15 s would be far longer than most outages. */
  runRetryDelay: 1_000,
} as const satisfies Partial<WorkerOptions>

/** The next one is never far away, so none is tried twice. */
export const MAINTENANCE_JOB_OPTIONS = {
  attempts: 1,
  removeOnComplete: { count: 50 },
  removeOnFail: { count: 200 },
} as const satisfies DefaultJobOptions
