import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { describe, expect, it } from 'vitest'
import { openDatabase } from '@boxoffice/core/db/connect.ts'
import { migrateDatabase } from '@boxoffice/core/db/migrate.ts'
import type { Outcome } from '@boxoffice/core/domain/booking-request.ts'
import { migrateUpTo, withEmptyDatabase } from '../support/empty-database.ts'
import { type Engine, openEngine, ticketsRequest } from '../support/engine.ts'
import { testLogger } from '../support/logger.ts'
import { TEST_LANES } from '../support/lanes.ts'
import type { TestDatabase } from '../support/database.ts'

const BEFORE = '0015_booking_metadata'

/** The number that no request of the version before is above. */
const ALL = 9_007_199_254_740_991

/** The statements of the version before, word for word. */
const OLD_INSERT = `
    with advance as (
      update lane_intake set next = next + $2 where lane = $1 and not draining and exists (select from lanes where id = $1)
      returning next - $2 as base, clock_timestamp() as at
    ), incoming as (
      select * from json_to_recordset($3::json) as i(
        ordinal int, id uuid, "resourceId" uuid, owner text, "idempotencyKey" text, "bodyHash" text,
        payload jsonb, "customerKeys" text[])
    ), inserted as (
      insert into booking_requests
        (id, lane, seq, resource_id, owner, idempotency_key, body_hash, payload, customer_keys, accepted_at)
      select i.id, $1, a.base + i.ordinal, i."resourceId", i.owner, i."idempotencyKey", decode(i."bodyHash", 'hex'),
        i.payload, i."customerKeys", a.at
      from advance a, incoming i
      cross join lateral (
        select from resources r where r.id = i."resourceId" and r.lane = $1 offset 0 for key share
      ) still_here
      order by i.owner, i."idempotencyKey", i.ordinal
      on conflict (owner, idempotency_key) do nothing
      returning id, seq, accepted_at
    )
    select inserted.id, seq, accepted_at as "acceptedAt", l.watermark, l.decided_per_second as "decidedPerSecond"
    from inserted, lanes l where l.id = $1`
const OLD_FIND = `
  select q.id, q.lane, q.seq, q.state, l.watermark from booking_requests q
  join resources r on r.id = q.resource_id
  join lanes l on l.id = q.lane
  where q.id = any($1::uuid[]) order by q.id`
const OLD_LOCK = 'select id, watermark, paused from lanes where id = $1 for no key update'
const OLD_WAITING = `
    select l.id as lane from lanes l join lane_intake i on i.lane = l.id where not l.paused and i.next - 1 > l.watermark`
const OLD_RESOURCE = `
    with made as (insert into resources (id, kind, organizer_id, lane) values ($1, 'event', $2, $3))
    insert into resource_state (resource_id) values ($1)`

interface Event {
  readonly id: string
  readonly ticketTypeId: string
}

async function givenOrganizer(client: pg.Client): Promise<string> {
  const id = randomUUID()
  await client.query(`insert into organizers (id, name) values ($1, 'O')`, [id])
  return id
}

/** Makes an event as the version before did. */
async function givenOldEvent(client: pg.Client, organizerId: string, lane: number): Promise<Event> {
  const [id, ticketTypeId] = [randomUUID(), randomUUID()]
  await client.query(OLD_RESOURCE, [id, organizerId, lane])
  await client.query(
    `insert into events (id, title, venue, time_zone, starts_at, ends_at, status, currency)
     values ($1, 'T', 'V', 'UTC', now() + interval '7 days', now() + interval '8 days', 'published', 'EUR')`,
    [id],
  )
  await client.query(`insert into ticket_types (id, event_id, name, price) values ($1, $2, 'Day', 100)`, [
    ticketTypeId,
    id,
  ])
  await client.query('insert into ticket_type_state (ticket_type_id, capacity) values ($1, 1000)', [ticketTypeId])
  return { id, ticketTypeId }
}

/** Puts requests in line as the version before did, and returns their ids and numbers. */
async function insertOld(client: pg.Client, lane: number, events: readonly Event[], owner = 'old') {
  const requests = events.map(({ id: resourceId, ticketTypeId }, ordinal) => ({
    ordinal,
    id: randomUUID(),
    resourceId,
    // In the order in which they are inserted.
    owner,
    idempotencyKey: `key:${Date.now()}-${String(ordinal).padStart(4, '0')}-${randomUUID()}`,
    bodyHash: '00'.repeat(32),
    payload: { customer: { name: 'Ada', email: 'ada@example.org' }, tickets: [{ ticketTypeId, quantity: 1 }] },
    customerKeys: [`o:${owner}`],
  }))
  const { rows } = await client.query<{ id: string; seq: number }>(OLD_INSERT, [
    lane,
    requests.length,
    JSON.stringify(requests),
  ])
  return rows
}

