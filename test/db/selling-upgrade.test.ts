import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { describe, expect, it } from 'vitest'
import { migrateDatabase } from '@boxoffice/core/db/migrate.ts'
import type { Outcome } from '@boxoffice/core/domain/booking-request.ts'
import { readTickets } from '@boxoffice/core/tickets/queries/read-tickets.ts'
import type { TestDatabase } from '../support/database.ts'
import { migrateUpTo, withEmptyDatabase } from '../support/empty-database.ts'
import { openEngine, seatsRequest } from '../support/engine.ts'
import { TEST_LANES } from '../support/lanes.ts'
import { closeLifecycles, type GivenBooking, givenPaid, openLifecycle } from '../support/lifecycle.ts'
import { findViolations } from '../support/lifecycle-invariants.ts'

// Everything that the version before has sold stays as it is, and goes on living.

const BEFORE = '0015_booking_metadata'

interface Filled {
  readonly organizerId: string
  readonly showtimeId: string
  readonly eventId: string
  readonly ticketTypeId: string
  readonly confirmed: string
  readonly pending: string
}

/** Fills a database of the version before: a house of three seats, a paid seat, a held one, and held tickets with a code. */
async function fill(client: pg.Client): Promise<Filled> {
  const id = () => randomUUID()
  const [organizerId, venueId, hallId, layoutId, categoryId, movieId] = [id(), id(), id(), id(), id(), id()]
  const [showtimeId, eventId, ticketTypeId, promoCodeId] = [id(), id(), id(), id()]
  const run = (text: string, values: unknown[] = []) => client.query(text, values)
  await run('insert into lanes (id) select generate_series(0, 3)')
  await run('insert into lane_intake (lane) select generate_series(0, 3)')
  await run(`insert into organizers (id, name) values ($1, 'O')`, [organizerId])
  await run(`insert into venues (id, organizer_id, name, time_zone) values ($1, $2, 'V', 'UTC')`, [
    venueId,
    organizerId,
  ])
  await run(`insert into auditoriums (id, venue_id, name) values ($1, $2, 'One')`, [hallId, venueId])
  await run('insert into layouts (id, auditorium_id, version) values ($1, $2, 1)', [layoutId, hallId])
  await run(`insert into seat_categories (id, layout_id, name, position) values ($1, $2, 'Stalls', 0)`, [
    categoryId,
    layoutId,
  ])
  await run(
    `insert into seats (layout_id, label, row_label, number, position, x, y, category_id)
     select $1, row_label || number, row_label, number, ordinality, number, 0, $2
     from unnest(array['A', 'A', '12-'], array[1, 2, 7]) with ordinality as s(row_label, number, ordinality)`,
    [layoutId, categoryId],
  )
  await run(`insert into movies (id, organizer_id, title, duration_minutes) values ($1, $2, 'M', 100)`, [
    movieId,
    organizerId,
  ])
  for (const [resourceId, kind] of [
    [showtimeId, 'showtime'],
    [eventId, 'event'],
  ]) {
    await run('insert into resources (id, kind, organizer_id, lane) values ($1, $2, $3, 1)', [
      resourceId,
      kind,
      organizerId,
    ])
    await run('insert into resource_state (resource_id) values ($1)', [resourceId])
  }
  await run(
    `insert into showtimes (id, movie_id, auditorium_id, layout_id, starts_at, status, currency)
     values ($1, $2, $3, $4, now() + interval '7 days', 'active', 'EUR')`,
    [showtimeId, movieId, hallId, layoutId],
  )
  await run('insert into showtime_prices (showtime_id, category_id, price) values ($1, $2, 1000)', [
    showtimeId,
    categoryId,
  ])
  await run(
    `insert into events (id, title, venue, time_zone, starts_at, ends_at, status, currency)
     values ($1, 'T', 'V', 'UTC', now() + interval '7 days', now() + interval '8 days', 'published', 'EUR')`,
    [eventId],
  )
  await run(`insert into ticket_types (id, event_id, name, price) values ($1, $2, 'Day', 500)`, [ticketTypeId, eventId])
  await run('insert into ticket_type_state (ticket_type_id, capacity, sold) values ($1, 10, 2)', [ticketTypeId])
  await run(
    `insert into promo_codes (id, organizer_id, code, kind, value) values ($1, $2, 'EARLY20', 'percent', 2000)`,
    [promoCodeId, organizerId],
  )
  await run('insert into promo_code_state (promo_code_id, redeemed) values ($1, 1)', [promoCodeId])

  const book = async (
    resourceId: string,
    status: 'pending' | 'confirmed',
    item: { seat: string } | { tickets: number },
    reference: string,
  ) => {
    const [bookingId, requestId] = [id(), id()]
    const isSeat = 'seat' in item
    const [subtotal, discount] = isSeat ? [1000, 0] : [1000, 200]
    await run(
      `insert into booking_requests (id, lane, seq, resource_id, owner, idempotency_key, body_hash, payload, customer_keys,
         state, accepted_at, decided_at, booking_id)
       values ($1::uuid, 1, (select count(*) + 1 from booking_requests), $2, 'customer:ada', $1::uuid::text, '\\x00', $3, '{o:ada}', 'booked',
         now(), now(), $4)`,
      [requestId, resourceId, { customer: { name: 'Ada', email: 'ada@example.org' } }, bookingId],
    )
    await run(
      `insert into bookings (id, reference, request_id, resource_id, organizer_id, owner, customer_name, customer_email,
         customer_keys, status, payment_status, currency, subtotal, discount, fee, total, promo_code_id, expires_at,
         confirmed_at, created_at, updated_at)
       values ($1, $2, $3, $4, $5, 'customer:ada', 'Ada', 'ada@example.org', '{o:ada}', $6, $7, 'EUR', $8, $9, 0, $10, $11,
         $12, $13, now(), now())`,
      [
        bookingId,
        reference,
        requestId,
        resourceId,
        organizerId,
        status,
        status === 'confirmed' ? 'completed' : 'pending',
        subtotal,
        discount,
        subtotal - discount,
        isSeat ? null : promoCodeId,
        status === 'confirmed' ? null : new Date(Date.now() + 3_600_000),
        status === 'confirmed' ? new Date() : null,
      ],
    )
    await run(
      `insert into booking_items (booking_id, position, seat_label, category_id, ticket_type_id, quantity, unit_price, discount)
       values ($1, 0, $2, $3, $4, $5, $6, $7)`,
      isSeat
        ? [bookingId, item.seat, categoryId, null, 1, 1000, 0]
        : [bookingId, null, null, ticketTypeId, item.tickets, 500, discount],
    )
    const count = isSeat ? 1 : item.tickets
    if (isSeat) await run('insert into seat_allocations values ($1, $2, $3)', [resourceId, item.seat, bookingId])
    await run(
      `insert into tickets (id, booking_id, resource_id, ordinal, seat_label, ticket_type_id)
       select gen_random_uuid(), $1, $2, n, $3, $4 from generate_series(0, $5::int - 1) as n`,
      [bookingId, resourceId, isSeat ? item.seat : null, isSeat ? null : ticketTypeId, count],
    )
    return bookingId
  }
  const confirmed = await book(showtimeId, 'confirmed', { seat: '12-7' }, 'AAAAAAAA')
  const pending = await book(eventId, 'pending', { tickets: 2 }, 'BBBBBBBB')
  await run('update lane_intake set next = 3 where lane = 1')
  await run('update lanes set watermark = 2 where id = 1')
  return { organizerId, showtimeId, eventId, ticketTypeId, confirmed, pending }
}

