import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client'
import type { Database } from '../../db/connect.ts'
import type { Logger } from '../../runtime/logger.ts'
import { countOutcomes, type DecidingObserver } from '../../booking-requests/deciding/deciding-observer.ts'
import type { MailSenderDependencies } from '../../mail/mail-sender.ts'
import type { CleanUpObserver } from '../../maintenance/clean-up.ts'
import { addBacklogMetrics } from './backlog-metrics.ts'
import { addPoolMetrics } from './pool-metrics.ts'
import { type Scrape, scraper } from './scrape.ts'

/** Metrics of a worker process. */
export interface WorkerMetrics extends DecidingObserver, CleanUpObserver {
  /** A piece of periodic work was done, or had nothing to do, or failed. */
  onMaintenance(task: string, result: 'done' | 'not_due' | 'failed'): void
  onPublished(events: number): void
  /** Counts the result of a mail. */
  onMail: NonNullable<MailSenderDependencies['onMail']>
  scrape(): Promise<Scrape>
}

export interface WorkerMetricsDependencies {
  readonly pools: Readonly<Record<string, Database>>
  readonly reads: Database
  readonly logger: Logger
}

const BATCH_BUCKETS = [1, 2, 5, 10, 25, 50, 100, 250, 500]
const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

export function createWorkerMetrics({ pools, reads, logger }: WorkerMetricsDependencies): WorkerMetrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  addBacklogMetrics(registry, reads.pool, logger)
  addPoolMetrics(registry, pools)

  const decided = new Counter({
    name: 'boxoffice_decided_total',
    help: 'Booking requests decided, by outcome: booked, or the code of the refusal',
    labelNames: ['outcome'],
    registers,
  })
  const size = new Histogram({
    name: 'boxoffice_decide_batch_size',
    help: 'Booking requests decided in one transaction',
    buckets: BATCH_BUCKETS,
    registers,
  })
  const decide = new Histogram({
    name: 'boxoffice_decide_duration_seconds',
    help: "Time of one batch from the lines' locks to the last write",
    buckets: DURATION_BUCKETS,
    registers,
  })
  const commit = new Histogram({
    name: 'boxoffice_decide_commit_duration_seconds',
    help: 'Time that the commit of one batch took',
    buckets: DURATION_BUCKETS,
    registers,
  })
  const retries = new Counter({
    name: 'boxoffice_decide_retries_total',
    help: 'Batches tried again after a transient error of PostgreSQL',
    registers,
  })
  const tooHeavy = new Counter({
    name: 'boxoffice_decide_too_heavy_total',
    help: 'Batches that ran into a time limit, out of memory or lost their connection, and were made smaller',
    registers,
  })
  const swept = new Counter({
    name: 'boxoffice_swept_total',
    help: 'Booking requests decided by the sweep, with no job',
    registers,
  })
  const runs = new Counter({
    name: 'boxoffice_maintenance_runs_total',
    help: 'Runs of periodic work, by task and result',
    labelNames: ['task', 'result'],
    registers,
  })
  const cleanedUp = new Counter({
    name: 'boxoffice_clean_up_rows_total',
    help: 'Rows deleted because they have served their time, by table',
    labelNames: ['table'],
    registers,
  })
  const cleanUpFailures = new Counter({
    name: 'boxoffice_clean_up_failures_total',
    help: 'Runs in which a table could not be cleaned up, by table',
    labelNames: ['table'],
    registers,
  })
  const published = new Counter({
    name: 'boxoffice_events_published_total',
    help: 'Outgoing events given their place in the feed',
    registers,
  })
  const mails = new Counter({
    name: 'boxoffice_mails_total',
    help: 'Mails by kind and result; postponed and dropped ones were over the budget of their address',
    labelNames: ['kind', 'result'],
    registers,
  })

  return {
    onBatch: ({ decideMs, commitMs, outcomes }) => {
      size.observe(outcomes.length)
      decide.observe(decideMs / 1_000)
      commit.observe(commitMs / 1_000)
      for (const [outcome, count] of countOutcomes(outcomes)) decided.inc({ outcome }, count)
    },
    onRetry: () => retries.inc(),
    onTooHeavy: () => tooHeavy.inc(),
    onSwept: (requests) => swept.inc(requests),
    onMaintenance: (task, result) => runs.inc({ task, result }),
    onCleanedUp: (table, rows) => cleanedUp.inc({ table }, rows),
    onCleanUpFailed: (table) => cleanUpFailures.inc({ table }),
    onPublished: (events) => published.inc(events),
    onMail: (kind, result) => mails.inc({ kind, result }),
    scrape: scraper(registry),
  }
}
