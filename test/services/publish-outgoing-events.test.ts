import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listFeed } from '@boxoffice/core/outbox/queries/list-feed.ts'
import { inTransaction } from '@boxoffice/core/db/transaction.ts'
import { cancelBooking } from '@boxoffice/core/bookings/cancel-booking.ts'
import { SYSTEM } from '@boxoffice/core/records/cause.ts'
import { recordChanges } from '@boxoffice/core/records/record-changes.ts'
import { updateShowtime } from '@boxoffice/core/catalogue/update-showtime.ts'
import { queueMoveMails } from '@boxoffice/core/mail/queue-move-mails.ts'
import { publishOutgoingEvents, restMs } from '@boxoffice/core/outbox/publish-outgoing-events.ts'
import { createEndpoint } from '@boxoffice/core/webhooks/create-endpoint.ts'
import { givenOrganizer, givenShowtime } from '../support/catalogue.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { seatsRequest } from '../support/engine.ts'
import { holdBefore, withoutRowLocks } from '../support/intercepted-database.ts'
import {
  buyerOf,
  closeLifecycles,
  givenBookings,
  type GivenBooking,
  givenPaid,
  holdAt,
  openLifecycle,
  openTwoLifecycles,
} from '../support/lifecycle.ts'
import { holdLock } from '../support/locks.ts'
import { testLogger } from '../support/logger.ts'

/** A database for each test, because publishing takes everything there is. */
let db: TestDatabase
const databases: TestDatabase[] = []
beforeEach(async () => {
  db = await createTestDatabase()
  databases.push(db)
})
afterEach(() => closeLifecycles())
afterAll(async () => {
  for (const each of databases) await each.drop()
})

async function givenTwoBookings(): Promise<readonly [GivenBooking, GivenBooking]> {
  const { showtimeId } = await givenShowtime(db.database)
  const [one, other] = await givenBookings(db, [seatsRequest(showtimeId, ['A1']), seatsRequest(showtimeId, ['A2'])])
  if (one === undefined || other === undefined) throw new Error('not booked')
  return [one, other]
}

const cancel = (lifecycle: ReturnType<typeof openLifecycle>, booking: GivenBooking) =>
  cancelBooking(lifecycle, { reference: booking.reference, caller: buyerOf(booking), requestId: 'test', keyed: null })

/** Returns a poller of the feed, which reads on from its last position. */
function poller(organizerId: string, types: readonly string[] | null = null) {
  let position = 0
  return async (limit = 100) => {
    const page = await listFeed(db.database.pool, organizerId, position, limit, types)
    position = page.position
    return page.items
  }
}

/** Makes the storing of each mail about a move take this long, as on a database that is busy or very large. */
async function slowDownMoveMails(seconds: number): Promise<void> {
  await db.database.pool.query(
    `create function take_time() returns trigger language plpgsql
     as $$ begin perform pg_sleep(${seconds}); return new; end $$`,
  )
  await db.database.pool.query(
    `create trigger take_time before insert on mails for each row when (new.kind = 'move') execute function take_time()`,
  )
}

async function unpublished(): Promise<number> {
  const { rows } = await db.database.pool.query<{ left: number }>(
    'select count(*)::int as left from outbox where position is null',
  )
  return rows[0]?.left ?? 0
}

