import type pg from 'pg'
import { beforeAll, describe, expect, it } from 'vitest'
import { findEvent, listEvents } from '@boxoffice/core/catalogue/queries/events-on-sale.ts'
import { countOutcomes } from '@boxoffice/core/booking-requests/queries/count-outcomes.ts'
import { findStretches } from '@boxoffice/core/booking-requests/queries/find-stretches.ts'
import { findStillWaiting } from '@boxoffice/core/booking-requests/queries/find-waiting-lines.ts'
import { findLine } from '@boxoffice/core/booking-requests/queries/line-view.ts'
import { readLineProgress } from '@boxoffice/core/booking-requests/queries/read-line-progress.ts'
import { listAudit } from '@boxoffice/core/outbox/queries/list-audit.ts'
import { listMovies } from '@boxoffice/core/catalogue/queries/list-movies.ts'
import { findShowtime, listShowtimes } from '@boxoffice/core/catalogue/queries/showtimes-on-sale.ts'
import { readAvailability } from '@boxoffice/core/availability/queries/read-availability.ts'
import { readSeatMap } from '@boxoffice/core/availability/queries/read-seat-map.ts'
import { readVersions } from '@boxoffice/core/availability/queries/read-versions.ts'
import { observePool } from '../support/observed-pool.ts'
import { sharedDatabase } from '../support/database.ts'

/** Returns a made-up id that can be told apart and computed: `id('aa', 7)`. */
const id = (kind: string, n: number) => `${kind}000000-0000-7000-8000-${String(n).padStart(12, '0')}`
const idSql = (kind: string, n: string) => `('${kind}000000-0000-7000-8000-' || lpad((${n})::text, 12, '0'))::uuid`

const SHOWTIMES = 30_000
const EVENTS = 20_000
const AUDITORIUMS = 3_000

