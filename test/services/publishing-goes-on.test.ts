import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BatchLimit } from '@boxoffice/core/use-case/batch-limit.ts'
import { insertDeliveries } from '@boxoffice/core/outbox/queries/insert-notices.ts'
import { listFeed } from '@boxoffice/core/outbox/queries/list-feed.ts'
import { listParked } from '@boxoffice/core/setbacks/queries/parked-view.ts'
import { findUnpublished, lockFeed, publishInOrder } from '@boxoffice/core/outbox/queries/publish-outgoing-events.ts'
import { inTransaction } from '@boxoffice/core/db/transaction.ts'
import { SETBACK_PAUSES_MS } from '@boxoffice/core/domain/setback.ts'
import { SYSTEM } from '@boxoffice/core/records/cause.ts'
import { recordChanges } from '@boxoffice/core/records/record-changes.ts'
import { publishOutgoingEvents } from '@boxoffice/core/outbox/publish-outgoing-events.ts'
import { retryParked } from '@boxoffice/core/setbacks/retry-parked.ts'
import { createEndpoint } from '@boxoffice/core/webhooks/create-endpoint.ts'
import { givenOrganizer, givenShowtime } from '../support/catalogue.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { seatsRequest } from '../support/engine.ts'
import { closeLifecycles, givenBooking, givenPaid, openLifecycle } from '../support/lifecycle.ts'
import { eventually } from '../support/eventually.ts'
import { endRaising, raiseAt } from '../support/raise-at.ts'

/** A database for each test, because publishing takes everything there is. */
let db: TestDatabase
beforeEach(async () => {
  db = await createTestDatabase()
})
afterEach(async () => {
  await closeLifecycles()
  await db.drop()
})

type Kind = 'movie.updated' | 'venue.updated' | typeof POISONED

/** The type of events that cannot be published. */
const POISONED = 'auditorium.updated'

/** Records an event of each of these types, each about a thing of its own; returns the things. */
async function givenEvents(organizerId: string, ...types: readonly Kind[]): Promise<readonly string[]> {
  const changes = types.map((type) => ({ organizerId, type, entityId: randomUUID(), after: {} }))
  await inTransaction(db.database, (tx) => recordChanges(tx, SYSTEM, changes))
  return changes.map(({ entityId }) => entityId)
}

const happened = (organizerId: string, entityId: string, type: Kind) =>
  inTransaction(db.database, (tx) => recordChanges(tx, SYSTEM, [{ organizerId, type, entityId, after: {} }]))

const endpointOf = (organizerId: string) =>
  createEndpoint(db.database, {
    organizerId,
    url: 'https://shop.example/',
    description: '',
    actor: 'test',
    requestId: null,
    eventTypes: [],
    keyed: null,
  })

const FAMILIES = ['movie.*', 'venue.*', 'auditorium.*']

async function typesOf(organizerId: string): Promise<string[]> {
  const page = await listFeed(db.database.pool, organizerId, 0, 1_000, FAMILIES)
  return page.items.map(({ type }) => type)
}

/** Publishes everything there is in one transaction, and never a smaller part of it if that fails. */
async function publishAtOnce(): Promise<number> {
  return inTransaction(db.database, async (tx) => {
    const feed = await lockFeed(tx, 2_000)
    if (feed === null) throw new Error('somebody else publishes')
    const events = await findUnpublished(tx, feed, { events: 500, bytes: 8_000_000 })
    await publishInOrder(tx, feed, events)
    const { rows } = await tx.client.query<{ id: string; organizerId: string }>(
      'select id, organizer_id as "organizerId" from webhook_endpoints',
    )
    await insertDeliveries(
      tx,
      events.flatMap((event) =>
        rows
          .filter(({ organizerId }) => organizerId === event.organizerId)
          .map(({ id: endpointId }) => ({
            id: randomUUID(),
            endpointId,
            eventId: event.id,
            eventAt: event.exactAt,
            eventType: event.type,
            entityId: event.entityId,
            entitySeq: event.entitySeq,
          })),
      ),
    )
    return events.length
  })
}

