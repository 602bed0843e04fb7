import { applyDecision, decide } from '../../domain/decide.ts'
import type { Decision, Refused } from '../../domain/booking-request.ts'
import type { Snapshot } from '../../domain/snapshot.ts'
import type { UndecidedRequest } from '../queries/read-undecided.ts'
import type { Logger } from '../../runtime/logger.ts'

export interface Decided {
  readonly request: UndecidedRequest
  readonly decision: Decision
}

/** The outcome of a request that our own bug keeps from a proper one. */
export const INTERNAL_ERROR: Decision = {
  outcome: 'refused',
  refusal: { code: 'internal_error', detail: 'The request could not be decided because of an error on our side.' },
}

/** The outcome of a request that those who run the service refuse by hand. */
export const REFUSED_BY_OPERATOR: Refused = {
  outcome: 'refused',
  refusal: { code: 'internal_error', detail: 'The request was refused by those who run the service.' },
}

/**
 * Decides requests in order, each on the snapshot that the ones before it left behind. A request that makes the
 * decision throw is a bug of ours: it is refused alone and logged, and the line goes on.
 */
export function decideBatch(
  snapshot: Snapshot,
  requests: readonly UndecidedRequest[],
  now: number,
  logger: Logger,
): Decided[] {
  return requests.map((request) => {
    try {
      const decision = decide(snapshot, request, now)
      if (decision.outcome === 'booked') applyDecision(snapshot, request, decision)
      return { request, decision }
    } catch (error) {
      logger.error({ err: error, bookingRequestId: request.id, seq: request.seq }, 'request could not be decided')
      return { request, decision: INTERNAL_ERROR }
    }
  })
}
