import type { Answer, Call, Http } from './http.ts'
import type { ObservedRequest } from './outcome.ts'
import type { WatcherDelays } from './watcher-delays.ts'
import type { Tally } from './tally.ts'

/** `Prefer: wait` takes no more. */
const MAX_WAIT_S = 25
/** Margin in which the answer that the time is up still arrives before everything is broken off. */
const MARGIN_MS = 1_000

/** The context that all journeys of a run share. */
export interface JourneyContext {
  /** The server's own address, for those who need a connection of their own. */
  readonly url: string
  readonly http: Http
  /** Filled as clients are told things. */
  readonly observations: { readonly requests: ObservedRequest[]; readonly references: string[] }
  readonly delays: WatcherDelays
  /** A token of somebody at the door. */
  readonly staff: string | null
  /** Time after which nothing is waited for. */
  readonly deadlineMs: number
  /** Part of every idempotency key: another run in the same database is another shop. */
  readonly runId: string
  /** Milliseconds from the run's start. */
  now(): number
  /** Resolves after this long, or when the run is over. */
  pause(ms: number): Promise<void>
}

/** One arrival. */
export interface Visit {
  /** Its number in the run. */
  readonly number: number
  readonly intendedMs: number
  readonly customer: Customer
  readonly tally: Tally
}

export interface Customer {
  readonly index: number
  readonly token: string
  /** The address for `X-Forwarded-For`. */
  readonly address: string | null
  /** The address that its calls come from; `null` for any address of this machine. */
  readonly localAddress: string | null
}

/**
 * Makes the calls of an arrival. Random choices are drawn before the first `await`, in the order of arrivals, so that the
 * same seed is the same crowd however the server answers. Rejects only over a bug.
 */
export type Journey = (visit: Visit) => Promise<void>

/** Returns the whole seconds that an outcome can still be waited for, 25 at most; 0 if the run is as good as over. */
export function waitSeconds({ deadlineMs, now }: JourneyContext): number {
  return Math.max(0, Math.min(MAX_WAIT_S, Math.floor((deadlineMs - MARGIN_MS - now()) / 1_000)))
}

/** Sends a call of a visit and counts its status. `null` where the connection broke, which is counted too. */
export async function send(context: JourneyContext, { tally, customer }: Visit, call: Call): Promise<Answer | null> {
  try {
    const answer = await context.http.send(call, customer.localAddress)
    tally.answered(answer.status)
    return answer
  } catch (error) {
    tally.broke(error)
    return null
  }
}

/** Headers of a call by the visit's customer. */
export function headersOf({ customer }: Visit): Record<string, string> {
  return {
    authorization: `Bearer ${customer.token}`,
    ...(customer.address !== null && { 'x-forwarded-for': customer.address }),
  }
}
