import { beforeAll, describe, expect, it } from 'vitest'
import { openReportsPool } from '@boxoffice/core/db/pools.ts'
import { type Cursor, decodeCursor, type Page } from '@boxoffice/core/db/cursor.ts'
import { type AuditFilter, listAudit } from '@boxoffice/core/outbox/queries/list-audit.ts'
import { type BookingFilter, listBookings } from '@boxoffice/core/bookings/queries/list-bookings.ts'
import { listFeed } from '@boxoffice/core/outbox/queries/list-feed.ts'
import { listLayouts } from '@boxoffice/core/catalogue/queries/list-layouts.ts'
import { promoCodes } from '@boxoffice/core/catalogue/promo-codes.ts'
import { listThings } from '@boxoffice/core/use-case/read-things.ts'
import { listManaged, managedShowtimes } from '@boxoffice/core/catalogue/queries/managed-resources.ts'
import { listRevokedTickets } from '@boxoffice/core/tickets/queries/list-revoked-tickets.ts'
import { listWebhookDeliveries } from '@boxoffice/core/webhooks/queries/webhook-delivery-view.ts'
import { WINDOW } from '@boxoffice/core/db/window.ts'
import { createEndpoint } from '@boxoffice/core/webhooks/create-endpoint.ts'
import { givenEvent, givenShowtime } from '../support/catalogue.ts'
import { type TestDatabase, sharedDatabase } from '../support/database.ts'
import { TEST_LANES } from '../support/lanes.ts'
import { testLogger } from '../support/logger.ts'
import { shared } from '../support/shared.ts'

/*
 * A page of a list reads a bounded number of rows for any filter: here for the few among 25,000 that match a filter
 * without an index, once before and once after the tables were analyzed. The server counts the rows, on one connection
 * that hands its counts in.
 */

const ROWS = 25_000
/** The distance between two rows that a filter looks for. */
const EVERY = 6_000
const NEEDLES = Math.floor(ROWS / EVERY)
/** The most rows that a page may read: the window, the rows shown, the cursor's row, and the rows joined with them. */
const AT_MOST = WINDOW + 1_000

const TABLES = ['audit%', 'outbox%', 'bookings', 'tickets', 'webhook_deliveries', 'promo_codes']

let organizerId: string
let resourceId: string
let endpointId: string

const db = sharedDatabase()
const lists = shared(
  () => openReportsPool(db.url, testLogger),
  (opened) => opened.close(),
)
beforeAll(async () => {
  const event = await givenEvent(db.database)
  organizerId = event.organizerId
  resourceId = event.eventId
  const endpoint = await createEndpoint(db.database, {
    organizerId,
    url: 'https://example.org/',
    description: '',
    eventTypes: ['booking.*'],
    actor: 'test',
    requestId: 'test',
    keyed: null,
  })
  endpointId = endpoint.id
  await fill(db)
})

