import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findBookingsToTell, insertMoveMails } from '@boxoffice/core/mail/queries/insert-move-mails.ts'
import { insertPendingMoves } from '@boxoffice/core/outbox/queries/pending-moves.ts'
import { inTransaction } from '@boxoffice/core/db/transaction.ts'
import { updateEvent } from '@boxoffice/core/catalogue/update-event.ts'
import { queueMoveMails } from '@boxoffice/core/mail/queue-move-mails.ts'
import { newId } from '@boxoffice/core/runtime/new-id.ts'
import { publishOutgoingEvents } from '@boxoffice/core/outbox/publish-outgoing-events.ts'
import { givenEvent, type GivenEvent } from '../support/catalogue.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { ticketsRequest } from '../support/engine.ts'
import {
  closeLifecycles,
  dieAt,
  givenBookings,
  type GivenBooking,
  type Lifecycle,
  openLifecycle,
} from '../support/lifecycle.ts'
import { endRaising, raiseAt } from '../support/raise-at.ts'

const SECOND = new Date('2040-11-28T20:00:00Z')
const THIRD = new Date('2040-11-29T20:00:00Z')

let db: TestDatabase
let lifecycle: Lifecycle
beforeEach(async () => {
  db = await createTestDatabase()
  lifecycle = openLifecycle(db)
})
afterEach(async () => {
  await closeLifecycles()
  await db.drop()
})

/** Creates a free event, so that its bookings are confirmed. */
async function givenCrowd(size: number): Promise<GivenEvent & { readonly bookings: readonly GivenBooking[] }> {
  const event = await givenEvent(db.database, { ticketTypes: [{ capacity: 10_000, price: 0 }] })
  const request = () => ticketsRequest(event.eventId, [{ ticketTypeId: event.ticketTypeIds[0] ?? '', quantity: 1 }])
  const bookings = await givenBookings(db, Array.from({ length: size }, request))
  return { ...event, bookings }
}

async function move({ organizerId, eventId }: GivenEvent, startsAt: Date): Promise<void> {
  const to = {
    actor: 'test',
    requestId: null,
    organizerId,
    eventId,
    startsAt,
    endsAt: new Date('2040-12-01T20:00:00Z'),
  }
  await inTransaction(db.database, (tx) => updateEvent(tx, to))
  await publishOutgoingEvents(db.database)
}

/** Returns the ids of the bookings that have a mail about a move, in the order in which they were queued. */
async function toldOf(): Promise<string[]> {
  const { rows } = await db.database.pool.query<{ id: string }>(
    `select booking_id as id from mails where kind = 'move' order by created_at, booking_id`,
  )
  return rows.map(({ id }) => id)
}

const idsOf = (bookings: readonly GivenBooking[]) => bookings.map(({ id }) => id).toSorted()

async function pendingMoves(): Promise<number> {
  return (await db.database.pool.query('select from pending_moves')).rowCount ?? 0
}

describe('the mails about a move that are too many for one statement', () => {
  it('are never queued where one statement is to queue them all: the control', async () => {
    const crowd = await givenCrowd(30)
    await move(crowd, SECOND)
    await raiseAt(db, { insert: 'mails', moreThan: 8, state: '57014' })
    for (let run = 0; run < 3; run++) {
      const atOnce = inTransaction(db.database, async (tx) =>
        insertMoveMails(tx, await findBookingsToTell(tx, crowd.eventId, null, 1_000)),
      )
      await expect(atOnce).rejects.toThrow('raised by the test')
    }
    expect(await toldOf()).toEqual([])
  })

  it('are queued in batches, each buyer once, and keep the feed from nothing', async () => {
    const crowd = await givenCrowd(30)
    await raiseAt(db, { insert: 'mails', moreThan: 8, state: '57014' })
    await move(crowd, SECOND)
    const { rows } = await db.database.pool.query('select from outbox where position is null')
    expect(rows).toEqual([])
    expect(await queueMoveMails(lifecycle)).toBe(30)
    expect((await toldOf()).toSorted()).toEqual(idsOf(crowd.bookings))
    expect(await pendingMoves()).toBe(0)
    expect(await queueMoveMails(lifecycle)).toBe(0)
  })

  it('go on after a crash where they were', async () => {
    const crowd = await givenCrowd(520)
    await move(crowd, SECOND)
    const dying = openLifecycle(db, { wrap: dieAt('insert-move-mails', 2) })
    expect(await queueMoveMails(dying)).toBe(500)
    const told = await toldOf()
    expect(told).toHaveLength(500)
    expect(await pendingMoves()).toBe(1)
    // Those that were told are not looked at again.
    await db.database.pool.query(`delete from mails where kind = 'move'`)
    expect(await queueMoveMails(lifecycle)).toBe(20)
    expect([...told, ...(await toldOf())].toSorted()).toEqual(idsOf(crowd.bookings))
  })
})

