import type { Queue } from 'bullmq'
import type { DecideJob, DecideResult, MaintenanceResult, ReceivedDecideJob, Signal } from './payloads.ts'

/**
 * Channel by which processes notify each other. Two exist, Redis and PostgreSQL, held to one contract suite. Nothing
 * that must not be lost goes through it: the rows in PostgreSQL are the truth, and the sweep finds what nobody was
 * notified of.
 */
export interface Transport {
  readonly kind: 'redis' | 'postgres'
  /** Adds a `decide` job to a lane's queue. Rejects within a bounded time when the queue cannot be reached. */
  notify(lane: number, job: DecideJob): Promise<void>
  /** Tells every subscriber. Rejects within a bounded time. */
  publish(signal: Signal): Promise<void>
  /** `onGap` is called whenever signals may have been missed (connected again). Resolves once listening. */
  subscribe(listener: { onSignal(signal: Signal): void; onGap(): void }): Promise<void>
  /** The BullMQ queue of a lane, for Bull Board and for tests. Opened once per process. */
  queue(lane: number): Queue
  /** Counts the jobs of a lane that no worker has taken yet. Rejects within a bounded time. */
  waiting(lane: number): Promise<number>
  /** Starts consuming a lane's jobs, some at a time. `handle` may be called again for the same job. */
  work(lane: number, handle: (job: ReceivedDecideJob) => Promise<DecideResult>): LaneConsumer
  /** The BullMQ queue of periodic work, for Bull Board and for tests. */
  maintenanceQueue(): Queue
  /**
   * Has jobs of these names added, each once an interval, by BullMQ's job schedulers. Called again it changes nothing, or
   * brings them back where Redis has lost them. Rejects within a bounded time.
   */
  schedule(tasks: readonly PeriodicTask[]): Promise<void>
  /** Starts consuming periodic work, `concurrency` at a time. `handle` gets the job's name. */
  maintain(concurrency: number, handle: (task: string) => Promise<MaintenanceResult>): LaneConsumer
  /** Availability shared by all API processes, where the transport has a place for it. */
  readonly availability: SharedCache
  close(): Promise<void>
}

export interface PeriodicTask {
  readonly name: string
  readonly everyMs: number
}

export interface LaneConsumer {
  /** Waits for the job in hand, at most `timeoutMs`. */
  close(timeoutMs: number): Promise<void>
}

/** A versioned cache: a write of an older version than the stored one is ignored. Never throws: a miss is `null`. */
export interface SharedCache {
  get(key: string): Promise<{ readonly version: number; readonly body: string } | null>
  setIfNewer(key: string, version: number, body: string): Promise<void>
}