async function fill({ database: { pool } }: TestDatabase): Promise<void> {
  for (const table of ['bookings', 'tickets', 'webhook_deliveries', 'promo_codes']) {
    await pool.query(`alter table ${table} set (autovacuum_enabled = off)`)
  }
  const id = `('0189' || lpad(to_hex(i), 8, '0') || '70008000000000000000')::uuid`
  const each = `from generate_series(1, ${ROWS}) i`
  const isNeedle = `i % ${EVERY} = 0`
  await pool.query(
    `insert into audit (id, at, organizer_id, actor, action, entity, entity_id)
     select ${id}, now() - i * interval '1 ms', $1, case when ${isNeedle} then 'somebody' else 'crowd' end,
       case when ${isNeedle} then 'booking.rare' else 'booking.created' end, 'booking', ${id} ${each}`,
    [organizerId],
  )
  await pool.query(
    `insert into outbox (id, at, organizer_id, type, entity_id, entity_seq, payload, position)
     select ${id}, now(), $1, case when ${isNeedle} then 'venue.updated' else 'booking.created' end, ${id}, 1, '{}', i ${each}`,
    [organizerId],
  )
  await pool.query(`update event_feed set position = ${ROWS}`)
  await pool.query(
    `insert into bookings (id, reference, request_id, resource_id, organizer_id, owner, customer_name, customer_email,
       customer_keys, status, payment_status, currency, subtotal, discount, fee, total, confirmed_at, cancelled_at,
       cancel_reason, created_at, updated_at)
     select ${id}, translate(lpad(i::text, 8, '0'), '0123456789', 'ABCDEFGHJK'), ${id}, $1, $2, 'crowd', 'A', 'a@example.org',
       '{}', case when ${isNeedle} then 'cancelled' else 'confirmed' end, 'completed', 'EUR', 0, 0, 0, 0, now(),
       case when ${isNeedle} then now() end, case when ${isNeedle} then 'customer' end, now(), now() ${each}`,
    [resourceId, organizerId],
  )
  const prefix = `case when ${isNeedle} then 'RARE-' else 'CODE-' end`
  // Another organizer's batch came between: its codes are none of this list's.
  for (const [owner, more] of [
    [organizerId, ''],
    [(await givenEvent(db.database)).organizerId, '9'],
  ]) {
    await pool.query(
      `insert into promo_codes (id, organizer_id, code, kind, value)
       select ('0189' || lpad(to_hex(i), 8, '0') || '700080000000000000' || lpad($2, 2, '0'))::uuid, $1, ${prefix} || i,
         'percent', 1 ${each}`,
      [owner, more],
    )
  }
  await pool.query('insert into promo_code_state (promo_code_id) select id from promo_codes')
  await pool.query(
    `insert into tickets (id, booking_id, resource_id, ordinal, ticket_type_id, status)
     select gen_random_uuid(), ${id}, $1, n, $1, case when ${isNeedle} then 'void' else 'issued' end
     ${each}, generate_series(0, 1) n`,
    [resourceId],
  )
  await pool.query(
    `insert into webhook_deliveries (id, endpoint_id, event_id, event_at, event_type, entity_id, entity_seq, status,
       created_at, delivered_at)
     select ${id}, $1, ${id}, now(), 'booking.created', ${id}, 1, case when ${isNeedle} then 'failed' else 'delivered' end,
       now(), case when not (${isNeedle}) then now() end ${each}`,
    [endpointId],
  )
}

/** Counts the rows and index entries that the connection of `lists` has read so far. */
async function rowsRead(): Promise<number> {
  await lists.pool.query('select pg_stat_force_next_flush()')
  await db.database.pool.query('select pg_stat_clear_snapshot()')
  const { rows } = await db.database.pool.query<{ read: number }>(
    `select (select coalesce(sum(greatest(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)), 0)::int from pg_stat_user_tables
       where relname like any ($1)) as read`,
    [TABLES],
  )
  return rows[0]?.read ?? Number.NaN
}

interface Walk {
  readonly found: number
  readonly pages: number
  /** The number of rows read for the page that read most. */
  readonly mostRead: number
}

async function walk(read: (after: Cursor | null) => Promise<Page<unknown>>): Promise<Walk> {
  let [found, pages, mostRead] = [0, 0, 0]
  for (let after: Cursor | null = null; ; pages += 1) {
    const before = await rowsRead()
    const page = await read(after)
    mostRead = Math.max(mostRead, (await rowsRead()) - before)
    found += page.items.length
    if (page.nextCursor === null) return { found, pages: pages + 1, mostRead }
    after = decodeCursor(page.nextCursor)
    if (after === null) throw new Error('a cursor that cannot be read')
  }
}

const anyAudit: AuditFilter = {
  organizerId: null,
  entity: null,
  entityId: null,
  reference: null,
  action: null,
  actor: null,
  from: null,
  to: null,
}
const anyBooking: BookingFilter = { owner: null, organizerId: null, status: null, resourceId: null }

/** Reads the feed's pages by position. */
const feed = async (after: Cursor | null): Promise<Page<unknown>> => {
  const page = await listFeed(lists.pool, organizerId, after?.key ?? 0, 20, ['venue.*'])
  const nextCursor = page.more ? Buffer.from(JSON.stringify([page.position, resourceId])).toString('base64url') : null
  return { items: page.items, nextCursor }
}

