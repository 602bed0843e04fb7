import type { Logger } from '@boxoffice/core/runtime/logger.ts'
import { every } from './every.ts'

/** The work that a worker does again and again. */
export class PeriodicWork {
  readonly #logger: Logger
  readonly #stops: (() => Promise<void>)[] = []

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** Starts `work` as `every` does. */
  start(name: string, intervalMs: number | (() => number), work: () => Promise<unknown>): void {
    this.#stops.push(every(intervalMs, name, this.#logger, work))
  }

  /** Stops all of it, and waits for the runs in progress. */
  async stop(): Promise<void> {
    await Promise.all(this.#stops.map((stop) => stop()))
  }
}
