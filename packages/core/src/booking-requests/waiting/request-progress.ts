import type { BookingRequestRow } from '../queries/find-booking-requests.ts'
import type { DecidedRequest } from '../../queue/payloads.ts'
import type { RequestView, TrackedRequest } from '../request-view.ts'

/** Assumed until a lane has decided its first batch. */
const UNKNOWN_RATE = 1_000

/** Place in line and estimate: `seq − watermark − 1` requests are before it, at the lane's recent rate. */
export function placeInLine(
  seq: number,
  lane: { readonly watermark: number; readonly decidedPerSecond: number },
): { readonly ahead: number; readonly etaMs: number } {
  const ahead = Math.max(0, seq - lane.watermark - 1)
  return { ahead, etaMs: Math.ceil((ahead / (lane.decidedPerSecond || UNKNOWN_RATE)) * 1_000) }
}

/** A row as clients see it. */
export function trackedRequest(row: BookingRequestRow): TrackedRequest {
  const place = row.state === 'queued' ? placeInLine(row.seq, row) : { ahead: 0, etaMs: 0 }
  return {
    lane: row.lane,
    owner: row.owner,
    view: {
      id: row.id,
      state: row.state,
      resource: { type: row.kind, id: row.resourceId },
      seq: row.seq,
      ...place,
      acceptedAt: row.acceptedAt.toISOString(),
      decidedAt: row.decidedAt?.toISOString() ?? null,
      booking: row.booking,
      refusal: row.refusal,
    },
  }
}

/** A queued request's view after its decision. */
export function decidedView(view: RequestView, decided: DecidedRequest): RequestView {
  const { state, decidedAt, booking, refusal } = decided
  return { ...view, state, decidedAt, booking, refusal, ahead: 0, etaMs: 0 }
}
