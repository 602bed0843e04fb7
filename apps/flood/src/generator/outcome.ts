import type { Latency } from '@boxoffice/load-rig/latency.ts'

/** One booking request as its client saw it. Times are milliseconds of one monotonic clock, from the run's start. */
export interface Sighting {
  readonly requestId: string
  readonly resourceId: string
  readonly sentMs: number
  /** When the 202 was there; `null` where the request itself waited for its outcome. */
  readonly acceptedMs: number | null
  /** When its outcome was there; `null` where it was not awaited or did not come in time. */
  readonly decidedMs: number | null
  readonly outcome: 'booked' | 'refused' | null
}

/** What happened to the arrivals of one stream. */
export interface StreamOutcome {
  readonly name: string
  readonly headline: boolean
  readonly intended: number
  readonly sent: number
  /** Intended, but every client was busy until the end. */
  readonly unsent: number
  /** Answers by status, such as `{"202": 5000, "429": 3}`; `0` counts broken connections. */
  readonly statuses: Readonly<Record<string, number>>
  readonly booked: number
  /** By problem code. */
  readonly refused: Readonly<Record<string, number>>
  /** Accepted and followed, and without an outcome when the run was over. */
  readonly undecided: number
  /** Neither an expected answer nor a refusal, with a few samples. */
  readonly errors: number
  readonly errorSamples: readonly string[]
  /** From the intended time to the 202 (or, for reading, to the whole answer). */
  readonly accept: Latency
  /** From the 202 to the outcome. */
  readonly decide: Latency
  /** From the intended time to the outcome. */
  readonly total: Latency
  /** Percentile curve of `total` (of `accept` where nothing is awaited): pairs of percentile and milliseconds. */
  readonly curve: readonly (readonly [percentile: number, ms: number])[]
  /** Errands' further steps, such as `{"paid": 120, "cancelled": 30}`. */
  readonly steps: Readonly<Record<string, number>>
}

/** One second of a run. */
export interface Tick {
  /** Seconds from the start. */
  readonly second: number
  readonly sent: number
  readonly accepted: number
  readonly decided: number
  readonly booked: number
  readonly refused: number
  /** Of the headline streams' `total` (or `accept`) in this second; `null` where there was no answer. */
  readonly p50: number | null
  readonly p99: number | null
  /** Answers without an error: reads by status 200 and 304. */
  readonly reads: number
}

export interface WatchersOutcome {
  readonly watchers: number
  readonly connected: number
  readonly messages: number
  /** From the moment a booking's outcome was there to each watcher's news of it: `null` where nothing was sold. */
  readonly lag: Latency | null
}

export interface GeneratorOutcome {
  readonly streams: readonly StreamOutcome[]
  readonly ticks: readonly Tick[]
  readonly watchers: WatchersOutcome | null
  /** From the intended to the actual time of sending: the generator's own lag, waits for a free client included. */
  readonly lag: Latency
  /** The same without those waits: what the generator itself was late. */
  readonly ownLag: Latency
  readonly sightings: readonly Sighting[]
  /** References that were told to clients. */
  readonly references: readonly string[]
}

/** What the generator says to the process that started it, in this order. */
export type GeneratorMessage =
  /** The clock of the run is at 0. */
  | { readonly type: 'started' }
  /** `waiting`: due, and not sent yet, because every client is busy. */
  | { readonly type: 'tick'; readonly tick: Tick; readonly waiting: number }
  /** The run is over: some of what was seen. A run may have a million sightings, too many for one message. */
  | { readonly type: 'part'; readonly sightings: readonly Sighting[]; readonly references: readonly string[] }
  /** After all parts: the rest. */
  | { readonly type: 'done'; readonly outcome: Omit<GeneratorOutcome, 'sightings' | 'references'> }