const LISTS: Readonly<Record<string, (after: Cursor | null) => Promise<Page<unknown>>>> = {
  'audit by action': (after) => listAudit(lists.pool, { ...anyAudit, organizerId, action: 'booking.rare' }, 20, after),
  'audit by actor, for admins': (after) => listAudit(lists.pool, { ...anyAudit, actor: 'somebody' }, 20, after),
  'bookings of an organizer by status': (after) =>
    listBookings(lists.pool, { ...anyBooking, organizerId, status: 'cancelled' }, 20, after),
  'bookings of an event by status': (after) =>
    listBookings(lists.pool, { ...anyBooking, organizerId, resourceId, status: 'cancelled' }, 20, after),
  "somebody's bookings by event": (after) =>
    listBookings(lists.pool, { ...anyBooking, owner: 'crowd', resourceId, status: 'cancelled' }, 20, after),
  'the feed by type': feed,
  'promo codes by prefix': (after) => listThings(lists.pool, promoCodes, { organizerId }, 20, after, 'RARE-'),
  'webhook deliveries by status': (after) => listWebhookDeliveries(lists.pool, endpointId, 'failed', 20, after),
}

async function readsInFull(text: string): Promise<number> {
  const before = await rowsRead()
  await lists.pool.query(text, [organizerId])
  return (await rowsRead()) - before
}

describe.each(['never analyzed', 'analyzed'])('on tables that were %s', (state) => {
  beforeAll(async () => {
    if (state === 'analyzed') await db.database.pool.query('analyze')
  })

  it('control: a list without a window reads everything for what it does not find', async () => {
    const ordered = 'order by at desc, id desc limit 21'
    expect(
      await readsInFull(`select id from audit where organizer_id = $1 and action = 'booking.never' ${ordered}`),
    ).toBeGreaterThanOrEqual(ROWS)
    expect(
      await readsInFull(
        `select id from bookings where organizer_id = $1 and status = 'no_show' order by id desc limit 21`,
      ),
    ).toBeGreaterThanOrEqual(ROWS)
  })

  it.each(Object.entries(LISTS))('a page of %s reads a window, and the pages find all', async (_, read) => {
    const { found, pages, mostRead } = await walk(read)
    expect(found).toBe(NEEDLES)
    expect(pages).toBe(Math.ceil(ROWS / WINDOW))
    expect(mostRead).toBeLessThan(AT_MOST)
  })

  it('a page of revoked tickets reads a window of bookings, and the pages find all', async () => {
    const filter = { resourceId, organizerId }
    const { found, pages, mostRead } = await walk((after) => listRevokedTickets(lists.pool, filter, 20, after))
    expect(found).toBe(2 * NEEDLES)
    expect(pages).toBe(Math.ceil(ROWS / WINDOW))
    expect(mostRead).toBeLessThan(AT_MOST)
    // Pages may end within a booking.
    const small = await walk((after) => listRevokedTickets(lists.pool, filter, 1, after))
    expect(small.found).toBe(2 * NEEDLES)
    expect(small.mostRead).toBeLessThan(AT_MOST)
  })

  it('a page that is full reads no further', async () => {
    const full = await walk(async (after) => ({
      ...(await listBookings(lists.pool, { ...anyBooking, organizerId }, 20, after)),
      nextCursor: null,
    }))
    expect(full.found).toBe(20)
    expect(full.mostRead).toBeLessThan(200)
  })
})

describe('versions of a seating', () => {
  const counted = async () => {
    const { rows } = await db.database.pool.query<{ read: number }>(
      `select (seq_tup_read + coalesce(idx_tup_fetch, 0))::int as read from pg_stat_user_tables where relname = 'seats'`,
    )
    return rows[0]?.read ?? Number.NaN
  }

  it('and showtimes are listed without looking at a seat, with what they have', async () => {
    const house = await givenShowtime(db.database, {
      rows: 40,
      seatsPerRow: 50,
      categories: [{ name: 'Front', price: 500 }, { name: 'Back' }],
      disabledSeats: ['A1', 'A2', 'AN1'],
    })
    const [front, back] = house.categoryIds
    await rowsRead()
    const before = await counted()
    expect(await listLayouts(lists.pool, house.auditoriumId, 100, null)).toMatchObject([
      {
        version: 1,
        rows: 40,
        seats: 2_000,
        categories: [
          { id: front, seats: 1_000 },
          { id: back, seats: 1_000 },
        ],
      },
    ])
    const filter = { organizerId: house.organizerId, status: null, from: null, to: null }
    const { items } = await listManaged(lists.pool, managedShowtimes(TEST_LANES, 900_000), filter, 20, null)
    // Only seats of the category with a price count, without the disabled ones.
    expect(items).toMatchObject([{ seats: { total: 998, sold: 0 } }])
    await rowsRead()
    expect(await counted()).toBe(before)
  })
})