/** Ends the time for which work was left out. */
const letTimePass = () =>
  db.database.pool.query('update setbacks set retry_at = clock_timestamp() where retry_at is not null')

describe('an event that cannot be published', () => {
  const poison = () => raiseAt(db, { update: 'outbox', forEachRow: `new.type = '${POISONED}'`, state: 'XX001' })

  it('stops everybody else for ever where a batch is repeated as it is: the control', async () => {
    const { organizerId } = await givenOrganizer(db.database)
    await givenEvents(organizerId, 'movie.updated', POISONED, 'venue.updated')
    await poison()
    for (let run = 0; run < 3; run++) await expect(publishAtOnce()).rejects.toThrow('raised by the test')
    expect(await typesOf(organizerId)).toEqual([])
  })

  it('is found among hundreds and left out, and a quiet neighbour has its event and mail within two seconds', async () => {
    const { organizerId } = await givenOrganizer(db.database)
    const crowd = Array.from({ length: 700 }, (_, at) => (at === 333 ? POISONED : 'venue.updated'))
    await givenEvents(organizerId, ...crowd)
    const { showtimeId } = await givenShowtime(db.database)
    const booking = await givenBooking(db, seatsRequest(showtimeId, ['A1']))
    await givenPaid(openLifecycle(db), booking)
    await poison()

    const since = performance.now()
    await publishOutgoingEvents(db.database)
    expect(performance.now() - since).toBeLessThan(2_000)
    const published = await typesOf(organizerId)
    expect(published.filter((type) => type === 'venue.updated')).toHaveLength(699)
    expect(published).not.toContain(POISONED)
    const { rows } = await db.database.pool.query(`select kind from mails where booking_id = $1`, [booking.id])
    expect(rows).toEqual([{ kind: 'confirmation' }])
  })

  it('keeps the later ones of its entity back while it is tried, then lets them pass, and comes when it is retried', async () => {
    const { organizerId } = await givenOrganizer(db.database)
    const [venue = '', other = ''] = await givenEvents(organizerId, POISONED, 'movie.updated')
    await poison()
    const { logger, errors } = openLifecycle(db)
    await publishOutgoingEvents(db.database, { logger })
    await happened(organizerId, venue, 'venue.updated')
    await happened(organizerId, other, 'venue.updated')
    await publishOutgoingEvents(db.database, { logger })
    expect(await typesOf(organizerId)).toEqual(['movie.updated', 'venue.updated'])

    // The first run retried it at once.
    for (let run = 1; run < SETBACK_PAUSES_MS.length; run++) {
      await letTimePass()
      await publishOutgoingEvents(db.database, { logger })
    }
    const [parked, ...more] = (await listParked(db.database.pool, 'event', 10, null)).items
    expect(more).toEqual([])
    expect(parked).toMatchObject({ entityId: venue, type: POISONED, failures: 6, retryAt: null })
    expect(errors).toHaveLength(6)
    await publishOutgoingEvents(db.database, { logger })
    // It is not tried any more, and blocks nothing.
    await publishOutgoingEvents(db.database, { logger })
    expect(errors).toHaveLength(6)
    expect(await typesOf(organizerId)).toEqual(['movie.updated', 'venue.updated', 'venue.updated'])

    await endRaising(db)
    await retryParked(db.database, { id: parked?.id ?? '', actor: 'admin:1', requestId: 'r', keyed: null })
    await publishOutgoingEvents(db.database, { logger })
    const { items } = await listFeed(db.database.pool, organizerId, 0, 100, FAMILIES)
    expect(items.map(({ seq }) => seq)).toEqual([1, 2, 2, 1])
    expect(items.at(-1)).toMatchObject({ type: POISONED, entityId: venue })
    expect((await db.database.pool.query('select from setbacks')).rowCount).toBe(0)
    const { rows } = await db.database.pool.query<{ actor: string }>(
      `select actor from audit where action = 'parked.retried'`,
    )
    expect(rows).toEqual([{ actor: 'admin:1' }])
  })

  it('is left out also where it runs into a time limit', async () => {
    const { organizerId } = await givenOrganizer(db.database)
    await givenEvents(organizerId, 'movie.updated', POISONED, 'venue.updated')
    await raiseAt(db, { update: 'outbox', forEachRow: `new.type = '${POISONED}'`, state: '57014' })
    await publishOutgoingEvents(db.database)
    expect((await typesOf(organizerId)).toSorted()).toEqual(['movie.updated', 'venue.updated'])
  })
})