/** Marks requests as the version before decided them: refused, up to a number of their lane. */
async function decideOld(client: pg.Client, lane: number, watermark: number): Promise<void> {
  await client.query(
    `update booking_requests set state = 'refused', decided_at = now(), refusal = '{"code": "sold_out", "detail": "-"}'
     where lane = $1 and seq <= $2 and state = 'queued'`,
    [lane, watermark],
  )
  await client.query('update lanes set watermark = $2 where id = $1', [lane, watermark])
}

/** Makes an empty database as the version before had it, with four lanes. */
async function withOldDatabase(work: (url: string, client: pg.Client) => Promise<void>): Promise<void> {
  await withEmptyDatabase(async (url, client) => {
    await migrateUpTo(client, BEFORE)
    await client.query('insert into lanes (id) select generate_series(0, 3)')
    await client.query('insert into lane_intake (lane) select generate_series(0, 3)')
    await work(url, client)
  })
}

async function withEngine(url: string, work: (engine: Engine) => Promise<void>): Promise<void> {
  const engine = openEngine({ url } as TestDatabase)
  try {
    await work(engine)
  } finally {
    await engine.close()
  }
}

async function decideAll(engine: Engine): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (let lane = 0; lane < TEST_LANES; lane++) {
    for (const batch of await engine.decideWaiting(lane)) outcomes.push(...batch.outcomes)
  }
  return outcomes
}

const linesOf = async (client: pg.Client, ids: readonly string[]) =>
  (
    await client.query(
      `select next::int, watermark::int, paused, draining from lines i join resource_state s using (resource_id)
       where resource_id = any($1) order by array_position($1, resource_id)`,
      [ids],
    )
  ).rows

describe('a filled database that gets a line for each showtime and event', () => {
  it('keeps what waits in its order, what is decided, and what is paused or drained', async () => {
    await withOldDatabase(async (url, client) => {
      const organizer = await givenOrganizer(client)
      const a = await givenOldEvent(client, organizer, 0)
      const b = await givenOldEvent(client, organizer, 0)
      const quiet = await givenOldEvent(client, organizer, 0)
      const paused = await givenOldEvent(client, organizer, 1)
      const drained = await givenOldEvent(client, organizer, 2)
      await insertOld(client, 0, [a, b, a, b, a])
      await decideOld(client, 0, 3)
      const waiting = await insertOld(client, 0, [b, a, b])
      await insertOld(client, 1, [paused])
      await client.query('update lanes set paused = true where id = 1')
      await client.query('update lanes set draining = true where id = 2')
      await client.query('update lane_intake set draining = true where lane = 2')

      await migrateDatabase(url)
      expect(await linesOf(client, [a.id, b.id, quiet.id, paused.id, drained.id])).toEqual([
        { next: 8, watermark: 3, paused: false, draining: false },
        { next: 9, watermark: 3, paused: false, draining: false },
        { next: 1, watermark: 0, paused: false, draining: false },
        { next: 2, watermark: 0, paused: true, draining: false },
        { next: 1, watermark: 0, paused: false, draining: true },
      ])
      await withEngine(url, async (engine) => {
        const outcomes = await decideAll(engine)
        expect(outcomes.map(({ state }) => state)).toEqual(Array.from({ length: 5 }, () => 'booked'))
        const late = waiting.map(({ id }) => id)
        const ofB = outcomes.flatMap(({ id }) => (id === late[0] || id === late[2] ? [id] : []))
        expect(ofB).toEqual([late[0], late[2]])
      })
      const left = await client.query(`select resource_id from booking_requests where state = 'queued'`)
      expect(left.rows).toEqual([{ resource_id: paused.id }])
    })
  })

  it('gives each number once to a resource that was moved to another lane', async () => {
    await withOldDatabase(async (url, client) => {
      const organizer = await givenOrganizer(client)
      const moved = await givenOldEvent(client, organizer, 0)
      await insertOld(client, 0, [moved, moved, moved])
      await decideOld(client, 0, 3)
      // Another one was moved out of the same lane.
      const other = await givenOldEvent(client, organizer, 0)
      await insertOld(client, 0, [other, other])
      await decideOld(client, 0, 5)
      await client.query('update resources set lane = 3 where id = any($1)', [[moved.id, other.id]])
      await insertOld(client, 3, [moved, moved])
      await migrateDatabase(url)
      const { rows } = await client.query(
        'select seq::int, state from booking_requests where resource_id = $1 order by accepted_at, seq',
        [moved.id],
      )
      expect(rows).toEqual([
        ...[-5, -4, -3].map((seq) => ({ seq, state: 'refused' })),
        ...[1, 2].map((seq) => ({ seq, state: 'queued' })),
      ])
      expect(await linesOf(client, [moved.id])).toMatchObject([{ next: 3, watermark: 0 }])
      await withEngine(url, async (engine) => {
        expect((await decideAll(engine)).map(({ state }) => state)).toEqual(['booked', 'booked'])
      })
    })
  })

  it('waits for whoever accepts and for whoever decides, so that nothing is between the versions', async () => {
    await withOldDatabase(async (url, client) => {
      const event = await givenOldEvent(client, await givenOrganizer(client), 0)
      const other = openDatabase({
        url,
        logger: testLogger,
        name: 'version-before',
        max: 1,
        statementTimeoutMs: 20_000,
        lockTimeoutMs: 20_000,
        idleInTransactionTimeoutMs: 20_000,
      })
      const accepting = await other.pool.connect()
      await accepting.query('begin')
      const inHand = await insertOld(accepting as unknown as pg.Client, 0, [event])
      const migrating = migrateDatabase(url)
      // It cannot have its tables before the other one has committed.
      const first = await Promise.race([
        migrating.then(() => 'migrated'),
        new Promise((done) => setTimeout(done, 300, 'waits')),
      ])
      expect(first).toBe('waits')
      await accepting.query('commit')
      accepting.release()
      await migrating
      await other.close()
      expect(await linesOf(client, [event.id])).toMatchObject([{ next: 2, watermark: 0 }])
      await withEngine(url, async (engine) => {
        expect((await decideAll(engine)).map(({ id }) => id)).toEqual(inHand.map(({ id }) => id))
      })
    })
  }, 30_000)
})

