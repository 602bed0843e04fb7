import type { Database } from '@boxoffice/core/db/connect.ts'
import { drawReference } from '@boxoffice/core/domain/booking-reference.ts'
import type { Check } from '@boxoffice/core/operations/readiness.ts'
import type { Logger } from '@boxoffice/core/runtime/logger.ts'
import type { WorkerMetrics } from '@boxoffice/core/operations/metrics/worker-metrics.ts'
import type { Signal } from '@boxoffice/core/queue/payloads.ts'
import { BatchSizes } from '@boxoffice/core/booking-requests/deciding/batch-sizes.ts'
import type { DecideWaitingDependencies } from '@boxoffice/core/booking-requests/deciding/decide-waiting.ts'
import { randomBytes } from '@boxoffice/core/runtime/random-bytes.ts'
import { LaneSweeper } from '@boxoffice/core/booking-requests/deciding/sweep-lanes.ts'

const SWEPT_WITHIN_MS = 15_000

/** Deciding what waits in lanes: when a job comes, and by sweeps in case none does. */
export class Deciding {
  readonly dependencies: DecideWaitingDependencies
  readonly sweeper: LaneSweeper
  #sweptAt = performance.now()

  constructor(options: {
    readonly database: Database
    readonly logger: Logger
    readonly announce: (signal: Signal) => void
    readonly metrics: WorkerMetrics
    readonly stopping: AbortSignal
  }) {
    const { metrics, ...others } = options
    this.dependencies = {
      ...others,
      observer: metrics,
      drawReference: () => drawReference(randomBytes),
      sizes: new BatchSizes(),
    }
    this.sweeper = new LaneSweeper(this.dependencies)
  }

  async sweep(): Promise<void> {
    void (await this.sweeper.sweep())
    this.#sweptAt = performance.now()
  }

  /** Checks for progress, not for liveness: a worker can stop consuming and still seem to run. */
  get swept(): Check {
    const sinceMs = performance.now() - this.#sweptAt
    if (sinceMs < SWEPT_WITHIN_MS) return { ok: true }
    return { ok: false, why: `The last sweep that ended well was ${Math.round(sinceMs / 1_000)} seconds ago.` }
  }
}
