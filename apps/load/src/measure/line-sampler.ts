import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from '@boxoffice/core/db/connect.ts'
import type { Sample } from '../results/results.ts'
import { readLine } from './line.ts'

const EVERY_MS = 1_000

/** Looks at the line once a second, beside the run. */
export class LineSampler {
  readonly samples: Sample[] = []
  /** Rejects when the line cannot be read. Never resolves. */
  readonly failed: Promise<never>
  readonly #stopping = new AbortController()
  readonly #over: Promise<void>

  private constructor(database: Database, startMs: number, decidedBefore: number) {
    const failed = Promise.withResolvers<never>()
    failed.promise.catch(() => {})
    this.failed = failed.promise
    this.#over = this.#run(database, startMs, decidedBefore).catch(failed.reject)
  }

  /** Begins sampling: the run's start is now. */
  static async begin(database: Database): Promise<LineSampler> {
    const startMs = performance.now()
    const { decided } = await readLine(database)
    return new LineSampler(database, startMs, decided)
  }

  /** Takes a last sample; resolves when no query is under way any more. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#over
  }

  async #run(database: Database, startMs: number, decidedBefore: number): Promise<void> {
    const { signal } = this.#stopping
    for (;;) {
      const nextMs = startMs + (this.samples.length + 1) * EVERY_MS
      await pause(Math.max(0, nextMs - performance.now()), undefined, { signal }).catch(() => {})
      const { waiting, decided } = await readLine(database)
      const second = Math.round((performance.now() - startMs) / 10) / 100
      this.samples.push({ second, inLine: waiting, decided: decided - decidedBefore })
      if (signal.aborted) return
    }
  }
}
