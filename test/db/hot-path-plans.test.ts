import { beforeAll, expect, it } from 'vitest'
import { decideNextBatch } from '@boxoffice/core/booking-requests/deciding/decide-lines.ts'
import { givenEvent, givenPromoCode, givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { openEngine, seatsRequest, ticketsRequest } from '../support/engine.ts'

/*
 * A batch's cost must not depend on what is already there. Nothing here is ever analyzed, and all plans are made while
 * the tables are empty: exactly when PostgreSQL likes to settle for scanning them.
 */

const HOT_TABLES = [
  'booking_requests',
  'bookings',
  'booking_items',
  'seat_allocations',
  'tickets',
  'ticket_type_state',
  'ticket_type_customers',
  'promo_code_state',
  'promo_code_customers',
  'resources',
  'resource_state',
  'lines',
  'webhook_endpoints',
]

/** Indexes in which each line has an entry, or some. */
const LINE_INDEXES = ['lines_pkey', 'resource_state_pkey', 'booking_requests_resource_seq']

/** Showtimes and events in whose lines nothing waits. */
const IDLE = 10_000

const db = sharedDatabase()
beforeAll(async () => {
  // Autovacuum would analyze behind our back.
  await db.database.pool.query('alter table booking_requests set (autovacuum_enabled = off)')
})

async function sequentialScans(): Promise<Record<string, number>> {
  const { rows } = await db.database.pool.query<{ table: string; scans: number }>(
    `select relname as table, seq_scan::int as scans from pg_stat_user_tables where relname = any($1)`,
    [HOT_TABLES],
  )
  return Object.fromEntries(rows.map(({ table, scans }) => [table, scans]))
}

/** Returns the entries read from an index so far. A scan of a whole index is no sequential scan, and costs as much. */
async function entriesRead(index: string): Promise<number | undefined> {
  const { rows } = await db.database.pool.query<{ entries: number }>(
    'select idx_tup_read::int as entries from pg_stat_user_indexes where indexrelname = $1',
    [index],
  )
  return rows[0]?.entries
}

/** Puts others on sale whose requests, one each, are all decided. */
async function givenIdle(organizerId: string): Promise<void> {
  const { pool } = db.database
  const { rows } = await pool.query<{ id: string }>(
    `insert into resources (id, kind, organizer_id) select gen_random_uuid(), 'event', $1
     from generate_series(1, $2::int) returning id`,
    [organizerId, IDLE],
  )
  const ids = rows.map(({ id }) => id)
  await pool.query('insert into resource_state (resource_id) select unnest($1::uuid[])', [ids])
  await pool.query(
    `insert into booking_requests (id, seq, resource_id, owner, idempotency_key, body_hash, payload, customer_keys, state,
       accepted_at, decided_at, refusal)
     select uuidv7(), 0, id, 'o', id::text, '', '{}', '{}', 'refused', now(), now(), '{"code": "seat_unavailable"}'
     from unnest($1::uuid[]) as id`,
    [ids],
  )
}

it('neither intake nor deciding ever scans a table, also with plans made while it was empty', async () => {
  const { showtimeId, seats } = await givenShowtime(db.database, { lane: 0, rows: 50, seatsPerRow: 40 })
  const event = await givenEvent(db.database, { lane: 0, ticketTypes: [{ capacity: 5_000, maxPerCustomer: 100 }] })
  const [ticketTypeId = ''] = event.ticketTypeIds
  await givenPromoCode(db.database, { organizerId: event.organizerId, code: 'MANY', maxPerCustomer: 10 })

  // Creating the catalogue may scan what it likes; the server counts a connection's scans when it ends at the latest.
  await db.database.pool.query('select pg_stat_force_next_flush()')
  const before = await sequentialScans()
  const entriesBefore: Record<string, number | undefined> = {}
  for (const index of LINE_INDEXES) entriesBefore[index] = await entriesRead(index)
  const engine = openEngine(db)
  const customer = { name: 'A', email: 'a@example.org' }
  for (let round = 0; round < 10; round++) {
    await Promise.all(
      Array.from({ length: 100 }, (_, index) => {
        const seat = seats[round * 100 + index] ?? ''
        return index % 2 === 0
          ? engine.line.accept(seatsRequest(showtimeId, [seat]))
          : engine.line.accept(
              ticketsRequest(event.eventId, [], {
                payload: { customer, tickets: [{ ticketTypeId, quantity: 1 }], promoCode: 'MANY' },
              }),
            )
      }),
    )
    // Not by the test's own way of finding lines, which looks at all of them.
    await decideNextBatch(engine.deciding, [showtimeId, event.eventId], 'wait')
    if (round === 0) await givenIdle(event.organizerId)
  }
  await engine.close()
  // A server process hands its counts in when it ends, and is listed until then.
  await eventually(async () => {
    const { rows } = await db.database.pool.query(
      `select from pg_stat_activity where datname = current_database() and application_name like 'boxoffice-%'`,
    )
    expect(rows).toEqual([])
  })

  const { rows } = await db.database.pool.query(`select count(*)::int as booked from bookings`)
  expect(rows).toEqual([{ booked: 1_000 }])
  await db.database.pool.query('select pg_stat_clear_snapshot()')
  const after = await sequentialScans()
  // The count above is this test's own.
  expect({ ...after, bookings: 0 }).toEqual({ ...before, bookings: 0 })
  // Each request is looked up once, to write its outcome.
  expect(await entriesRead('booking_requests_pkey')).toBe(1_000)
  // Each request looks at its line's state, and each write and batch at the lines; nobody looks at those of the idle ones.
  for (const index of LINE_INDEXES) {
    const entries = ((await entriesRead(index)) ?? Number.NaN) - (entriesBefore[index] ?? 0)
    expect({ index, entries, isFew: entries <= 2_000 }).toMatchObject({ index, isFew: true })
  }
})

it('deciding does not look through the endpoints that somebody once had', async () => {
  const { showtimeId, seats, organizerId } = await givenShowtime(db.database, { lane: 0 })
  await db.database.pool.query(
    `insert into webhook_endpoints (id, organizer_id, url, event_types, secret, deleted_at)
     select gen_random_uuid(), case when n % 2 = 0 then $1::uuid end, 'https://shop.example/', '{}', 'none', now()
     from generate_series(1, 4000) n`,
    [organizerId],
  )
  const read = async () => {
    await db.database.pool.query('select pg_stat_clear_snapshot()')
    const { rows } = await db.database.pool.query<{ entries: number }>(
      `select sum(idx_tup_read)::int as entries from pg_stat_user_indexes where relname = 'webhook_endpoints'`,
    )
    return rows[0]?.entries
  }
  await db.database.pool.query('select pg_stat_force_next_flush()')
  const before = await read()
  const engine = openEngine(db)
  for (const seat of seats.slice(0, 10)) {
    await engine.line.accept(seatsRequest(showtimeId, [seat]))
    await engine.decideWaiting(0)
  }
  await engine.close()
  await eventually(async () => {
    const { rows } = await db.database.pool.query(
      `select from pg_stat_activity where datname = current_database() and application_name like 'boxoffice-%'`,
    )
    expect(rows).toEqual([])
  })
  expect(await read()).toBe(before)
})