describe('publishing', () => {
  it('gives every event its place once, without gaps, those of a booking in their order', async () => {
    const bookings = await givenTwoBookings()
    const lifecycle = openLifecycle(db)
    for (const booking of bookings) {
      await givenPaid(lifecycle, booking)
      await cancel(lifecycle, booking)
    }
    const published = await publishOutgoingEvents(db.database)
    expect(await unpublished()).toBe(0)
    expect(await publishOutgoingEvents(db.database)).toBe(0)
    const { rows } = await db.database.pool.query<{ position: number; id: string; seq: number }>(
      'select position, entity_id as id, entity_seq as seq from outbox order by position',
    )
    expect(rows.map(({ position }) => position)).toEqual(Array.from({ length: published }, (_, at) => at + 1))
    for (const { id } of bookings) {
      const seqs = rows.filter((row) => row.id === id).map(({ seq }) => seq)
      expect(seqs.length).toBeGreaterThan(4)
      expect(seqs).toEqual(seqs.map((_, at) => at + 1))
    }
  })

  it('goes on with the next batch, until there is nothing more', async () => {
    const { organizerId } = await givenOrganizer(db.database)
    const changes = Array.from({ length: 1_201 }, () => change(organizerId, randomUUID()))
    await inTransaction(db.database, (tx) => recordChanges(tx, SYSTEM, changes))
    expect(await publishOutgoingEvents(db.database)).toBeGreaterThanOrEqual(1_201)
    expect(await unpublished()).toBe(0)
  })

  it('hands each event to the endpoints that want it and to the mail once, however many publish', async () => {
    const [one, other] = await givenTwoBookings()
    const terms = {
      organizerId: one.organizerId,
      url: 'https://shop.example/',
      description: '',
      actor: 'test',
      requestId: null,
    }
    const { id } = await createEndpoint(db.database, { ...terms, eventTypes: ['booking.*'], keyed: null })
    const lifecycle = openLifecycle(db)
    for (const booking of [one, other]) await givenPaid(lifecycle, booking)
    const publishers = Array.from({ length: 4 }, () => db.open({ max: 2 }))
    await Promise.all(publishers.map((publisher) => publishOutgoingEvents(publisher)))
    await publishOutgoingEvents(db.database)
    await Promise.all(publishers.map((publisher) => publisher.close()))
    const { rows } = await db.database.pool.query<{ deliveries: number; events: number; mails: number }>(
      `select (select count(*)::int from webhook_deliveries where endpoint_id = $1) as deliveries,
         (select count(*)::int from outbox where type like 'booking.%') as events,
         (select count(*)::int from mails where kind = 'confirmation') as mails`,
      [id],
    )
    expect(rows[0]?.events).toBeGreaterThan(3)
    expect(rows[0]).toEqual({ deliveries: rows[0]?.events, events: rows[0]?.events, mails: 2 })
  })

  it('has nothing to do while somebody else publishes, and is not held up', async () => {
    await givenTwoBookings()
    const lock = await holdLock(db, 'select from event_feed for no key update')
    expect(await publishOutgoingEvents(db.database)).toBe(0)
    await lock.release()
    expect(await publishOutgoingEvents(db.database)).toBeGreaterThan(0)
  })

  it('tells of a season that is moved at once, each buyer once, though all of it takes longer than a statement may', async () => {
    const season = []
    for (let night = 0; night < 10; night++) season.push(await givenShowtime(db.database))
    const seatsOf = season.flatMap(({ showtimeId }) =>
      ['A1', 'A2', 'A3'].map((seat) => seatsRequest(showtimeId, [seat])),
    )
    const bookings = await givenBookings(db, seatsOf)
    const lifecycle = openLifecycle(db)
    // The last of each night is not paid.
    const confirmed = bookings.filter((_, at) => at % 3 < 2)
    for (const booking of confirmed) await givenPaid(lifecycle, booking)
    await publishOutgoingEvents(db.database)
    await slowDownMoveMails(0.15)
    const startsAt = new Date('2040-11-28T20:00:00Z')
    for (const { organizerId, showtimeId } of season)
      await inTransaction(db.database, (tx) =>
        updateShowtime(tx, { actor: 'test', requestId: null, organizerId, showtimeId, startsAt }),
      )

    // 0.3 s for each night, and 3 s for the season.
    const publisher = db.open({ statementTimeoutMs: 1_500 })
    try {
      await publishOutgoingEvents(publisher)
      expect(await unpublished()).toBe(0)
      await queueMoveMails({ database: publisher, logger: testLogger })
    } finally {
      await publisher.close()
    }
    const { rows } = await db.database.pool.query<{ id: string }>(
      `select booking_id as id from mails where kind = 'move'`,
    )
    expect(rows.map(({ id }) => id).toSorted()).toEqual(confirmed.map(({ id }) => id).toSorted())
  })

  it('by two at once gives a place twice where nobody locks the feed: the control', async () => {
    const { organizerId } = await givenOrganizer(db.database)
    const record = () =>
      inTransaction(db.database, (tx) => recordChanges(tx, SYSTEM, [change(organizerId, randomUUID())]))
    await record()
    const hold = holdBefore('publish-outgoing-events')
    const publishing = publishOutgoingEvents(hold.wrap(withoutRowLocks(db.database, /lock-feed/)))
    await hold.reached
    // It has read the feed's position, and another one publishes meanwhile.
    await publishOutgoingEvents(withoutRowLocks(db.database, /lock-feed/))
    await record()
    hold.release()
    await publishing
    const { rows } = await db.database.pool.query<{ places: number; events: number }>(
      'select count(distinct position)::int as places, count(*)::int as events from outbox',
    )
    expect(rows[0]?.places).toBeLessThan(rows[0]?.events ?? 0)
  })
})

