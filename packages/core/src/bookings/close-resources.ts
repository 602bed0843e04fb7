/**
 * After the show: who came has completed their booking, who did not is a no-show.
 *
 * Keeps: I7, I10 (a batch that fails is made smaller, and a booking that fails alone is set aside). A check-in locks the booking before its ticket, so whether somebody came is read under the booking's lock.
 * Locks, per transaction: the resource's state → its confirmed bookings. Under the former it is either cancelled or
 * closed: whoever has begun with one of the two keeps the other from it.
 */
import { BatchLimit } from '../use-case/batch-limit.ts'
import { inArray } from '../db/drizzle.ts'
import { beginClosing, closeResource, lockConfirmedBookings, readAttended } from '../inventory/queries/close-resource.ts'
import { findEndedResources } from './queries/find-ended-resources.ts'
import { lockInventory } from '../inventory/queries/lock-inventory.ts'
import { insertRecords } from '../records/queries/insert-records.ts'
import { clearSetbacks } from '../setbacks/queries/record-setback.ts'
import { bookings } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { Pace } from '../use-case/pace.ts'
import { setAside } from '../setbacks/set-aside.ts'
import { bookingRecord } from '../records/booking-record.ts'
import { SYSTEM } from '../records/by.ts'
import type { LifecycleDependencies } from './lifecycle.ts'
import { readNow, transact } from '../use-case/transact.ts'

const MAX_RESOURCES = 100
const MAX_BATCH = 200

/** Bookings that one transaction may close, as learned for each resource. */
const limits = new BatchLimit({ max: MAX_BATCH })

/**
 * Closes the bookings of what ended longer ago than `graceMs`; returns how many. A resource with pending bookings stays
 * open until their holds have ended, and one that is waited for in line until that is decided.
 */
export async function closeResources(
  deps: LifecycleDependencies,
  graceMs: number,
  stopping?: AbortSignal,
): Promise<number> {
  let closed = 0
  for (const resourceId of await findEndedResources(deps.database.pool, graceMs, MAX_RESOURCES)) {
    try {
      const pace = new Pace(limits, resourceId, MAX_BATCH)
      for (let isMore = true; isMore;) {
        if (stopping?.aborted === true) return closed
        const batch = await closeNext(deps, resourceId, pace)
        closed += batch.closed
        isMore = batch.isMore
      }
      await transact(deps.database, async (tx) => {
        await lockInventory(tx, [resourceId], [])
        await closeResource(tx, resourceId)
      })
    } catch (error) {
      deps.logger.error({ err: error, resource: resourceId }, 'the bookings of an ended resource could not be closed')
    }
  }
  return closed
}

/** Closes as many as one batch may have; none where it is to be a smaller one, or the first one was set aside. */
async function closeNext(
  deps: LifecycleDependencies,
  resourceId: string,
  pace: Pace,
): Promise<{ readonly closed: number; readonly isMore: boolean }> {
  const limit = Math.min(pace.rows, pace.cost)
  let ids: readonly string[] = []
  try {
    await transact(deps.database, async (tx) => {
      await lockInventory(tx, [resourceId], [])
      if (!(await beginClosing(tx, resourceId))) return
      ids = await lockConfirmedBookings(tx, resourceId, limit)
      await closeBookings(tx, ids)
    })
    pace.onDone(ids.length, ids.length)
    return { closed: ids.length, isMore: ids.length === limit }
  } catch (error) {
    const next = pace.onFailed(error, ids.length || limit, ids.length || limit)
    const [subjectId] = ids
    if (next === 'later' || (next === 'alone' && subjectId === undefined)) throw error
    if (next === 'alone' && subjectId !== undefined) {
      const work = { kind: 'closing', subjectId, entityId: resourceId } as const
      await setAside({ pool: deps.database.pool, logger: deps.logger }, work, error)
    }
    return { closed: 0, isMore: true }
  }
}

async function closeBookings(tx: Transaction, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  const attended = await readAttended(tx, ids)
  const now = await readNow(tx)
  const statusOf = (id: string) => (attended.has(id) ? 'completed' : 'no_show')
  for (const status of ['completed', 'no_show'] as const) {
    const those = ids.filter((id) => statusOf(id) === status)
    if (those.length > 0) await tx.orm.update(bookings).set({ status }).where(inArray(bookings.id, those))
  }
  const before = { status: 'confirmed' }
  await insertRecords(
    tx,
    now,
    SYSTEM,
    ids.map((id) => bookingRecord(id, statusOf(id), before, { status: statusOf(id) })),
  )
  await clearSetbacks(tx, 'closing', ids)
}