const STORED = `
  select b.id, b.status, b.total, b.discount, i.seat_label as seat, i.quantity, i.unit_price as price,
    (select array_agg(t.id || t.status order by t.ordinal) from tickets t where t.booking_id = b.id) as tickets,
    (select count(*)::int from seat_allocations a where a.booking_id = b.id) as seats
  from bookings b join booking_items i on i.booking_id = b.id order by b.reference`

describe('a database of the version before', () => {
  it('keeps every booking as it is, and they are shown, paid and cancelled as ever', async () => {
    await withEmptyDatabase(async (url, client) => {
      await migrateUpTo(client, BEFORE)
      const filled = await fill(client)
      const before = (await client.query(STORED)).rows
      await migrateDatabase(url)
      expect((await client.query(STORED)).rows).toEqual(before)

      const lifecycle = openLifecycle({ url } as TestDatabase)
      const { database } = lifecycle
      const db = { url, database } as TestDatabase
      const engine = openEngine(db)
      try {
        expect(await readTickets(database.pool, filled.confirmed)).toMatchObject([
          { seat: '12-7', section: null, row: '12', number: '7', area: null, rate: null, status: 'issued' },
        ])
        const { rows } = await database.pool.query<GivenBooking>(
          `select id, reference, resource_id as "resourceId", organizer_id as "organizerId", owner, total::int, fee::int
           from bookings where id = $1`,
          [filled.pending],
        )
        for (const held of rows) await givenPaid(lifecycle, held)
        expect(await readTickets(database.pool, filled.pending)).toMatchObject([{ ordinal: 0 }, { ordinal: 1 }])

        const { view } = await engine.line.accept(seatsRequest(filled.showtimeId, ['12-7', 'A1']))
        await engine.line.accept(seatsRequest(filled.showtimeId, ['A1', 'A2']))
        const outcomes: Outcome[] = []
        for (let lane = 0; lane < TEST_LANES; lane++) {
          for (const batch of await engine.decideWaiting(lane)) outcomes.push(...batch.outcomes)
        }
        expect(outcomes).toMatchObject([
          { id: view.id, state: 'refused', refusal: { code: 'seat_unavailable', seats: ['12-7'] } },
          { state: 'booked', booking: { total: 2_060 } },
        ])
        // The rows above were made without audit and payments.
        expect((await findViolations(db)).filter((what) => /^I[16] /.test(what))).toEqual([])
      } finally {
        await engine.close()
        await closeLifecycles()
      }
    })
  })
})
