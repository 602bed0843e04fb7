import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { openCataloguePool } from '@boxoffice/core/db/pools.ts'
import { inTransaction } from '@boxoffice/core/db/transaction.ts'
import { cancelBooking } from '@boxoffice/core/bookings/cancel-booking.ts'
import { type CustomerCounts, withCounts } from '@boxoffice/core/catalogue/count-customers.ts'
import { lockResource } from '@boxoffice/core/catalogue/lock-resource.ts'
import { updatePromoCode } from '@boxoffice/core/catalogue/update-promo-code.ts'
import { updateTicketType } from '@boxoffice/core/catalogue/update-ticket-type.ts'
import { givenEvent, givenPromoCode } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { openEngine, ticketsRequest } from '../support/engine.ts'
import { buyerOf, closeLifecycles, givenBooking, openLifecycle } from '../support/lifecycle.ts'
import { findViolations } from '../support/lifecycle-invariants.ts'
import { type HeldLock, holdLock, waitForBlocked } from '../support/locks.ts'
import { testLogger } from '../support/logger.ts'
import { shared } from '../support/shared.ts'

/*
 * A limit per customer begins while an event sells. What customers hold already is counted meanwhile. The counting is
 * held up by a row that it will write and that nobody else does.
 */

const BY = { actor: 'organizer-1', requestId: 'http-1' }

let held: HeldLock | undefined
const db = sharedDatabase()
const catalogue = shared(
  () => openCataloguePool(db.url, testLogger),
  (opened) => opened.close(),
)
afterEach(() => held?.release())
afterAll(() => closeLifecycles())

/** Gives two customers tickets that they bought with the code. */
async function givenSales() {
  const { eventId, organizerId, ticketTypeIds, lane } = await givenEvent(db.database, {
    ticketTypes: [{ capacity: 50_000 }],
  })
  const [ticketTypeId = ''] = ticketTypeIds
  const { promoCodeId, code } = await givenPromoCode(db.database, { organizerId })
  const order = (customer: string, quantity: number) => {
    const { payload, ...rest } = ticketsRequest(eventId, [{ ticketTypeId, quantity }], {
      customerKeys: [`o:${customer}`, `e:${customer}`],
    })
    return { ...rest, payload: { ...payload, promoCode: code } }
  }
  const ada = await givenBooking(db, order('ada', 2))
  await givenBooking(db, order('bob', 1))
  const limitTickets = (counts: CustomerCounts | null) =>
    inTransaction(catalogue, (tx) =>
      updateTicketType(tx, { ...BY, organizerId, eventId, ticketTypeId, maxPerCustomer: 3 }, counts),
    )
  const limitCode = (counts: CustomerCounts | null) =>
    inTransaction(catalogue, (tx) =>
      updatePromoCode(tx, { ...BY, organizerId, promoCodeId, maxPerCustomer: 2 }, counts),
    )
  return { eventId, organizerId, ticketTypeId, promoCodeId, lane, order, ada, limitTickets, limitCode }
}

type Sales = Awaited<ReturnType<typeof givenSales>>

const holdTicketCount = ({ ticketTypeId }: Sales) =>
  holdLock(db, `insert into ticket_type_customers (ticket_type_id, customer_key, quantity) values ($1, 'o:ada', 7)`, [
    ticketTypeId,
  ])

async function decided({ lane }: Sales, submission: ReturnType<typeof ticketsRequest>): Promise<string> {
  const engine = openEngine(db)
  try {
    const { view } = await engine.line.accept(submission)
    const outcomes = (await engine.decideWaiting(lane)).flatMap((batch) => batch.outcomes)
    const outcome = outcomes.find(({ id }) => id === view.id)
    return outcome?.refusal?.code ?? outcome?.state ?? 'undecided'
  } finally {
    await engine.close()
  }
}

