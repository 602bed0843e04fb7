import type { Results, Tick } from '../results/results.ts'

/** One booking request as its client saw it. Times are milliseconds of one monotonic clock, from the run's start. */
export interface ObservedRequest {
  readonly requestId: string
  readonly resourceId: string
  readonly sentMs: number
  /** The time of the 202; `null` where the request itself waited for its outcome. */
  readonly acceptedMs: number | null
  /** The time of the outcome; `null` where it was not awaited or did not come in time. */
  readonly decidedMs: number | null
  readonly outcome: 'booked' | 'refused' | null
}

/** Everything that clients were told; the database is compared with it. */
export interface Observations {
  readonly requests: readonly ObservedRequest[]
  /** References of bookings. */
  readonly references: readonly string[]
}

export type GeneratorOutcome = Results['outcome'] & Observations

/** A message of the generator to the process that started it, in this order. */
export type GeneratorMessage =
  /** The clock of the run is at 0. */
  | { readonly type: 'started' }
  /** The measured time begins, or is over. */
  | { readonly type: Phase }
  /** `waiting`: due, and not sent yet, because every client is busy. */
  | { readonly type: 'tick'; readonly tick: Tick; readonly waiting: number }
  /** The run is over: some of what was seen. A run may have a million requests, too many for one message. */
  | ({ readonly type: 'part' } & Observations)
  /** The rest, after all parts. */
  | { readonly type: 'done'; readonly outcome: Results['outcome'] }

export type Phase = 'measuring' | 'measured'