describe('the version before, while it still runs', () => {
  it('accepts into the same lines, in one order with this version', async () => {
    await withOldDatabase(async (url, client) => {
      const organizer = await givenOrganizer(client)
      const event = await givenOldEvent(client, organizer, 1)
      await insertOld(client, 1, [event])
      await migrateDatabase(url)
      await withEngine(url, async (engine) => {
        const accepted: string[] = []
        for (let round = 0; round < 5; round++) {
          const [old] = await insertOld(client, 1, [event])
          accepted.push(old?.id ?? '')
          const wish = [{ ticketTypeId: event.ticketTypeId, quantity: 1 }]
          const { view } = await engine.line.accept(ticketsRequest(event.id, wish))
          accepted.push(view.id)
          expect(view.seq).toBe(Number(old?.seq) + 1)
        }
        const outcomes = await decideAll(engine)
        expect(outcomes.slice(1).map(({ id }) => id)).toEqual(accepted)
        expect(outcomes.every(({ state }) => state === 'booked')).toBe(true)

        // It finds all of them, and looks for their outcomes, for none is above what it believes to be decided.
        const { rows } = await client.query<{ id: string; seq: number; watermark: number; state: string }>(OLD_FIND, [
          accepted,
        ])
        expect(rows).toHaveLength(accepted.length)
        for (const row of rows) expect(row).toMatchObject({ state: 'booked', watermark: ALL })
      })
    })
  })

  it('decides nothing more, whatever comes', async () => {
    await withOldDatabase(async (url, client) => {
      const event = await givenOldEvent(client, await givenOrganizer(client), 2)
      await migrateDatabase(url)
      await insertOld(client, 2, [event, event])
      for (const lane of [0, 1, 2, 3]) {
        const { rows } = await client.query(OLD_LOCK, [lane])
        expect(rows).toEqual([{ id: lane, watermark: ALL, paused: true }])
      }
      expect((await client.query(OLD_WAITING)).rows).toEqual([])
      // Also where somebody resumes a lane there: nothing is above its watermark.
      await client.query('update lanes set paused = false')
      expect((await client.query(OLD_WAITING)).rows).toEqual([])
    })
  })

  it('makes showtimes and events that have a line, and accepts for those that this version has made', async () => {
    await withOldDatabase(async (url, client) => {
      await migrateDatabase(url)
      const organizer = await givenOrganizer(client)
      const old = await givenOldEvent(client, organizer, 3)
      expect(await linesOf(client, [old.id])).toMatchObject([{ next: 1, watermark: 0 }])

      const id = randomUUID()
      await client.query(`insert into resources (id, kind, organizer_id) values ($1, 'event', $2)`, [id, organizer])
      const { rows } = await client.query<{ lane: number }>('select lane from resources where id = $1', [id])
      const lane = rows[0]?.lane ?? -1
      await insertOld(client, lane, [{ id, ticketTypeId: old.ticketTypeId }])
      expect((await client.query('select next::int from lines where resource_id = $1', [id])).rows).toEqual([
        { next: 2 },
      ])
    })
  })
})
