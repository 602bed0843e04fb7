import { Seatings } from '@boxoffice/core/inventory/seatings.ts'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { drawReference } from '@boxoffice/core/domain/booking-reference.ts'
import type { SellingTerms } from '@boxoffice/core/domain/selling-terms.ts'
import type { Check } from '@boxoffice/core/operations/readiness.ts'
import { createLogger, type Logger } from '@boxoffice/core/runtime/logger.ts'
import { DECIDING_CONNECTIONS } from '@boxoffice/core/db/pools.ts'
import { warmDeciding, warmDecidingPool } from '@boxoffice/core/booking-requests/warm-up/warm-deciding.ts'
import type { WorkerMetrics } from '@boxoffice/core/operations/metrics/worker-metrics.ts'
import type { Signal } from '@boxoffice/core/queue/payloads.ts'
import { BatchSizes } from '@boxoffice/core/booking-requests/deciding/batch-sizes.ts'
import { Deciders } from '@boxoffice/core/booking-requests/deciding/deciders.ts'
import type { DecideWaitingDependencies } from '@boxoffice/core/booking-requests/deciding/line-decider.ts'
import { randomBytes } from '@boxoffice/core/runtime/random-bytes.ts'
import { LineSweeper } from '@boxoffice/core/booking-requests/deciding/sweep-lines.ts'

const SWEPT_WITHIN_MS = 15_000

/** One second is enough; two and four gained nothing. */
const WARM_UP_MS = 1_000

/** Deciding what waits in lines: when a job comes, and by sweeps in case none does. */
export class Deciding {
  readonly database: Database
  readonly deciders: Deciders
  readonly sweeper: LineSweeper
  #sweptAt = performance.now()

  constructor(options: {
    readonly database: Database
    readonly logger: Logger
    readonly announce: (signal: Signal) => void
    readonly metrics: WorkerMetrics
    readonly stopping: AbortSignal
    readonly terms: SellingTerms
  }) {
    const { metrics, ...others } = options
    const dependencies: DecideWaitingDependencies = {
      ...others,
      observer: metrics,
      drawReference: () => drawReference(randomBytes),
      sizes: new BatchSizes(),
      seatings: new Seatings(),
    }
    this.database = options.database
    this.deciders = new Deciders(dependencies)
    this.sweeper = new LineSweeper(dependencies, this.deciders)
  }

  /**
   * Decides made-up requests for a moment, so that the first real ones do not wait for their code to be compiled, and has the
   * connections plan their statements. Nothing of it is stored.
   */
  async warmUp(): Promise<void> {
    await warmDecidingPool(this.database, DECIDING_CONNECTIONS)
    await warmDeciding(
      { logger: createLogger('warm-up', 'silent'), drawReference: () => drawReference(randomBytes) },
      WARM_UP_MS,
    )
    this.#sweptAt = performance.now()
  }

  async sweep(): Promise<void> {
    await this.sweeper.sweep()
    this.#sweptAt = performance.now()
  }

  /** Checks for progress, not for liveness: a worker can stop consuming and still seem to run. */
  get swept(): Check {
    const sinceMs = performance.now() - this.#sweptAt
    if (sinceMs < SWEPT_WITHIN_MS) return { ok: true }
    return { ok: false, why: `The last sweep that ended well was ${Math.round(sinceMs / 1_000)} seconds ago.` }
  }
}