describe('the feed', () => {
  it('misses no event that commits late, which whoever goes by ids does: the control', async () => {
    const [late, early] = await givenTwoBookings()
    await publishOutgoingEvents(db.database)
    const poll = poller(late.organizerId)
    while ((await poll()).length > 0);
    const newest = async () => {
      const { rows } = await db.database.pool.query<{ id: string }>('select id from outbox order by id desc limit 1')
      return rows[0]?.id ?? ''
    }

    const hold = holdAt('commit')
    const [slow, quick] = openTwoLifecycles(db, hold.wrap)
    const cancelling = cancel(slow, late)
    await hold.reached
    await givenPaid(quick, early)
    await publishOutgoingEvents(db.database)
    const before = await poll()
    expect(new Set(before.map(({ entityId }) => entityId))).toEqual(new Set([early.id]))
    const cursorById = await newest()

    hold.release()
    await cancelling
    await publishOutgoingEvents(db.database)
    const after = await poll()
    expect(after.map(({ entityId, type }) => [entityId, type])).toEqual([[late.id, 'booking.cancelled']])
    // Ordered by ids, it would lie behind the reader.
    expect((after[0]?.id ?? '') < cursorById).toBe(true)
  })

  it('shows each event once and in order to whoever polls while many commit in any order', async () => {
    const { organizerId } = await givenOrganizer(db.database)
    const entities = Array.from({ length: 8 }, () => randomUUID())
    const seen: { readonly entityId: string; readonly seq: number; readonly id: string }[] = []
    const poll = poller(organizerId)
    let isWriting = true
    const writer = async (own: number) => {
      for (let n = 0; n < 25; n++) {
        const picked = [entities[(own + n) % 8], entities[(own * 3 + n) % 8]].filter((id) => id !== undefined)
        await inTransaction(db.database, async (tx) => {
          for (const entityId of picked.toSorted()) {
            await recordChanges(tx, SYSTEM, [change(organizerId, entityId)])
            if (n % 3 === own % 3) await tx.client.query('select pg_sleep(0.005)')
          }
        })
      }
    }
    const loop = async (work: () => Promise<unknown>) => {
      while (isWriting) await work()
    }
    const publishers = [loop(() => publishOutgoingEvents(db.database)), loop(() => publishOutgoingEvents(db.database))]
    const reading = loop(async () => seen.push(...(await poll(7))))
    await Promise.all([0, 1, 2, 3].map(writer))
    isWriting = false
    await Promise.all([...publishers, reading])
    await publishOutgoingEvents(db.database)
    for (let page = await poll(); page.length > 0; page = await poll()) seen.push(...page)

    const { rows } = await db.database.pool.query<{ id: string }>('select id from outbox where organizer_id = $1', [
      organizerId,
    ])
    expect(seen.map(({ id }) => id).toSorted()).toEqual(rows.map(({ id }) => id).toSorted())
    for (const entity of entities) {
      const seqs = seen.filter(({ entityId }) => entityId === entity).map(({ seq }) => seq)
      expect(seqs).toEqual(seqs.map((_, at) => at + 1))
    }
  })

  it('goes on over what others did and what was not asked for', async () => {
    const { organizerId } = await givenOrganizer(db.database)
    const { organizerId: other } = await givenOrganizer(db.database)
    await publishOutgoingEvents(db.database)
    const poll = poller(organizerId, ['movie.*', 'venue.created'])
    await poll()
    await inTransaction(db.database, (tx) =>
      recordChanges(tx, SYSTEM, [
        change(other, randomUUID()),
        change(organizerId, randomUUID()),
        change(organizerId, randomUUID(), 'movie.updated'),
      ]),
    )
    await publishOutgoingEvents(db.database)
    expect((await poll()).map(({ type }) => type)).toEqual(['movie.updated'])
    const page = await listFeed(db.database.pool, organizerId, 0, 100, ['nothing.*'])
    expect(page).toMatchObject({ items: [], position: page.last })
  })
})

function change(organizerId: string, entityId: string, type: 'venue.updated' | 'movie.updated' = 'venue.updated') {
  return { organizerId, type, entityId, after: {} }
}

describe('the rest after publishing', () => {
  it('is short, and longer in a rush, when a batch was full', () => {
    expect([0, 1, 499].map(restMs)).toEqual([250, 250, 250])
    expect([500, 10_000].map(restMs)).toEqual([1_000, 1_000])
  })
})