/** A cinema chain after some years: most showtimes are over. */
const FILL = [
  `insert into organizers (id, name) values (${idSql('aa', '1')}, 'A chain')`,
  `insert into venues (id, organizer_id, name, time_zone)
   select ${idSql('bb', 'n')}, ${idSql('aa', '1')}, 'Venue ' || n, 'UTC' from generate_series(1, 1000) n`,
  `insert into auditoriums (id, venue_id, name)
   select ${idSql('cc', 'n')}, ${idSql('bb', '1 + n % 1000')}, 'Room ' || n from generate_series(1, ${AUDITORIUMS}) n`,
  `insert into layouts (id, auditorium_id, version)
   select ${idSql('dd', 'n')}, ${idSql('cc', 'n')}, 1 from generate_series(1, ${AUDITORIUMS}) n`,
  `insert into seat_categories (id, layout_id, name, position)
   select ${idSql('ee', 'n * 10 + c')}, ${idSql('dd', 'n')}, 'Category ' || c, c
     from generate_series(1, ${AUDITORIUMS}) n, generate_series(1, 2) c`,
  `insert into seats (layout_id, label, row_label, number, position, x, y, category_id)
   select ${idSql('dd', 'n')}, 'A' || s, 'A', s, s, s, 0, ${idSql('ee', 'n * 10 + 1 + s % 2')}
     from generate_series(1, ${AUDITORIUMS}) n, generate_series(1, 40) s`,
  `insert into layout_areas (layout_id, label, position, category_id, capacity)
   select ${idSql('dd', 'n')}, 'Floor ' || a, a, ${idSql('ee', 'n * 10 + 1')}, 100
     from generate_series(1, ${AUDITORIUMS}) n, generate_series(1, 2) a`,
  `insert into movies (id, organizer_id, title, duration_minutes)
   select ${idSql('ab', 'n')}, ${idSql('aa', '1')}, 'Film ' || n, 90 from generate_series(1, 5000) n`,
  `insert into resources (id, kind, organizer_id)
   select ${idSql('f1', 'n')}, 'showtime', ${idSql('aa', '1')} from generate_series(1, ${SHOWTIMES}) n`,
  `insert into showtimes (id, movie_id, auditorium_id, layout_id, starts_at, status, currency)
   select ${idSql('f1', 'n')}, ${idSql('ab', '1 + n % 5000')}, ${idSql('cc', `1 + n % ${AUDITORIUMS}`)},
          ${idSql('dd', `1 + n % ${AUDITORIUMS}`)}, now() + (n - ${SHOWTIMES - 4_000}) * interval '11 minutes',
          case when n % 10 = 0 then 'draft' else 'active' end, 'EUR'
     from generate_series(1, ${SHOWTIMES}) n`,
  `insert into showtime_prices (showtime_id, category_id, price)
   select ${idSql('f1', 'n')}, ${idSql('ee', `(1 + n % ${AUDITORIUMS}) * 10 + c`)}, 1000
     from generate_series(1, ${SHOWTIMES}) n, generate_series(1, 2) c`,
  `insert into area_state (resource_id, label, capacity)
   select ${idSql('f1', 'n')}, 'Floor ' || a, 100 from generate_series(1, ${SHOWTIMES}) n, generate_series(1, 2) a`,
  `insert into seat_allocations (showtime_id, seat_label, booking_id)
   select ${idSql('f1', 'n')}, 'A' || s, gen_random_uuid()
     from generate_series(1, ${SHOWTIMES}, 3) n, generate_series(1, 10) s`,
  `insert into resources (id, kind, organizer_id)
   select ${idSql('f2', 'n')}, 'event', ${idSql('aa', '1')} from generate_series(1, ${EVENTS}) n`,
  `insert into events (id, title, venue, time_zone, starts_at, ends_at, status, currency)
   select ${idSql('f2', 'n')}, 'Event ' || n, 'Hall', 'UTC', now() + (n - 1000) * interval '1 hour',
          now() + (n - 1000) * interval '1 hour' + interval '3 hours', 'published', 'EUR'
     from generate_series(1, ${EVENTS}) n`,
  `insert into ticket_types (id, event_id, name, position, price)
   select ${idSql('f3', 'n * 10 + t')}, ${idSql('f2', 'n')}, 'Type ' || t, t, 500
     from generate_series(1, ${EVENTS}) n, generate_series(1, 3) t`,
  'insert into ticket_type_state (ticket_type_id, capacity) select id, 100 from ticket_types',
  'insert into resource_state (resource_id) select id from resources',
  // Two requests wait for each showtime that is not over.
  `insert into booking_requests (id, seq, resource_id, owner, idempotency_key, body_hash, payload, customer_keys, accepted_at)
   select ${idSql('f4', 'n * 10 + q')}, q, ${idSql('f1', 'n')}, 'o', n || '/' || q, '', '{}', '{}', now()
     from generate_series(${SHOWTIMES - 4_000}, ${SHOWTIMES}) n, generate_series(1, 2) q`,
  `update lines set next = 3 where resource_id in (select resource_id from booking_requests)`,
]

/** Rows of the current month, so that they go to one partition. */
const FILL_AUDIT = `
  insert into audit (id, at, actor, action, entity, entity_id)
  select ${idSql('fa', 'n')}, date_trunc('month', now()) + n * interval '1 second', 'system', 'x', 'x', ${idSql('fb', 'n')}
    from generate_series(1, 20000) n`

type Read = (pool: pg.Pool) => Promise<unknown>

const showtime = id('f1', SHOWTIMES - 2)
const event = id('f2', EVENTS)
const request = id('f4', (SHOWTIMES - 2) * 10 + 1)
const SELLS_FOR_MS = 900_000
const everything = { movieId: null, venueId: null, from: null, to: null }
const cursor = (key: number, n: string) => ({ key, id: n })
const tomorrow = new Date(Date.now() + 86_400_000)

/**
 * Reads by key, made often and by prepared statements. Their plans must be right without statistics, and without
 * knowing the parameters too.
 */
const LOOK_UPS: Record<string, Read> = {
  'find a showtime': (pool) => findShowtime(pool, showtime, SELLS_FOR_MS),
  'read a seat map': (pool) => readSeatMap(pool, showtime),
  'find an event': (pool) => findEvent(pool, event),
  'read the availability of a showtime': (pool) => readAvailability(pool, showtime),
  'read the availability of an event': (pool) => readAvailability(pool, event),
  'read the line of a showtime': (pool) => findLine(pool, showtime),
  'read how far lines are': (pool) => readLineProgress(pool, [showtime, event]),
  'find which lines wait still': (pool) => findStillWaiting(pool, [showtime, event]),
  'find where requests are in line': (pool) => findStretches(pool, [request]),
  'count outcomes': (pool) => countOutcomes(pool, [{ id: showtime, name: '', from: 1, to: 2 }]),
  'read versions': async (pool) => [...(await readVersions(pool, [showtime, event]))],
}

