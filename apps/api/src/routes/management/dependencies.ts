import type { Database } from '@boxoffice/core/db/connect.ts'
import type { Transaction } from '@boxoffice/core/db/transaction.ts'
import type { LifecycleDependencies } from '@boxoffice/core/bookings/lifecycle.ts'
import { availabilitySignal } from '@boxoffice/core/queue/payloads.ts'
import { transact } from '@boxoffice/core/use-case/transact.ts'
import type { Cause } from '@boxoffice/core/records/cause.ts'
import type { SeatMaps } from '@boxoffice/core/availability/seat-maps.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'
import { organizerScope } from '../../callers/authenticate.ts'
import { organizerOf } from '../../callers/organizer-of.ts'
import { Problem } from '@boxoffice/core/use-case/problem.ts'
import type { Reports } from '../../lists/reports.ts'
import type { SeatingReader } from '../../seating/seating-reader.ts'

export interface ManagementDependencies {
  /** For changes, and for reading what was changed. */
  readonly database: Database
  readonly announce: LifecycleDependencies['announce']
  /** For lists. */
  readonly reports: Reports
  readonly seatMaps: SeatMaps
  readonly seating: Pick<SeatingReader, 'read'>
  /** The setting `LAYOUT_VERSIONS`. */
  readonly layoutVersions: number
  /** The setting `LANES`. */
  readonly lanes: number
  /** The setting `SHOWTIME_SALES_END_MS`. */
  readonly showtimeSellsForMs: number
}

/** Returns the cause of a change, for its records. */
export function changedBy({ caller, requestId }: { readonly caller: Caller; readonly requestId: string }): Cause {
  return { actor: caller.subject, requestId }
}

/** Returns the organizer whose things are listed: the caller's own; for admins everybody's unless they name one. */
export function listedFor(caller: Caller, named: string | undefined): string | null {
  return caller.role === 'admin' ? (named ?? null) : organizerOf(caller, named)
}

/** Throws 403 `forbidden` where anybody but an admin chooses a lane: a hot one is shared with others. */
export function requireAdminForLane(caller: Caller, lane: number | undefined): void {
  if (lane === undefined || organizerScope(caller) === null) return
  throw new Problem('forbidden', { detail: 'Only admins can choose a lane.' })
}

/** Changes a showtime or an event in a transaction, and tells of it after the commit where it has a new version. */
export async function changeResource<T extends { readonly version: number | null }>(
  { database, announce, seatMaps }: ManagementDependencies,
  resourceId: string,
  change: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const changed = await transact(database, change)
  if (changed.version !== null) {
    seatMaps.forget(resourceId)
    announce(availabilitySignal(resourceId, changed.version))
  }
  return changed
}
