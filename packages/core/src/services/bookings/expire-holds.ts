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
import { inTransaction } from '../../db/transaction.ts'
import { SYSTEM } from './by.ts'
import { endBookings } from './end-bookings.ts'
import { availabilitySignal, type LifecycleDependencies, readNow } from './lifecycle.ts'

/** Looked for at once, and cancelled in one transaction at the most. */
const MAX_FOUND = 1_000
const MAX_BATCH = 200

/**
 * Cancels pending bookings whose hold is over; returns how many. One resource's failure is logged and keeps no other
 * waiting; the next run tries again. Stops between batches when asked to.
 */
export async function expireHolds(deps: LifecycleDependencies, stopping?: AbortSignal): Promise<number> {
  let expired = 0
  for (;;) {
    const found = await findExpiredBookings(deps.database.pool, MAX_FOUND)
    let ended = 0
    for (const group of found.flatMap(inBatches)) {
      if (stopping?.aborted === true) return expired
      try {
        ended += await expireBatch(deps, group)
      } catch (error) {
        deps.logger.error({ err: error, resource: group.resourceId }, 'holds could not be ended')
      }
    }
    expired += ended
    const size = found.reduce((sum, { ids }) => sum + ids.length, 0)
    // Whoever is worked on or failed would be found again at once.
    if (size < MAX_FOUND || ended === 0) return expired
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
  const outcome = await inTransaction(deps.database, async (tx) => {
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