const LISTS: Record<string, Read> = {
  'list movies': (pool) => listMovies(pool, 20, null, SELLS_FOR_MS),
  'list movies further on': (pool) => listMovies(pool, 20, cursor(0, id('ab', 3_000)), SELLS_FOR_MS),
  'list showtimes': (pool) => listShowtimes(pool, everything, 20, null, SELLS_FOR_MS),
  'list showtimes further on': (pool) =>
    listShowtimes(pool, everything, 20, cursor(tomorrow.getTime() * 1_000, showtime), SELLS_FOR_MS),
  'list showtimes of a movie': (pool) =>
    listShowtimes(pool, { ...everything, movieId: id('ab', 2_000) }, 20, null, SELLS_FOR_MS),
  'list showtimes of a venue': (pool) =>
    listShowtimes(pool, { ...everything, venueId: id('bb', 7) }, 20, null, SELLS_FOR_MS),
  'list showtimes of a day': (pool) =>
    listShowtimes(pool, { ...everything, from: new Date(), to: tomorrow }, 100, null, SELLS_FOR_MS),
  'list events': (pool) => listEvents(pool, 20, null),
  'list events further on': (pool) => listEvents(pool, 20, cursor(tomorrow.getTime() * 1_000, event)),
}

const db = sharedDatabase()
beforeAll(async () => {
  const client = await db.database.pool.connect()
  for (const table of [
    'showtimes',
    'showtime_prices',
    'seats',
    'seat_allocations',
    'events',
    'ticket_types',
    'resource_state',
    'lines',
    'booking_requests',
  ]) {
    await client.query(`alter table ${table} set (autovacuum_enabled = false)`)
  }
  for (const statement of FILL) await client.query(statement)
  client.release()
})

describe('on filled tables that were never analyzed', () => {
  it.each(Object.entries(LOOK_UPS))('no table is read whole to %s', async (_, read) => {
    await expectIndexes(read, 'explain')
    await expectIndexes(read, 'explain (generic_plan)')
  })
})

describe('on filled tables that were analyzed', () => {
  beforeAll(async () => {
    await db.database.pool.query('analyze')
  })

  it.each(Object.entries({ ...LOOK_UPS, ...LISTS }))('no table is read whole to %s', async (_, read) => {
    await expectIndexes(read, 'explain')
  })
})

it('admins read the audit of everybody from the end of an index', async () => {
  const { pool } = db.database
  await pool.query(FILL_AUDIT)
  await pool.query('analyze audit')
  const observed = observePool(pool)
  const everybody = { organizerId: null, entity: null, entityId: null, reference: null, action: null, actor: null }
  const { items } = await listAudit(observed.pool, { ...everybody, from: null, to: null }, 20, null)
  expect(items.map((row) => row.id)).toEqual(Array.from({ length: 20 }, (_, index) => id('fa', 20_000 - index)))
  const [statement] = observed.statements
  const plan = await planOf(`explain (analyze) ${statement?.text}`, statement?.values ?? [])
  expect(plan).toMatch(/Index Scan Backward using audit_\d{4}_\d\d_pkey .*rows=2[01]\b/)
})

async function expectIndexes(read: Read, explain: 'explain' | 'explain (generic_plan)'): Promise<void> {
  const observed = observePool(db.database.pool)
  // An empty answer would prove nothing.
  expect(JSON.stringify(await read(observed.pool))).toMatch(/0000-7000-8000|"A1"|"queued":2/)
  expect(observed.statements).toHaveLength(1)
  for (const { text, values } of observed.statements) {
    const plan = await planOf(`${explain} ${text}`, explain === 'explain' ? values : [])
    expect(plan).toContain('Index')
    expect(plan).not.toContain('Seq Scan')
  }
}

async function planOf(text: string, values: unknown[]): Promise<string> {
  // A generic plan is explained with its parameters left open, so it has to be sent without values.
  const pool = db.database.pool
  const { rows } = await pool.query<{ 'QUERY PLAN': string }>(values.length === 0 ? { text } : { text, values })
  return rows.map((row) => row['QUERY PLAN']).join('\n')
}
