import { curveOf, type Histogram, latencyOf, openHistogram, recordMs } from '../measure/latency.ts'
import type { StreamOutcome } from '../results/results.ts'
import type { Stream } from './plan.ts'
import type { Seconds } from './seconds.ts'

const MAX_SAMPLES = 5
const MAX_SAMPLE_LENGTH = 300
/** Stand-in for a status if there was no answer. */
const NO_ANSWER = 0

/**
 * Counts what happens to the arrivals of one stream. All times are milliseconds; they are recorded while `isMeasured`.
 */
export class Tally {
  readonly #stream: Pick<Stream, 'name' | 'headline'>
  readonly #seconds: Seconds
  readonly #isMeasured: () => boolean
  readonly #statuses = new Counts()
  readonly #refused = new Counts()
  readonly #steps = new Counts()
  readonly #accept = openHistogram()
  readonly #decide = openHistogram()
  readonly #total = openHistogram()
  readonly #samples: string[] = []
  #sent = 0
  #booked = 0
  #undecided = 0
  #errors = 0
  #turnedAway = 0

  constructor(stream: Pick<Stream, 'name' | 'headline'>, seconds: Seconds, isMeasured: () => boolean = () => true) {
    this.#stream = stream
    this.#seconds = seconds
    this.#isMeasured = isMeasured
  }

  sent(): void {
    this.#sent++
    this.#seconds.add('sent')
  }

  answered(status: number): void {
    this.#statuses.add(String(status))
  }

  /** Counts a request in line; `followed` if its outcome will be waited for, and tells the arrival's latency. */
  accepted(sinceIntendedMs: number, followed: boolean): void {
    this.#seconds.add('accepted')
    this.#record(this.#accept, sinceIntendedMs)
    if (!followed) this.#headline(sinceIntendedMs)
  }

  /** Counts a request whose outcome was the first answer: it was accepted at some time before. */
  acceptedUnseen(): void {
    this.#seconds.add('accepted')
  }

  /** Counts an outcome. `sinceAcceptedMs` is `null` if no 202 was seen. */
  decided(sinceIntendedMs: number, sinceAcceptedMs: number | null): void {
    this.#seconds.add('decided')
    this.#record(this.#total, sinceIntendedMs)
    if (sinceAcceptedMs !== null) this.#record(this.#decide, sinceAcceptedMs)
    this.#headline(sinceIntendedMs)
  }

  booked(): void {
    this.#booked++
    this.#seconds.add('booked')
  }

  /** Counts a request that was told to come back, or refused before the line. */
  turnedAway(code: string): void {
    this.#turnedAway++
    this.refused(code)
  }

  /** Counts a request that was refused by a decision, or turned away before the line. */
  refused(code: string): void {
    this.#refused.add(code)
    this.#seconds.add('refused')
  }

  undecided(): void {
    this.#undecided++
  }

  read(sinceIntendedMs: number): void {
    this.#seconds.add('reads')
    this.#record(this.#accept, sinceIntendedMs)
    this.#headline(sinceIntendedMs)
  }

  step(name: string): void {
    this.#steps.add(name)
  }

  /** Counts an answer that nobody should get. */
  failed(what: string): void {
    this.#errors++
    if (this.#samples.length < MAX_SAMPLES) this.#samples.push(what.slice(0, MAX_SAMPLE_LENGTH))
  }

  /** Counts a request that got no answer at all. */
  broke(error: unknown): void {
    this.answered(NO_ANSWER)
    this.failed(error instanceof Error ? error.message : String(error))
  }

  /** Arrivals that were turned away, or answered as nobody should be. */
  get failures(): number {
    return this.#errors + this.#turnedAway
  }

  /** Returns the outcome. `intended` is what was sent if nothing was intended: in a closed loop. */
  outcome(intended = this.#sent): StreamOutcome {
    const awaited = this.#total.totalCount > 0
    return {
      name: this.#stream.name,
      headline: this.#stream.headline,
      intended,
      sent: this.#sent,
      unsent: intended - this.#sent,
      statuses: this.#statuses.toObject(),
      booked: this.#booked,
      refused: this.#refused.toObject(),
      undecided: this.#undecided,
      errors: this.#errors,
      errorSamples: this.#samples,
      accept: latencyOf(this.#accept),
      decide: latencyOf(this.#decide),
      total: latencyOf(this.#total),
      curve: curveOf(awaited ? this.#total : this.#accept),
      steps: this.#steps.toObject(),
    }
  }

  #record(histogram: Histogram, ms: number): void {
    if (this.#isMeasured()) recordMs(histogram, ms)
  }

  #headline(ms: number): void {
    if (this.#stream.headline) this.#seconds.time(ms)
  }
}

class Counts {
  readonly #counts = new Map<string, number>()

  add(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1)
  }

  toObject(): Record<string, number> {
    return Object.fromEntries(this.#counts)
  }
}