it('an event that moves to and fro is mailed once, with its final time', async () => {
  const crowd = await givenCrowd(5)
  await move(crowd, SECOND)
  await move(crowd, THIRD)
  expect(await pendingMoves()).toBe(2)
  expect(await queueMoveMails(lifecycle)).toBe(5)
  await move(crowd, SECOND)
  expect(await queueMoveMails(lifecycle)).toBe(0)
  expect((await toldOf()).toSorted()).toEqual(idsOf(crowd.bookings))
  expect(await pendingMoves()).toBe(0)
})

it('an event that moves again halfway begins again with the buyers who were mailed about the earlier move', async () => {
  const crowd = await givenCrowd(5)
  await move(crowd, SECOND)
  await queueMoveMails(lifecycle)
  await db.database.pool.query(`update mails set attempts = 1, status = 'sent', next_attempt_at = null`)
  const [, , third] = idsOf(crowd.bookings)
  await db.database.pool.query(
    `insert into pending_moves (id, resource_id, after, created_at) values ($1, $2, $3, now())`,
    [newId(), crowd.eventId, third],
  )
  await inTransaction(db.database, (tx) => insertPendingMoves(tx, [{ id: newId(), resourceId: crowd.eventId }]))
  expect(await queueMoveMails(lifecycle)).toBe(5)
  expect(await toldOf()).toHaveLength(10)
})

it('a buyer whose mail cannot be queued is set aside, told once that can be, and keeps no other waiting', async () => {
  const [crowd, neighbour] = [await givenCrowd(20), await givenCrowd(1)]
  const bad = crowd.bookings[7]?.id ?? ''
  await raiseAt(db, { insert: 'mails', forEachRow: `new.kind = 'move' and new.booking_id = '${bad}'`, state: '23514' })
  await move(crowd, SECOND)
  await move(neighbour, SECOND)
  expect(await queueMoveMails(lifecycle)).toBe(20)
  expect(await toldOf()).not.toContain(bad)
  expect(await toldOf()).toContain(neighbour.bookings[0]?.id)
  const { rows } = await db.database.pool.query('select kind, subject_id as subject, entity_id as entity from setbacks')
  expect(rows).toEqual([{ kind: 'move', subject: bad, entity: crowd.eventId }])

  await endRaising(db)
  expect(await queueMoveMails(lifecycle)).toBe(1)
  expect(await toldOf()).toContain(bad)
  expect((await db.database.pool.query('select from setbacks')).rowCount).toBe(0)
})

it('resources take turns: a neighbour waits for one batch of a large one, and not for all of it', async () => {
  const [large, neighbour] = [await givenCrowd(1_200), await givenCrowd(1)]
  await move(large, SECOND)
  await move(neighbour, SECOND)
  await queueMoveMails(lifecycle)
  const told = await toldOf()
  expect(told).toHaveLength(1_201)
  expect(told.indexOf(neighbour.bookings[0]?.id ?? '')).toBeLessThanOrEqual(500)
})
