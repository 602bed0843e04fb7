import type { BookingSummary, Outcome } from '../domain/booking-request.ts'
import type { Refusal } from '../domain/refusals/refusal.ts'

/** A booking request as clients see it. */
export interface RequestView {
  readonly id: string
  readonly state: 'queued' | 'booked' | 'refused'
  readonly resource: { readonly type: 'showtime' | 'event'; readonly id: string }
  readonly seq: number
  /** Requests in line before this one; 0 once decided. Never rises. */
  readonly ahead: number
  /** Estimated time until the decision, from the line's recent rate; 0 once decided. */
  readonly etaMs: number
  readonly acceptedAt: string
  readonly decidedAt: string | null
  readonly booking: BookingSummary | null
  /** The wish that was booked, counted from 0, if there were several. */
  readonly wish?: number | undefined
  readonly refusal: Refusal | null
}

/** Stored booking request: its view, and what never leaves the server. */
export interface StoredRequest {
  readonly view: RequestView
  readonly owner: string
  readonly idempotencyKey: string
  /** A hex SHA-256 over what the client asked for. */
  readonly bodyHash: string
}

/** Progress and rate of a line. */
export interface LinePace {
  readonly watermark: number
  readonly decidedPerSecond: number
}

/** Assumed until a line has had its first batch. */
const UNKNOWN_RATE = 1_000

/** Returns the place in line and an estimate: `seq − watermark − 1` requests are before it, at the line's recent rate. */
export function placeInLine(seq: number, line: LinePace): Pick<RequestView, 'ahead' | 'etaMs'> {
  const ahead = Math.max(0, seq - line.watermark - 1)
  return { ahead, etaMs: Math.ceil((ahead / (line.decidedPerSecond || UNKNOWN_RATE)) * 1_000) }
}

/** Returns a queued request's view after its decision. */
export function decidedView(view: RequestView, outcome: Outcome): RequestView {
  const { state, decidedAt, booking, wish, refusal } = outcome
  return { ...view, state, decidedAt, booking, ...(wish !== undefined && { wish }), refusal, ahead: 0, etaMs: 0 }
}
