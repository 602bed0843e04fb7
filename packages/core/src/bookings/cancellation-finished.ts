import type { ResourceKind } from '../catalogue/lock-resource.ts'
import type { Change } from '../records/change.ts'

export interface FinishedCancellation {
  readonly resourceId: string
  readonly kind: ResourceKind
  readonly organizerId: string
  /** Live bookings when it began. */
  readonly total: number
  /** Those of them that it cancelled: the others ended by themselves meanwhile. */
  readonly cancelled: number
}

/**
 * Returns the change that says that none of a cancelled showtime's or event's bookings is left: recorded once, by the
 * transaction that finds it so.
 */
export function cancellationFinished(finished: FinishedCancellation): Change {
  const { resourceId: entityId, kind, organizerId, total, cancelled } = finished
  return { organizerId, entityId, type: `${kind}.cancellation_finished`, after: { total, cancelled } }
}
