import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { findCancellation } from '@boxoffice/core/bookings/queries/cancellation-view.ts'
import { lockBookings } from '@boxoffice/core/bookings/queries/lock-bookings.ts'
import { lockInventory } from '@boxoffice/core/inventory/queries/lock-inventory.ts'
import { listParked } from '@boxoffice/core/setbacks/queries/parked-view.ts'
import { isTooHeavy } from '@boxoffice/core/db/sql-errors.ts'
import { inTransaction } from '@boxoffice/core/db/transaction.ts'
import { SETBACK_PAUSES_MS } from '@boxoffice/core/domain/setback.ts'
import { SYSTEM } from '@boxoffice/core/records/cause.ts'
import { cancelResources } from '@boxoffice/core/bookings/cancel-resources.ts'
import { closeResources } from '@boxoffice/core/bookings/close-resources.ts'
import { endBookings } from '@boxoffice/core/bookings/end-bookings.ts'
import { expireHolds } from '@boxoffice/core/bookings/expire-holds.ts'
import { retryParked } from '@boxoffice/core/setbacks/retry-parked.ts'
import { cancelEvent } from '../support/cancel-event.ts'
import { givenEvent, type GivenEvent } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { ticketsRequest } from '../support/engine.ts'
import { interceptTransactions } from '../support/intercepted-database.ts'
import {
  closeLifecycles,
  givenBookings,
  type GivenBooking,
  type Lifecycle,
  openLifecycle,
  readBooking,
  runOutOfTime,
} from '../support/lifecycle.ts'
import { findViolations } from '../support/lifecycle-invariants.ts'
import { holdLock } from '../support/locks.ts'
import { endRaising, raiseAt } from '../support/raise-at.ts'

let lifecycle: Lifecycle
const db = sharedDatabase()
beforeEach(() => {
  lifecycle = openLifecycle(db)
})
afterEach(async () => {
  await db.database.pool.query('drop function if exists raise_at cascade')
  await closeLifecycles()
})

/** Creates an event with bookings of four tickets each; free ones are confirmed. */
async function givenCrowd(size: number, price: number) {
  const event = await givenEvent(db.database, { ticketTypes: [{ capacity: 10_000, price }] })
  const request = () => ticketsRequest(event.eventId, [{ ticketTypeId: event.ticketTypeIds[0] ?? '', quantity: 4 }])
  return { event, bookings: await givenBookings(db, Array.from({ length: size }, request)) }
}

const idsOf = (bookings: readonly GivenBooking[]) => bookings.map(({ id }) => id)

async function countOf({ eventId }: GivenEvent, ...statuses: readonly string[]): Promise<number> {
  const { rows } = await db.database.pool.query<{ count: number }>(
    'select count(*)::int as count from bookings where resource_id = $1 and status = any($2)',
    [eventId, statuses],
  )
  return rows[0]?.count ?? 0
}

/** Ends all bookings of the batch in one transaction, and never tries a smaller batch if that takes too long. */
function endAtOnce({ eventId }: GivenEvent, bookings: readonly GivenBooking[]) {
  return inTransaction(db.database, async (tx) => {
    await lockInventory(tx, [eventId], [])
    const locked = await lockBookings(tx, idsOf(bookings))
    const terms = { cause: SYSTEM, reason: 'organizer', paymentFailure: 'booking_cancelled', now: new Date() } as const
    await endBookings(tx, eventId, locked, terms)
  })
}

/** Gives up at once on a lock that another transaction holds. */
const impatiently = (database: Database) =>
  interceptTransactions(database, async (statement) => {
    const result = await statement.run()
    if (statement.text === 'begin') await statement.client.query(`set local lock_timeout = '50ms'`)
    return result
  })

const tooManyTickets = () => raiseAt(db, { update: 'tickets', moreThan: 20, state: '57014' })

