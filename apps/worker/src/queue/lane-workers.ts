import type { Deciders } from '@boxoffice/core/booking-requests/deciding/deciders.ts'
import { countOutcomes } from '@boxoffice/core/booking-requests/queries/count-outcomes.ts'
import { findStretches } from '@boxoffice/core/booking-requests/queries/find-stretches.ts'
import type { Database } from '@boxoffice/core/db/connect.ts'
import type { DecideResult, ReceivedDecideJob, Stretch } from '@boxoffice/core/queue/payloads.ts'
import type { LaneConsumer, Transport } from '@boxoffice/core/queue/transport.ts'

/** A job is in hand for so long at the most. What it notified of is decided all the same. */
const WAIT_MS = 1_000

interface LaneWorkersDependencies {
  readonly database: Database
  readonly deciders: Pick<Deciders, 'notify' | 'isDecided' | 'decided'>
  /** Called for each job as it comes. */
  readonly onJob: () => void
}

/**
 * Consumes the jobs of lanes. A job notifies of stretches of lines, and waits a little for them to be decided, so that its
 * result says how they ended; where a line is long, it says that they are queued.
 */
export class LaneWorkers {
  readonly #transport: Pick<Transport, 'work'>
  readonly #dependencies: LaneWorkersDependencies
  readonly #consumers = new Map<number, LaneConsumer>()

  constructor(transport: Pick<Transport, 'work'>, dependencies: LaneWorkersDependencies) {
    this.#transport = transport
    this.#dependencies = dependencies
  }

  /** Returns whether it consumes the lane's jobs. */
  has(lane: number): boolean {
    return this.#consumers.has(lane)
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

  async #handle(job: ReceivedDecideJob): Promise<DecideResult> {
    const { database, deciders, onJob } = this.#dependencies
    onJob()
    const stretches = job.lines ?? (await findStretches(database.pool, job.requestIds))
    const open = stretches.filter((stretch) => !deciders.isDecided(stretch))
    await this.#decide(open)
    const counts = await countOutcomes(database.pool, stretches)
    if (open.length > 0 || counts['queued'] === undefined) return counts
    // The database was restored, or a replica that was behind has taken over: `seq` starts lower than what was known.
    for (const { id } of stretches) deciders.notify(id)
    return counts
  }

  async #decide(stretches: readonly Stretch[]): Promise<void> {
    if (stretches.length === 0) return
    const { deciders } = this.#dependencies
    for (const { id, from, to } of stretches) deciders.notify(id, to - from + 1)
    const patience = new AbortController()
    const overdue = setTimeout(() => patience.abort(), WAIT_MS)
    await Promise.all(stretches.map((stretch) => deciders.decided(stretch, patience.signal)))
    clearTimeout(overdue)
  }

  async close(timeoutMs: number): Promise<void> {
    await Promise.all([...this.#consumers.values()].map((consumer) => consumer.close(timeoutMs)))
  }
}
