import { beforeAll, expect, it } from 'vitest'
import { openLifecyclePool } from '@boxoffice/core/db/pools.ts'
import { findUnpublished, lockFeed, publishInOrder } from '@boxoffice/core/outbox/queries/publish-outgoing-events.ts'
import { findBooking } from '@boxoffice/core/bookings/queries/find-booking.ts'
import { readTickets } from '@boxoffice/core/tickets/queries/read-tickets.ts'
import { inTransaction } from '@boxoffice/core/db/transaction.ts'
import { paymentProviders } from '@boxoffice/core/payments/providers.ts'
import { cancelBooking } from '@boxoffice/core/bookings/cancel-booking.ts'
import { expireHolds } from '@boxoffice/core/bookings/expire-holds.ts'
import { publishOutgoingEvents } from '@boxoffice/core/outbox/publish-outgoing-events.ts'
import { handleLeftOverReports, receiveWebhook } from '@boxoffice/core/bookings/payments/receive-webhook.ts'
import { reconcilePayments } from '@boxoffice/core/bookings/payments/reconcile-payments.ts'
import { sendDueRefunds } from '@boxoffice/core/bookings/payments/send-refunds.ts'
import { startPayment } from '@boxoffice/core/bookings/payments/start-payment.ts'
import { checkIn } from '@boxoffice/core/tickets/check-in.ts'
import { tokenOf } from '@boxoffice/core/tickets/show-tickets.ts'
import { parseTicketKeys } from '@boxoffice/core/settings/ticket-keys.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'
import { givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { openEngine, seatsRequest } from '../support/engine.ts'
import { testLogger } from '../support/logger.ts'
import { PlayedProvider } from '../support/played-provider.ts'
import { TEST_SECRETS } from '../support/tokens.ts'

/*
 * A change of one booking must cost the same among a million others. As in `hot-path-plans.test.ts` nothing is ever
 * analyzed, and plans are made while the tables are empty.
 */

const TABLES = /^(bookings|booking_items|seat_allocations|tickets|check_ins|payments|refunds|provider_inbox|outbox_.*)$/

const db = sharedDatabase()
beforeAll(async () => {
  for (const table of ['bookings', 'tickets', 'payments', 'booking_items']) {
    await db.database.pool.query(`alter table ${table} set (autovacuum_enabled = off)`)
  }
})

async function sequentialScans(): Promise<Record<string, number>> {
  await db.database.pool.query('select pg_stat_clear_snapshot()')
  const { rows } = await db.database.pool.query<{ table: string; scans: number }>(
    'select relname as table, seq_scan::int as scans from pg_stat_user_tables',
  )
  return Object.fromEntries(rows.filter(({ table }) => TABLES.test(table)).map(({ table, scans }) => [table, scans]))
}

async function entriesRead(index: string): Promise<number> {
  const { rows } = await db.database.pool.query<{ read: number }>(
    'select idx_tup_read::int as read from pg_stat_user_indexes where indexrelname = $1',
    [index],
  )
  return rows[0]?.read ?? Number.NaN
}

it('paying, confirming, cancelling, expiring, checking in and publishing never scan a table', async () => {
  const { showtimeId, seats, organizerId } = await givenShowtime(db.database, {
    rows: 6,
    seatsPerRow: 10,
    startsAt: new Date(Date.now() + 3_600_000),
  })
  const ticketKeys = parseTicketKeys(TEST_SECRETS.TICKET_KEYS)
  if (ticketKeys === null) throw new Error('malformed')
  const database = openLifecyclePool(db.url, 4, testLogger)
  const provider = new PlayedProvider()
  const deps = { database, logger: testLogger, providers: paymentProviders(provider), announce: () => undefined }
  const buyer: Caller = {
    subject: 'buyer',
    role: 'customer',
    organizerId: null,
    guest: false,
    scopes: null,
    bookingId: null,
  }
  const staff: Caller = { subject: 'staff', role: 'staff', organizerId, guest: false, scopes: null, bookingId: null }

  const engine = openEngine(db)
  for (const seat of seats) await engine.line.accept(seatsRequest(showtimeId, [seat], { owner: 'buyer' }))
  await engine.decideWaiting(0)
  await engine.close()
  const { rows } = await db.database.pool.query<{ reference: string }>('select reference from bookings order by id')
  await db.database.pool.query('select pg_stat_force_next_flush()')
  const before = await sequentialScans()

  const [expiring, ...bought] = rows.map(({ reference }) => reference)
  for (const reference of bought) {
    const order = { reference, caller: buyer, requestId: 'test', returnUrl: null, keyed: null }
    const { paymentId } = await startPayment(deps, order)
    provider.play(paymentId, 'approve')
    await receiveWebhook(deps, provider, Buffer.from(JSON.stringify(provider.mailbox.pop())), {})
    const booking = await findBooking(database.pool, reference)
    const [ticket] = booking === null ? [] : await readTickets(database.pool, booking.id)
    if (ticket === undefined) throw new Error('no ticket')
    if (reference.charCodeAt(0) % 2 === 0) {
      await cancelBooking(deps, { reference, caller: buyer, requestId: 'test', keyed: null })
    } else {
      const scan = { token: tokenOf(ticketKeys, ticket), nonce: '1', gate: 'A', device: 'A' }
      await checkIn({ database, ticketKeys }, { ...scan, resourceId: null, scannedAt: null }, staff, 'test')
    }
  }
  await database.pool.query(`update bookings set expires_at = now() - interval '1 second' where reference = $1`, [
    expiring,
  ])
  expect(await expireHolds(deps)).toBe(1)
  await handleLeftOverReports(deps)
  await reconcilePayments(deps)
  await sendDueRefunds(deps)
  expect(await publishOutgoingEvents(database)).toBeGreaterThan(300)
  await database.close()
  expect(await sequentialScans()).toEqual(before)
  // An index that is read from end to end is no better than a table.
  expect(await entriesRead('bookings_expiry')).toBeLessThan(10)
})

it('publishing costs the same however much is unpublished', async () => {
  const database = openLifecyclePool(db.url, 1, testLogger)
  // One partition of thousands of events, never analyzed, each of a booking of its own.
  await database.pool.query(
    `insert into outbox (id, at, organizer_id, type, entity_id, entity_seq, payload)
     select gen_random_uuid(), now(), gen_random_uuid(), 'booking.created', gen_random_uuid(), 1, '{}'
     from generate_series(1, 5000)`,
  )
  const read = async () => {
    await database.pool.query('select pg_stat_force_next_flush()')
    await db.database.pool.query('select pg_stat_clear_snapshot()')
    const { rows } = await db.database.pool.query<{ read: number }>(
      `select (select coalesce(sum(idx_tup_read), 0) from pg_stat_user_indexes where relname like 'outbox%')::int
         + (select coalesce(sum(seq_tup_read), 0) from pg_stat_user_tables where relname like 'outbox%')::int as read`,
    )
    return rows[0]?.read ?? Number.NaN
  }
  const before = await read()
  const published = await inTransaction(database, async (tx) => {
    const feed = await lockFeed(tx, 5_000)
    if (feed === null) throw new Error('somebody else publishes')
    const events = await findUnpublished(tx, feed, { events: 32, bytes: 1_000_000 })
    await publishInOrder(tx, feed, events)
    return events.length
  })
  expect(published).toBe(32)
  expect((await read()) - before).toBeLessThan(1_000)
  await database.close()
})
