import type { Progress } from '../results/progress.ts'
import type { Sample, Tick } from '../results/results.ts'

/** Turns what is told every second into how a run stands. */
export class ProgressMeter {
  readonly #scenario: string
  readonly #durationMs: number
  #refused = 0

  constructor(scenario: string, durationMs: number) {
    this.#scenario = scenario
    this.#durationMs = durationMs
  }

  /**
   * Reads the progress. `samples` are all so far, taken beside the run: buyers that do not wait for their outcome see
   * no decision.
   */
  read(tick: Tick, waiting: number, samples: readonly Sample[]): Progress {
    this.#refused += tick.refused
    const [before, last] = [samples.at(-2), samples.at(-1)]
    const decidedPerSecond =
      last === undefined
        ? tick.decided
        : (last.decided - (before?.decided ?? 0)) / Math.max(0.1, last.second - (before?.second ?? 0))
    return {
      scenario: this.#scenario,
      elapsedMs: tick.second * 1_000,
      durationMs: this.#durationMs,
      acceptedPerSecond: tick.accepted,
      decidedPerSecond,
      inLine: last?.inLine ?? 0,
      p99: tick.p99,
      refused: this.#refused,
      unsent: waiting,
    }
  }
}