it('an event that takes for ever keeps those behind it for a few times half a second', async () => {
  const { organizerId } = await givenOrganizer(db.database)
  const { organizerId: neighbour } = await givenOrganizer(db.database)
  await givenEvents(organizerId, ...Array.from({ length: 300 }, (_, at) => (at === 150 ? POISONED : 'venue.updated')))
  await givenEvents(neighbour, 'venue.updated')
  await db.database.pool.query(`
    create function take_for_ever() returns trigger language plpgsql as $$ begin perform pg_sleep(60); return new; end $$;
    create trigger take_for_ever before update on outbox
    for each row when (new.type = '${POISONED}') execute function take_for_ever()`)
  const since = performance.now()
  const publishing = publishOutgoingEvents(db.database)
  // Three that are smaller and smaller, and the event alone; then it is tried by itself, after everybody else.
  await eventually(async () => expect(await typesOf(neighbour)).toEqual(['venue.updated']), { withinMs: 10_000 })
  expect(performance.now() - since).toBeLessThan(2_500)
  await publishing
  expect(await typesOf(organizerId)).toHaveLength(299)
})

describe('a batch of events that is too heavy', () => {
  const heavy = () => raiseAt(db, { insert: 'webhook_deliveries', moreThan: 60, state: '57014' })

  it('is repeated as it is, and nothing is published: the control', async () => {
    const { organizerId } = await givenOrganizer(db.database)
    await endpointOf(organizerId)
    await givenEvents(organizerId, ...Array.from({ length: 100 }, () => 'venue.updated' as const))
    await heavy()
    for (let run = 0; run < 3; run++) await expect(publishAtOnce()).rejects.toThrow('raised by the test')
    expect(await typesOf(organizerId)).toEqual([])
  })

  it('is made smaller until it can be done, and the next run knows how large it may be', async () => {
    const { organizerId } = await givenOrganizer(db.database)
    await endpointOf(organizerId)
    const many = Array.from({ length: 100 }, () => 'venue.updated' as const)
    await givenEvents(organizerId, ...many)
    const raised = await heavy()
    const limits = new BatchLimit({ max: 10_000 })
    expect(await publishOutgoingEvents(db.database, { limits })).toBeGreaterThanOrEqual(100)
    expect(await typesOf(organizerId)).toHaveLength(100)
    const times = await raised()
    expect(times).toBeGreaterThan(0)

    await givenEvents(organizerId, ...many)
    await publishOutgoingEvents(db.database, { limits })
    expect(await typesOf(organizerId)).toHaveLength(200)
    expect(await raised()).toBe(times)
    expect((await listParked(db.database.pool, null, 10, null)).items).toEqual([])
  })

  it('never has more than ten thousand rows, however many endpoints take its events', async () => {
    const { organizerId } = await givenOrganizer(db.database)
    for (let endpoint = 0; endpoint < 20; endpoint++) await endpointOf(organizerId)
    await givenEvents(organizerId, ...Array.from({ length: 600 }, () => 'venue.updated' as const))
    await publishOutgoingEvents(db.database)
    const { rows } = await db.database.pool.query<{ rows: number }>(
      'select count(*)::int as rows from webhook_deliveries group by xmin order by 1 desc',
    )
    expect(rows.reduce((sum, each) => sum + each.rows, 0)).toBeGreaterThanOrEqual(12_000)
    expect(rows[0]?.rows).toBeLessThanOrEqual(10_000)
  })
})