describe("cancelling more tickets than fit into a statement's time", () => {
  it('comes to nothing where the batch stays as it is: the control', async () => {
    const { event, bookings } = await givenCrowd(30, 0)
    await tooManyTickets()
    for (let run = 0; run < 3; run++) await expect(endAtOnce(event, bookings)).rejects.toSatisfy(isTooHeavy)
    expect(await countOf(event, 'cancelled')).toBe(0)
  })

  it('is done in batches that are small enough, and the next run begins with those', async () => {
    const { event } = await givenCrowd(30, 0)
    const raised = await tooManyTickets()
    await cancelEvent(lifecycle, event)
    expect(await cancelResources(lifecycle)).toBe(30)
    const progress = await findCancellation(db.database.pool, 'event', event.eventId, null)
    expect(progress).toMatchObject({ status: 'finished', total: 30, cancelled: 30, failed: 0 })
    expect(await raised()).toBeGreaterThan(0)
    expect(await findViolations(db)).toEqual([])
  })

  it('parks a booking that fails each time alone, finishes the others, and it once it is retried', async () => {
    const { event, bookings } = await givenCrowd(12, 0)
    const bad = bookings[5]?.id ?? ''
    await raiseAt(db, { update: 'tickets', forEachRow: `new.booking_id = '${bad}'`, state: 'XX001' })
    await cancelEvent(lifecycle, event)
    expect(await cancelResources(lifecycle)).toBe(11)
    for (const _ of SETBACK_PAUSES_MS) {
      await db.database.pool.query('update setbacks set retry_at = now() where retry_at is not null')
      expect(await cancelResources(lifecycle)).toBe(0)
    }
    expect(lifecycle.errors).toHaveLength(6)
    await cancelResources(lifecycle)
    expect(lifecycle.errors).toHaveLength(6)
    const progress = () => findCancellation(db.database.pool, 'event', event.eventId, null)
    expect(await progress()).toMatchObject({ status: 'running', cancelled: 11, failed: 1 })
    const [parked] = (await listParked(db.database.pool, 'cancellation', 10, null)).items
    expect(parked).toMatchObject({ subjectId: bad, reference: bookings[5]?.reference, failures: 6 })

    await endRaising(db)
    await retryParked(db.database, { id: parked?.id ?? '', actor: 'admin:1', requestId: 'r', keyed: null })
    expect(await cancelResources(lifecycle)).toBe(1)
    expect(await progress()).toMatchObject({ status: 'finished', cancelled: 12, failed: 0 })
    expect((await listParked(db.database.pool, null, 10, null)).items).toEqual([])
  })
})

describe('ending holds', () => {
  it('is done in batches that are small enough', async () => {
    const { event, bookings } = await givenCrowd(30, 1_000)
    await runOutOfTime(db, ...idsOf(bookings))
    const raised = await raiseAt(db, { update: 'bookings', moreThan: 5, state: '57014' })
    expect(await expireHolds(lifecycle)).toBe(30)
    expect(await raised()).toBeGreaterThan(0)
    expect(await countOf(event, 'cancelled')).toBe(30)
    expect(await findViolations(db)).toEqual([])
  })

  it('of a booking that fails keeps no other waiting', async () => {
    const [{ bookings }, neighbour] = [await givenCrowd(8, 1_000), await givenCrowd(1, 1_000)]
    const bad = bookings[0]?.id ?? ''
    await runOutOfTime(db, ...idsOf(bookings), ...idsOf(neighbour.bookings))
    await raiseAt(db, { update: 'bookings', forEachRow: `new.id = '${bad}'`, state: '57014' })
    expect(await expireHolds(lifecycle)).toBe(8)
    expect((await readBooking(db, bad)).status).toBe('pending')
    expect(await countOf(neighbour.event, 'cancelled')).toBe(1)
    await endRaising(db)
    expect(await expireHolds(lifecycle)).toBe(1)
  })

  it('of a resource that is locked is left to the next run, and that of the others is not', async () => {
    const [locked, neighbour] = [await givenCrowd(3, 1_000), await givenCrowd(3, 1_000)]
    await runOutOfTime(db, ...idsOf(locked.bookings), ...idsOf(neighbour.bookings))
    const lock = await holdLock(db, 'select from resource_state where resource_id = $1 for no key update', [
      locked.event.eventId,
    ])
    const hasty = openLifecycle(db, { wrap: impatiently })
    expect(await expireHolds(hasty)).toBe(3)
    expect(await countOf(neighbour.event, 'cancelled')).toBe(3)
    expect(hasty.errors).toHaveLength(1)
    await lock.release()
    expect(await expireHolds(lifecycle)).toBe(3)
    expect((await db.database.pool.query('select from setbacks')).rowCount).toBe(0)
  })
})

describe('closing after the show', () => {
  it('is done in batches that are small enough', async () => {
    const { event } = await givenCrowd(30, 0)
    await db.database.pool.query(
      `update events set starts_at = now() - interval '3 hours', ends_at = now() - interval '1 hour' where id = $1`,
      [event.eventId],
    )
    await raiseAt(db, { update: 'bookings', moreThan: 7, state: '57014' })
    expect(await closeResources(lifecycle, 0)).toBe(30)
    expect(await countOf(event, 'no_show')).toBe(30)
  })

  it('sets a booking aside that fails alone', async () => {
    const { event, bookings } = await givenCrowd(10, 0)
    const bad = bookings[3]?.id ?? ''
    await db.database.pool.query(
      `update events set starts_at = now() - interval '3 hours', ends_at = now() - interval '1 hour' where id = $1`,
      [event.eventId],
    )
    await raiseAt(db, { update: 'bookings', forEachRow: `new.id = '${bad}'`, state: 'XX001' })
    expect(await closeResources(lifecycle, 0)).toBe(9)
    expect(await countOf(event, 'no_show')).toBe(9)
    await endRaising(db)
    await db.database.pool.query('update setbacks set retry_at = now()')
    expect(await closeResources(lifecycle, 0)).toBe(1)
  })
})
