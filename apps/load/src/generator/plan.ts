import type { SeatSale, TicketSale } from '../catalogue/hall.ts'
import type { HostileAct } from './journeys/hostile/act.ts'

/**
 * The plan of a run. The generator runs in a process of its own, so everything here is plain data.
 *
 * Open loop: every arrival has an intended time that no answer of the server moves, and all latencies count from there.
 * Closed loop: each client sends its next request when the last one was answered; latencies count from the sending.
 */
export interface LoadPlan {
  readonly url: string
  /** Tokens of the customers, who take turns. */
  readonly customers: readonly string[]
  /** Tokens of those who work at the door and over the phone. */
  readonly staff?: string
  readonly streams: readonly Stream[]
  readonly watchers?: Watchers
  /** Arrivals are intended within this time, and clients of a closed loop send. */
  readonly durationMs: number
  /** Latencies are recorded within it: all of the run unless given. */
  readonly measured?: Required<ArrivalWindow>
  /** The time to wait for answers after it. Requests that are not sent or not decided by then are reported as such. */
  readonly graceMs: number
  /** Requests in flight at most; arrivals beyond it wait in the generator, and their wait counts. */
  readonly clients: number
  /** The seed of arrivals and choices: the same seed is the same crowd. */
  readonly seed: number
}

/** Arrivals of one kind. */
export interface Stream {
  /** Its name in the report, such as `buyers`. */
  readonly name: string
  readonly arrivals: Arrivals
  readonly journey: Journey
  /** `true` where the run's headline figures are about this stream. */
  readonly headline: boolean
  /** Address in `X-Forwarded-For`, for limits by address; none unless given. `{n}` is one of 250 numbers by customer. */
  readonly address?: string
  /**
   * Address of this machine that its calls come from, in 127.0.0.0/8: `{m}.{n}` are the last two numbers, by customer.
   * Any address unless given.
   */
  readonly localAddress?: string
  /** Those of the plan's customers who take turns here; all of them unless given. */
  readonly customers?: CustomerRange
}

/** `count` of the plan's customers, from the one with this index on. */
export interface CustomerRange {
  readonly from: number
  readonly count: number
}

export type Arrivals =
  /** Poisson: independent people. */
  | ({ readonly shape: 'poisson'; readonly perSecond: number } & ArrivalWindow)
  /** Evenly spaced. */
  | ({ readonly shape: 'steady'; readonly perSecond: number } & ArrivalWindow)
  /** `count` people within the first `withinMs`. */
  | { readonly shape: 'rush'; readonly count: number; readonly withinMs: number }
  /** A closed loop of this many clients, each of them one of the customers. */
  | { readonly shape: 'closed'; readonly clients: number }

/** The part of the run in which people arrive; all of it unless given. Milliseconds from the start. */
export interface ArrivalWindow {
  readonly fromMs?: number
  readonly untilMs?: number
}

/** The way in which buyers learn of their outcome. */
export type Follow =
  /** The request itself waits (`Prefer: wait`). */
  | 'wait'
  /** 202 at once, then a call that waits for the outcome: gives accept times, and order from the client's own clock. */
  | 'accept-then-wait'
  /** 202 is enough. */
  | 'accept'

/** The calls that an arrival makes. Each arrival picks one of several sales at random. */
export type Journey =
  | {
      readonly kind: 'book-tickets'
      readonly sales: readonly TicketSale[]
      /** 1 to this many, at random; exactly this many where `exact`. */
      readonly quantity: number
      readonly exact?: boolean
      /** `wait` unless given. */
      readonly follow?: Follow
      /** Share of arrivals that use `accept-then-wait` whatever `follow` says: 0 to 1, and 0 unless given. */
      readonly probes?: number
      /** They come back when they are told to (`Retry-After`), twice at most. They do not unless given. */
      readonly returns?: boolean
    }
  | {
      readonly kind: 'book-seats'
      readonly sales: readonly SeatSale[]
      readonly seats: number
      /**
       * `best`: neighbours near the middle of the front rows, wanted by all. `next`: seats nobody else asks for. `in-turn`:
       * the same, all of one showtime before those of the next.
       */
      readonly choice: 'best' | 'next' | 'in-turn'
      /** Would take the best that are free where these are gone: neighbours first, then any. They would not unless given. */
      readonly orBest?: boolean
      readonly follow?: Follow
      readonly probes?: number
      readonly returns?: boolean
    }
  /** Availability by ETag: `GET` with `If-None-Match` of what was seen last. */
  | {
      readonly kind: 'read-availability'
      readonly tickets: readonly TicketSale[]
      readonly seats: readonly SeatSale[]
      /** Each customer knows what they have seen themselves, and not what others have. */
      readonly ownTags?: boolean
    }
  /** Book, then one of: pay (sandbox) and maybe check in; cancel; let the hold expire. Shares add up to at most 1, the rest expires. */
  | {
      readonly kind: 'lifecycle'
      readonly sales: readonly TicketSale[]
      readonly pay: number
      readonly cancel: number
      /** Share of those who paid that come to the door. */
      readonly checkIn: number
    }
  /** Staff confirm these bookings by hand, one for each arrival. */
  | { readonly kind: 'confirm'; readonly references: readonly string[]; readonly token: string }
  /** Somebody who wants to harm. */
  | { readonly kind: 'hostile'; readonly act: HostileAct }

/** Clients with an open stream of one resource's availability. */
export interface Watchers {
  readonly count: number
  readonly tickets: readonly TicketSale[]
  readonly seats: readonly SeatSale[]
  /** Start of their wait for the message about a sale: the buyer's outcome unless given. */
  readonly since?: 'outcome' | 'sent'
}
