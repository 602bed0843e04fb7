import { openHistogram, percentileMs, recordMs } from '../measure/latency.ts'
import type { Tick } from '../results/results.ts'

const NOTHING = { sent: 0, accepted: 0, decided: 0, booked: 0, refused: 0, reads: 0 }

/** Counts events since the last tick, over all streams. */
export class Seconds {
  readonly #ticks: Tick[] = []
  readonly #times = openHistogram()
  #counts = { ...NOTHING }

  add(what: keyof typeof NOTHING): void {
    this.#counts[what]++
  }

  /** Records a time of a headline stream, in milliseconds. */
  time(ms: number): void {
    recordMs(this.#times, ms)
  }

  /** Ends a second, and begins the next. */
  end(second: number): Tick {
    const tick: Tick = {
      second,
      ...this.#counts,
      p50: percentileMs(this.#times, 50),
      p99: percentileMs(this.#times, 99),
    }
    this.#counts = { ...NOTHING }
    this.#times.reset()
    this.#ticks.push(tick)
    return tick
  }

  get ticks(): readonly Tick[] {
    return this.#ticks
  }
}
