/**
 * Ending holds whose time is up, a batch of one resource at a time.
 *
 * Keeps: I6 (what was held goes back in the commit that cancels), I7, I10 (a batch is bounded by bookings and places; one
 * that fails is made smaller, and a booking that fails alone is set aside; a resource that is locked keeps no other waiting).
 * Locks, per transaction: one resource's state → promo codes → the expired bookings (SKIP LOCKED) → payments → tickets.
 *
 * A booking that somebody is working on is passed over: a payment that is being confirmed at this moment wins, and the
 * next run looks again. The tempting wrong way is one transaction over many resources, which would keep their lines
 * waiting for each other.
 */
import { BatchLimit } from '../use-case/batch-limit.ts'
import { findExpiredBookings, type ExpiredBookings } from './queries/find-expired-bookings.ts'
import { lockExpiredBookings } from './queries/lock-bookings.ts'
import { lockInventory } from '../inventory/queries/lock-inventory.ts'
import { clearSetbacks } from '../setbacks/queries/record-setback.ts'
import { Pace } from '../use-case/pace.ts'
import { setAside } from '../setbacks/set-aside.ts'
import { SYSTEM } from '../records/cause.ts'
import { endBookings } from './end-bookings.ts'
import type { LifecycleDependencies } from './lifecycle.ts'
import { availabilitySignal } from '../queue/payloads.ts'
import { readNow, transact } from '../use-case/transact.ts'

/** Looked for at once, and cancelled in one transaction at the most. */
const MAX_FOUND = 1_000
const MAX_BATCH = 200
const MAX_PLACES = 5_000
/** Resources that are seen to at the same time: one that is locked keeps no other waiting. */
const AT_ONCE = 4

/** Places that one transaction may give back, as learned for each resource. */
const limits = new BatchLimit({ max: MAX_PLACES })

/**
 * Cancels pending bookings whose hold is over; returns how many. A booking that fails is set aside; a resource that cannot
 * be locked is logged and left to the next run, and keeps no other waiting. Stops between batches when asked to.
 */
export async function expireHolds(deps: LifecycleDependencies, stopping?: AbortSignal): Promise<number> {
  let expired = 0
  const stuck = new Set<string>()
  for (;;) {
    const stuckBefore = stuck.size
    const found = await findExpiredBookings(deps.database.pool, MAX_FOUND, [...stuck])
    const due = found.values()
    const seeTo = async () => {
      let ended = 0
      for (const group of due) ended += await expireGroup(deps, group, stuck, stopping)
      return ended
    }
    const ends = await Promise.all(Array.from({ length: AT_ONCE }, seeTo))
    const ended = ends.reduce((sum, count) => sum + count, 0)
    expired += ended
    const size = found.reduce((sum, { ids }) => sum + ids.length, 0)
    // Whoever is worked on would be found again at once.
    if (size < MAX_FOUND || (ended === 0 && stuck.size === stuckBefore) || stopping?.aborted === true) return expired
  }
}

async function expireGroup(
  deps: LifecycleDependencies,
  group: ExpiredBookings,
  stuck: Set<string>,
  stopping: AbortSignal | undefined,
): Promise<number> {
  const { resourceId, ids, promoCodeIds } = group
  const pace = new Pace(limits, resourceId, MAX_BATCH)
  const costs = group.places.map((places) => Math.max(1, places))
  let ended = 0
  for (let at = 0; at < ids.length;) {
    if (stopping?.aborted === true) return ended
    const size = pace.fit(costs.slice(at))
    const batch = ids.slice(at, at + size)
    const cost = costs.slice(at, at + size).reduce((sum, each) => sum + each, 0)
    try {
      ended += await expireBatch(deps, { resourceId, ids: batch, promoCodeIds })
      pace.onDone(size, cost)
      at += size
    } catch (error) {
      const next = pace.onFailed(error, size, cost)
      const [subjectId] = batch
      if (next === 'later' || subjectId === undefined) {
        deps.logger.error({ err: error, resource: resourceId, bookings: batch }, 'holds could not be ended yet')
        stuck.add(resourceId)
        return ended
      }
      if (next === 'alone') {
        const work = { kind: 'expiry', subjectId, entityId: resourceId } as const
        await setAside({ pool: deps.database.pool, logger: deps.logger }, work, error)
        at += 1
      }
    }
  }
  return ended
}

async function expireBatch(deps: LifecycleDependencies, group: Omit<ExpiredBookings, 'places'>): Promise<number> {
  const { resourceId } = group
  const outcome = await transact(deps.database, async (tx) => {
    await lockInventory(tx, [resourceId], group.promoCodeIds)
    const expired = await lockExpiredBookings(tx, resourceId, group.ids)
    if (expired.length === 0) return null
    const { version } = await endBookings(tx, resourceId, expired, {
      cause: SYSTEM,
      reason: 'expired',
      paymentFailure: 'hold_expired',
      now: await readNow(tx),
    })
    await clearSetbacks(tx, 'expiry', group.ids)
    return { version, count: expired.length }
  })
  if (outcome === null) return 0
  deps.announce(availabilitySignal(resourceId, outcome.version))
  return outcome.count
}
