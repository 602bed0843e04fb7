import { countOutcomes } from '@boxoffice/core/booking-requests/queries/count-outcomes.ts'
import type { DecideJob, DecideResult } from '@boxoffice/core/queue/payloads.ts'
import type { LaneConsumer, Transport } from '@boxoffice/core/queue/transport.ts'
import {
  decideWaiting,
  type DecideWaitingDependencies,
} from '@boxoffice/core/booking-requests/deciding/decide-waiting.ts'

/**
 * Consumes the jobs of lanes. A job notifies of a stretch of its lane; the stretch may have been decided by an earlier
 * job, the sweep or another process, and then only its result is looked up.
 */
export class LaneWorkers {
  readonly #transport: Pick<Transport, 'work'>
  readonly #dependencies: DecideWaitingDependencies
  readonly #onJob: () => void
  readonly #consumers = new Map<number, LaneConsumer>()
  /** Highest decided number that this process knows of, by lane. */
  readonly #watermarks = new Map<number, number>()

  /** Consumes the lanes' jobs. Calls `onJob` for each job as it comes. */
  constructor(transport: Pick<Transport, 'work'>, dependencies: DecideWaitingDependencies, onJob: () => void) {
    this.#transport = transport
    this.#onJob = onJob
    this.#dependencies = dependencies
  }

  /** Starts consuming those of `lanes` that it does not consume yet. */
  consume(lanes: readonly number[]): void {
    for (const lane of lanes) {
      if (this.#consumers.has(lane)) continue
      this.#consumers.set(
        lane,
        this.#transport.work(lane, (job) => this.#handle(job)),
      )
    }
  }

  async #handle(job: DecideJob): Promise<DecideResult> {
    this.#onJob()
    const isNew = (this.#watermarks.get(job.lane) ?? -1) < job.to
    if (isNew) await this.#decide(job.lane)
    const counts = await this.#outcomes(job)
    if (isNew || counts['queued'] === undefined) return counts
    // The database was restored, or a replica that was behind has taken over: `seq` starts lower than what was known.
    await this.#decide(job.lane)
    return this.#outcomes(job)
  }

  async #decide(lane: number): Promise<void> {
    const { watermark } = await decideWaiting(this.#dependencies, lane, 'wait')
    if (watermark !== null) this.#watermarks.set(lane, watermark)
  }

  #outcomes({ lane, from, to }: DecideJob): Promise<DecideResult> {
    return countOutcomes(this.#dependencies.database.pool, lane, from, to)
  }

  async close(timeoutMs: number): Promise<void> {
    await Promise.all([...this.#consumers.values()].map((consumer) => consumer.close(timeoutMs)))
  }
}
