/**
 * Cancelling and refunding the bookings of cancelled showtimes and events, a batch of one resource at a time.
 *
 * Keeps: I10 (a batch is bounded by bookings and places; one that fails is made smaller, and a booking that fails alone is
 * set aside), I5 (a paid booking's refund, fee included, is promised in the commit that cancels it), I6, I7. How far it is is
 * counted in that commit too, so that it is right whenever this ends. That none is left is told by the commit that finds
 * it so, and by no other: it is the one whose UPDATE sets the time.
 * Locks, per transaction: one resource's state → promo codes → bookings → payments → tickets; then the progress, and for
 * its end the counter of the resource's events.
 *
 * A booking that somebody is working on is waited for: a payment that completes meanwhile is found by looking again
 * under the lock. The tempting wrong way is to cancel what was found: what was unpaid then may be paid by now.
 */
import { BatchLimit } from '../use-case/batch-limit.ts'
import {
  type BookingToCancel,
  findBookingsToCancel,
  findUnfinishedCancellations,
  type UnfinishedCancellation,
} from './queries/find-cancelling.ts'
import { advanceCancellation, finishCancellation } from './queries/cancellation-progress.ts'
import { lockBookings } from './queries/lock-bookings.ts'
import { lockInventory } from '../inventory/queries/lock-inventory.ts'
import { clearSetbacks } from '../setbacks/queries/record-setback.ts'
import { BOOKING_TRANSITIONS, canTransition } from '../domain/booking-status.ts'
import { refundForOrganizer } from '../domain/money/refund-policy.ts'
import { cancellationFinished } from './cancellation-finished.ts'
import { recordChanges } from '../records/record-changes.ts'
import { Pace } from '../use-case/pace.ts'
import { setAside } from '../setbacks/set-aside.ts'
import { endBookings } from './end-bookings.ts'
import type { LifecycleDependencies } from './lifecycle.ts'
import { availabilitySignal } from '../queue/payloads.ts'
import { readNow, transact } from '../use-case/transact.ts'

const MAX_RESOURCES = 100
const MAX_FOUND = 500
const MAX_BATCH = 100
const MAX_PLACES = 5_000
const BEFORE_ALL_IDS = '00000000-0000-0000-0000-000000000000'

/** Places that one transaction may cancel, as learned for each resource. */
const limits = new BatchLimit({ max: MAX_PLACES })

/**
 * Cancels what is left to cancel; returns how many bookings that were. One that fails is set aside and keeps no other
 * waiting. Stops between batches when asked to.
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
  /** Bookings that failed; those that were set aside are not among them. */
  failed: number
}

async function cancelBookingsOf(
  deps: LifecycleDependencies,
  cancellation: UnfinishedCancellation,
  done: Done,
  stopping: AbortSignal | undefined,
): Promise<void> {
  const { resourceId, actor, requestId } = cancellation
  const pace = new Pace(limits, resourceId, MAX_BATCH)
  let after = BEFORE_ALL_IDS
  for (;;) {
    const found = await findBookingsToCancel(deps.database.pool, resourceId, after, MAX_FOUND)
    const last = found.at(-1)
    if (last === undefined) break
    after = last.id
    for (let at = 0; at < found.length;) {
      if (stopping?.aborted === true) return
      at += await cancelNext(deps, cancellation, found.slice(at, at + MAX_BATCH), pace, done)
    }
  }
  await transact(deps.database, async (tx) => {
    await lockInventory(tx, [resourceId], [])
    const finished = await finishCancellation(tx, resourceId, done.failed)
    if (finished === null) return
    await recordChanges(tx, { actor, requestId }, [cancellationFinished({ resourceId, ...finished })])
  })
}

/** Cancels as many of these as one batch may have; returns how many are dealt with: none where it is to be a smaller one. */
async function cancelNext(
  deps: LifecycleDependencies,
  cancellation: UnfinishedCancellation,
  due: readonly BookingToCancel[],
  pace: Pace,
  done: Done,
): Promise<number> {
  const costs = due.map(({ places }) => Math.max(1, places))
  const batch = due.slice(0, pace.fit(costs))
  const cost = costs.slice(0, batch.length).reduce((sum, each) => sum + each, 0)
  try {
    done.cancelled += await cancelBatch(deps, cancellation, batch)
    pace.onDone(batch.length, cost)
    return batch.length
  } catch (error) {
    const { resourceId } = cancellation
    const next = pace.onFailed(error, batch.length, cost)
    if (next === 'smaller') return 0
    const [booking] = batch
    if (next === 'alone' && booking !== undefined) {
      const work = { kind: 'cancellation', subjectId: booking.id, entityId: resourceId } as const
      await setAside({ pool: deps.database.pool, logger: deps.logger }, work, error)
      return 1
    }
    const bookings = batch.map(({ id }) => id)
    deps.logger.error({ err: error, resource: resourceId, bookings }, 'bookings could not be cancelled yet')
    done.failed += batch.length
    return batch.length
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
      cause: { actor, requestId },
      reason: 'organizer',
      note: reason,
      paymentFailure: 'booking_cancelled',
      refund: ({ fee }, { captured, refunded, reserved }) =>
        refundForOrganizer({ total: captured, fee, returned: refunded + reserved }),
      now: await readNow(tx),
    })
    await advanceCancellation(tx, resourceId, live.length)
    await clearSetbacks(
      tx,
      'cancellation',
      batch.map(({ id }) => id),
    )
    return { version, count: live.length }
  })
  if (outcome === null) return 0
  deps.announce(availabilitySignal(resourceId, outcome.version))
  return outcome.count
}
