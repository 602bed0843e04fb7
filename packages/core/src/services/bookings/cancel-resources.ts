/**
 * Cancelling and refunding the bookings of cancelled showtimes and events, a batch of one resource at a time.
 *
 * Keeps: I5 (a paid booking's refund, fee included, is promised in the commit that cancels it), I6, I7. How far it is is
 * counted in that commit too, so that it is right whenever this ends. That none is left is told by the commit that finds
 * it so, and by no other: it is the one whose UPDATE sets the time.
 * Locks, per transaction: one resource's state → promo codes → bookings → payments → tickets; then the progress, and for
 * its end the counter of the resource's events.
 *
 * A booking that somebody is working on is waited for: a payment that completes meanwhile is found by looking again
 * under the lock. The tempting wrong way is to cancel what was found: what was unpaid then may be paid by now.
 */
import {
  type BookingToCancel,
  findBookingsToCancel,
  findUnfinishedCancellations,
  type UnfinishedCancellation,
} from '../../db/queries/find-cancelling.ts'
import { advanceCancellation, finishCancellation } from '../../db/queries/cancellation-progress.ts'
import { lockBookings } from '../../db/queries/lock-bookings.ts'
import { lockInventory } from '../../db/queries/lock-inventory.ts'
import { isTransient } from '../../db/sql-errors.ts'
import { BOOKING_TRANSITIONS, canTransition } from '../../domain/booking-status.ts'
import { refundForOrganizer } from '../../domain/refund-policy.ts'
import { cancellationFinished } from '../catalogue/cancellation-finished.ts'
import { recordChanges } from '../catalogue/record-changes.ts'
import { endBookings } from './end-bookings.ts'
import { availabilitySignal, type LifecycleDependencies, readNow, transact } from './lifecycle.ts'

const MAX_RESOURCES = 100
const MAX_BATCH = 100
const BEFORE_ALL_IDS = '00000000-0000-0000-0000-000000000000'

/**
 * Cancels what is left to cancel; returns how many bookings that were. One that fails is logged, keeps no other waiting
 * and is tried again by the next run. Stops between batches when asked to.
 */
export async function cancelResources(deps: LifecycleDependencies, stopping?: AbortSignal): Promise<number> {
  let cancelled = 0
  for (const cancellation of await findUnfinishedCancellations(deps.database.pool, MAX_RESOURCES)) {
    const done = { cancelled: 0, failed: 0 }
    try {
      await cancelBookingsOf(deps, cancellation, done, stopping)
    } catch (error) {
      deps.logger.error({ err: error, resource: cancellation.resourceId }, 'a cancellation could not go on')
    }
    cancelled += done.cancelled
    if (stopping?.aborted === true) break
  }
  return cancelled
}

/** Bookings of one resource in one run. */
interface Done {
  cancelled: number
  failed: number
}

async function cancelBookingsOf(
  deps: LifecycleDependencies,
  cancellation: UnfinishedCancellation,
  done: Done,
  stopping: AbortSignal | undefined,
): Promise<void> {
  const { resourceId, actor, requestId } = cancellation
  let after = BEFORE_ALL_IDS
  for (;;) {
    const batch = await findBookingsToCancel(deps.database.pool, resourceId, after, MAX_BATCH)
    const last = batch.at(-1)
    if (last === undefined) break
    after = last.id
    await cancelWhatCanBe(deps, cancellation, batch, done)
    if (stopping?.aborted === true) return
  }
  await transact(deps.database, async (tx) => {
    await lockInventory(tx, [resourceId], [])
    const finished = await finishCancellation(tx, resourceId, done.failed)
    if (finished === null) return
    const by = { actor, ...(requestId !== null && { requestId }) }
    await recordChanges(tx, by, [cancellationFinished({ resourceId, ...finished })])
  })
}

/** Should one booking make its batch fail, the others are cancelled one by one. */
async function cancelWhatCanBe(
  deps: LifecycleDependencies,
  cancellation: UnfinishedCancellation,
  batch: readonly BookingToCancel[],
  done: Done,
): Promise<void> {
  try {
    done.cancelled += await cancelBatch(deps, cancellation, batch)
  } catch (error) {
    if (batch.length === 1 || isTransient(error)) {
      const bookings = batch.map(({ id }) => id)
      deps.logger.error({ err: error, resource: cancellation.resourceId, bookings }, 'bookings could not be cancelled')
      done.failed += batch.length
      return
    }
    for (const booking of batch) await cancelWhatCanBe(deps, cancellation, [booking], done)
  }
}

async function cancelBatch(
  deps: LifecycleDependencies,
  { resourceId, reason, actor, requestId }: UnfinishedCancellation,
  batch: readonly BookingToCancel[],
): Promise<number> {
  const promoCodeIds = batch.flatMap(({ promoCodeId }) => (promoCodeId === null ? [] : [promoCodeId]))
  const outcome = await transact(deps.database, async (tx) => {
    await lockInventory(tx, [resourceId], promoCodeIds)
    const locked = await lockBookings(
      tx,
      batch.map(({ id }) => id),
    )
    const live = locked.filter(({ status }) => canTransition(BOOKING_TRANSITIONS, status, 'cancelled'))
    if (live.length === 0) return null
    const { version } = await endBookings(tx, resourceId, live, {
      by: { actor, requestId },
      reason: 'organizer',
      note: reason,
      paymentFailure: 'booking_cancelled',
      refund: ({ fee }, { captured, refunded, reserved }) =>
        refundForOrganizer({ total: captured, fee, returned: refunded + reserved }),
      now: await readNow(tx),
    })
    await advanceCancellation(tx, resourceId, live.length)
    return { version, count: live.length }
  })
  if (outcome === null) return 0
  deps.announce(availabilitySignal(resourceId, outcome.version))
  return outcome.count
}