describe('counting what customers of a ticket type hold', () => {
  it('control: under the lock of the event it keeps its line waiting', async () => {
    const sales = await givenSales()
    const { eventId, organizerId, ticketTypeId } = sales
    held = await holdTicketCount(sales)
    const counting = inTransaction(catalogue, async (tx) => {
      await lockResource(tx, 'event', eventId, organizerId)
      await tx.client.query(
        `insert into ticket_type_customers (ticket_type_id, customer_key, quantity)
         select l.ticket_type_id, k.key, sum(l.quantity)
         from bookings b cross join lateral (select distinct unnest(b.customer_keys) as key) k
         join booking_items l on l.booking_id = b.id and l.ticket_type_id = $2
         where b.resource_id = $1 and b.status <> 'cancelled' group by 1, 2`,
        [eventId, ticketTypeId],
      )
    })
    await waitForBlocked(db, { by: held })
    const outcome = decided(sales, sales.order('cy', 1))
    await waitForBlocked(db, { by: held, count: 2 })
    await held.release()
    await counting
    expect(await outcome).toBe('booked')
  })

  it('keeps nobody waiting, and counts what is booked and cancelled meanwhile', async () => {
    const sales = await givenSales()
    held = await holdTicketCount(sales)
    const limiting = withCounts(catalogue, sales.limitTickets)
    await waitForBlocked(db, { by: held })
    expect(await decided(sales, sales.order('cy', 1))).toBe('booked')
    expect(await decided(sales, sales.order('bob', 1))).toBe('booked')
    const { reference } = sales.ada
    await cancelBooking(openLifecycle(db), { reference, caller: buyerOf(sales.ada), requestId: 'test', keyed: null })
    expect(await decided(sales, sales.order('ada', 1))).toBe('booked')
    await held.release()
    expect(await limiting).not.toBeNull()
    expect(await findViolations(db)).toEqual([])
    expect(await decided(sales, sales.order('bob', 2))).toBe('customer_limit_reached')
    expect(await decided(sales, sales.order('ada', 2))).toBe('booked')
    expect(await findViolations(db)).toEqual([])
  })

  it('is done once by two who begin the limit together', async () => {
    const sales = await givenSales()
    held = await holdTicketCount(sales)
    const other = openCataloguePool(db.url, testLogger)
    const both = [withCounts(catalogue, sales.limitTickets), withCounts(other, sales.limitTickets)]
    await waitForBlocked(db, { by: held })
    await held.release()
    await Promise.all(both)
    await other.close()
    expect(await findViolations(db)).toEqual([])
  })
})

it('counting who redeemed a promo code keeps nobody waiting who redeems it', async () => {
  const sales = await givenSales()
  held = await holdLock(
    db,
    `insert into promo_code_customers (promo_code_id, customer_key, redeemed) values ($1, 'o:ada', 7)`,
    [sales.promoCodeId],
  )
  const limiting = withCounts(catalogue, sales.limitCode)
  await waitForBlocked(db, { by: held })
  expect(await decided(sales, sales.order('bob', 1))).toBe('booked')
  const { reference } = sales.ada
  await cancelBooking(openLifecycle(db), { reference, caller: buyerOf(sales.ada), requestId: 'test', keyed: null })
  await held.release()
  await limiting
  expect(await findViolations(db)).toEqual([])
  expect(await decided(sales, sales.order('bob', 1))).toBe('promo_exhausted')
  expect(await decided(sales, sales.order('ada', 1))).toBe('booked')
})

// This is the last test, because no request made these bookings.
it('counting goes page by page, and finds all', async () => {
  const sales = await givenSales()
  await db.database.pool.query(
    `with many as (
       select gen_random_uuid() as id, translate(lpad(i::text, 8, '0'), '0123456789', 'ABCDEFGHJK') as reference, i
       from generate_series(1, 12001) i
     ), booked as (
       insert into bookings (id, reference, request_id, resource_id, organizer_id, owner, customer_name, customer_email,
         customer_keys, status, payment_status, currency, subtotal, discount, fee, total, confirmed_at, created_at,
         updated_at)
       select id, reference, id, $1, $2, 'crowd', 'A', 'a@example.org', array['o:' || i % 7000, 'e:' || i % 7000],
         'confirmed', 'completed', 'EUR', 0, 0, 0, 0, now(), now(), now() from many
     ), issued as (
       insert into tickets (id, booking_id, resource_id, ordinal, ticket_type_id)
       select gen_random_uuid(), id, $1, 0, $3::uuid from many
     ), sold as (
       update ticket_type_state set sold = sold + 12001 where ticket_type_id = $3
     )
     insert into booking_items (booking_id, position, ticket_type_id, quantity, unit_price, discount)
     select id, 1, $3::uuid, 1, 0, 0 from many`,
    [sales.eventId, sales.organizerId, sales.ticketTypeId],
  )
  await withCounts(catalogue, sales.limitTickets)
  const { rows } = await db.database.pool.query<{ keys: number; held: number }>(
    'select count(*)::int as keys, sum(quantity)::int as held from ticket_type_customers where ticket_type_id = $1',
    [sales.ticketTypeId],
  )
  expect(rows).toEqual([{ keys: 2 * 7_000 + 4, held: 2 * (12_001 + 3) }])
})
