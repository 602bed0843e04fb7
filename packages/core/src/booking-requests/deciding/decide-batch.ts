import { applyDecision, decide } from '../../domain/decide.ts'
import type { BookingRequest, Decision, Refused } from '../../domain/booking-request.ts'
import type { Snapshot } from '../../domain/snapshot.ts'
import type { Logger } from '../../runtime/logger.ts'

/** The decision on a request that our own bug keeps from a proper one. */
export const INTERNAL_ERROR: Decision = {
  outcome: 'refused',
  refusal: { code: 'internal_error', detail: 'The request could not be decided because of an error on our side.' },
}

/** The decision on a request that those who run the service refuse by hand. */
export const REFUSED_BY_OPERATOR: Refused = {
  outcome: 'refused',
  refusal: { code: 'internal_error', detail: 'The operator refused the request.' },
}

/** The decision on a request that whoever made it withdraws. */
export const WITHDRAWN: Refused = {
  outcome: 'refused',
  refusal: { code: 'withdrawn', detail: 'The request was withdrawn.' },
}

/**
 * Decides requests in order, each on the snapshot that the ones before it left behind. A request that makes the
 * decision throw is a bug of ours: it is refused alone and logged, and the line goes on.
 */
export function decideBatch(
  snapshot: Snapshot,
  requests: readonly BookingRequest[],
  now: number,
  logger: Logger,
): ReadonlyMap<BookingRequest, Decision> {
  const decisions = new Map<BookingRequest, Decision>()
  for (const request of requests) {
    try {
      const decision = decide(snapshot, request, now)
      if (decision.outcome === 'booked') applyDecision(snapshot, request, decision)
      decisions.set(request, decision)
    } catch (error) {
      logger.error({ err: error, bookingRequestId: request.id, seq: request.seq }, 'request could not be decided')
      decisions.set(request, INTERNAL_ERROR)
    }
  }
  return decisions
}
