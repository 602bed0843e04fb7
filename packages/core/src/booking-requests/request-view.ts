import type { BookingSummary } from '../domain/booking-request.ts'
import type { Refusal } from '../domain/refusal.ts'

/** A booking request as clients see it (DESIGN section 6). `lane` and `owner` never leave the server. */
export interface RequestView {
  readonly id: string
  readonly state: 'queued' | 'booked' | 'refused'
  readonly resource: { readonly type: 'showtime' | 'event'; readonly id: string }
  readonly seq: number
  /** Requests in line before this one; 0 once decided. Never rises. */
  readonly ahead: number
  /** Estimated time until the decision, from the lane's recent rate; 0 once decided. */
  readonly etaMs: number
  readonly acceptedAt: string
  readonly decidedAt: string | null
  readonly booking: BookingSummary | null
  readonly refusal: Refusal | null
}

/** A request with what the server needs to know about it. */
export interface TrackedRequest {
  readonly view: RequestView
  readonly lane: number
  readonly owner: string
}
