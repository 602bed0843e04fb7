/**
 * Ending holds whose time is up, a batch of one resource at a time.
 *
 * Keeps: I6 (what was held goes back in the commit that cancels), I7.
 * Locks, per transaction: one resource's state → promo codes → the expired bookings (SKIP LOCKED) → payments → tickets.
 *
 * A booking that somebody is working on is passed over: a payment that is being confirmed at this moment wins, and the
 * next run looks again. The tempting wrong way is one transaction over many resources, which would keep their lanes
 * waiting for each other.
 */
import { findExpiredBookings, type ExpiredBookings } from '../../db/queries/find-expired-bookings.ts'
import { lockExpiredBookings } from '../../db/queries/lock-bookings.ts'
import { lockInventory } from '../../db/queries/lock-inventory.ts'
import { isTransient } from '../../db/sql-errors.ts'
import { SYSTEM } from './by.ts'
import { endBookings } from './end-bookings.ts'
import { availabilitySignal, type LifecycleDependencies, readNow, transact } from './lifecycle.ts'

/** Looked for at once, and cancelled in one transaction at the most. */
const MAX_FOUND = 1_000
const MAX_BATCH = 200
/** Resources that are seen to at the same time: one that is locked keeps no other waiting. */
const AT_ONCE = 4

/**
 * Cancels pending bookings whose hold is over; returns how many. One resource's failure is logged and keeps no other
 * waiting; the next run tries again. Stops between batches when asked to.
 */
export async function expireHolds(deps: LifecycleDependencies, stopping?: AbortSignal): Promise<number> {
  let expired = 0
  for (;;) {
    const found = await findExpiredBookings(deps.database.pool, MAX_FOUND)
    const due = found.values()
    const seeTo = async () => {
      let ended = 0
      for (const group of due) ended += await expireGroup(deps, group, stopping)
      return ended
    }
    const ends = await Promise.all(Array.from({ length: AT_ONCE }, seeTo))
    const ended = ends.reduce((sum, count) => sum + count, 0)
    expired += ended
    const size = found.reduce((sum, { ids }) => sum + ids.length, 0)
    // Whoever is worked on or failed would be found again at once.
    if (size < MAX_FOUND || ended === 0 || stopping?.aborted === true) return expired
  }
}

async function expireGroup(
  deps: LifecycleDependencies,
  group: ExpiredBookings,
  stopping: AbortSignal | undefined,
): Promise<number> {
  let ended = 0
  for (const batch of inBatches(group)) {
    if (stopping?.aborted === true) return ended
    ended += await expireWhatCanBe(deps, batch)
  }
  return ended
}

/** Should one booking make its batch fail, the others are ended one by one. */
async function expireWhatCanBe(deps: LifecycleDependencies, batch: ExpiredBookings): Promise<number> {
  try {
    return await expireBatch(deps, batch)
  } catch (error) {
    if (batch.ids.length === 1 || isTransient(error)) {
      deps.logger.error({ err: error, resource: batch.resourceId, bookings: batch.ids }, 'holds could not be ended')
      return 0
    }
    let ended = 0
    for (const id of batch.ids) ended += await expireWhatCanBe(deps, { ...batch, ids: [id] })
    return ended
  }
}

function inBatches({ resourceId, ids, promoCodeIds }: ExpiredBookings): ExpiredBookings[] {
  const batches: ExpiredBookings[] = []
  for (let at = 0; at < ids.length; at += MAX_BATCH) {
    batches.push({ resourceId, ids: ids.slice(at, at + MAX_BATCH), promoCodeIds })
  }
  return batches
}

async function expireBatch(deps: LifecycleDependencies, group: ExpiredBookings): Promise<number> {
  const { resourceId } = group
  const outcome = await transact(deps.database, async (tx) => {
    await lockInventory(tx, [resourceId], group.promoCodeIds)
    const expired = await lockExpiredBookings(tx, resourceId, group.ids)
    if (expired.length === 0) return null
    const { version } = await endBookings(tx, resourceId, expired, {
      by: SYSTEM,
      reason: 'expired',
      paymentFailure: 'hold_expired',
      now: await readNow(tx),
    })
    return { version, count: expired.length }
  })
  if (outcome === null) return 0
  deps.announce(availabilitySignal(resourceId, outcome.version))
  return outcome.count
}
