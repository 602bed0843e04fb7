import type { Latency } from '@boxoffice/load-rig/latency.ts'
import type { Hall } from '@boxoffice/load-rig/layout.ts'

/** What the crowd wants. */
export type Target =
  | { readonly kind: 'event'; readonly eventId: string; readonly ticketTypeId: string; readonly quantity: number }
  | {
      readonly kind: 'showtime'
      /** One is on sale at a time; when its seats are all handed out, the crowd goes on to the next. */
      readonly showtimeIds: readonly string[]
      readonly hall: Hall
      readonly seatsPerBooking: number
    }

/** What a load process is told to do. */
export interface LoadPlan {
  readonly url: string
  /** Closed loop: each sends its next request when the last one was answered. */
  readonly clients: number
  /** One per client. */
  readonly tokens: readonly string[]
  readonly warmUpMs: number
  readonly measuredMs: number
  /** `outcome`: each request waits to be decided (`Prefer: wait`). `accepted`: the answer 202 is enough. */
  readonly until: 'outcome' | 'accepted'
  /** Beside the clients, one request that does not wait for its outcome every so often; `null` for none. */
  readonly probeEveryMs: number | null
  readonly target: Target
}

export interface LoadResult {
  /** Answers to the clients within the measured time. */
  readonly answered: number
  readonly measuredMs: number
  readonly latency: Latency
  /** Of the probes. */
  readonly acceptLatency: Latency | null
  /** Answers in each second of the measured time. */
  readonly perSecond: readonly number[]
  /** From the first request to the last answer. */
  readonly booked: number
  readonly refused: number
  /** Accepted, and the outcome not awaited or not known in time. */
  readonly accepted: number
  /** Of everything that was accepted; baselines give none. */
  readonly requestIds: readonly string[]
  readonly errors: number
  /** A few of them. */
  readonly errorSamples: readonly string[]
}

export type LoadMessage =
  | { readonly type: 'measuring' }
  | { readonly type: 'measured' }
  | { readonly type: 'done'; readonly result: LoadResult }
