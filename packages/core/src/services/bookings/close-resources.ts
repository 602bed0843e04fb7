/**
 * After the show: who came has completed their booking, who did not is a no-show.
 *
 * Keeps: I7. A check-in locks the booking before its ticket, so whether somebody came is read under the booking's lock.
 * Locks, per transaction: the resource's state → its confirmed bookings. Under the former it is either cancelled or
 * closed: whoever has begun with one of the two keeps the other from it.
 */
import { inArray } from '../../db/drizzle.ts'
import { beginClosing, closeResource, lockConfirmedBookings, readAttended } from '../../db/queries/close-resource.ts'
import { findEndedResources } from '../../db/queries/find-ended-resources.ts'
import { lockInventory } from '../../db/queries/lock-inventory.ts'
import { insertRecords } from '../../db/queries/insert-records.ts'
import { bookings } from '../../db/schema/index.ts'
import { bookingRecord } from './booking-record.ts'
import { SYSTEM } from './by.ts'
import { type LifecycleDependencies, readNow, transact } from './lifecycle.ts'

const MAX_RESOURCES = 100
const MAX_BATCH = 200

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
      for (;;) {
        if (stopping?.aborted === true) return closed
        const batch = await closeBatch(deps, resourceId)
        closed += batch
        if (batch < MAX_BATCH) break
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

async function closeBatch({ database }: LifecycleDependencies, resourceId: string): Promise<number> {
  return transact(database, async (tx) => {
    await lockInventory(tx, [resourceId], [])
    if (!(await beginClosing(tx, resourceId))) return 0
    const ids = await lockConfirmedBookings(tx, resourceId, MAX_BATCH)
    if (ids.length === 0) return 0
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
    return ids.length
  })
}
