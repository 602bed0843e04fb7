import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { book, BoxofficeClient } from '@boxoffice/client'
import { givenEvent, givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { startProcess, type TestApi, type TestProcess } from '../support/process.ts'
import { signTestToken, TEST_SECRETS } from '../support/tokens.ts'

/**
 * Well-formed requests that cannot be met: a recorded refusal, or 404 for what does not exist. They run on real
 * processes.
 */

const DAY_MS = 24 * 60 * 60 * 1_000
const CUSTOMER = { name: 'Ada', email: 'ada@example.org' }
type Wanted = { seats: string[]; expectedTotal?: number } | { tickets: { ticketTypeId: string; quantity: number }[] }
const NOBODY = '0199a000-0000-7000-8000-00000000dead'

let api: TestApi
let worker: TestProcess
let token: string

const db = sharedDatabase()
beforeAll(async () => {
  const environment = { DATABASE_URL: db.url, LOG_LEVEL: 'error', ...TEST_SECRETS }
  ;[api, worker] = await Promise.all([startProcess('api', environment), startProcess('worker', environment)])
  token = await signTestToken('customer')
})
afterAll(() => Promise.all([api.stop(), worker.stop()]))

function post(body: object): Promise<Response> {
  return fetch(`${api.url}/v1/booking-requests`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', prefer: 'wait=20' },
    body: JSON.stringify({ customer: CUSTOMER, ...body }),
  })
}

/** Returns the refusal of a request that was accepted and decided, as the typed client reports it. */
async function refusalOf(type: 'showtime' | 'event', id: string, what: Wanted) {
  const client = new BoxofficeClient({ baseUrl: api.url, token })
  const outcome = await book(client, { resource: { type, id }, customer: CUSTOMER, ...what })
  expect(outcome).toMatchObject({ state: 'refused', booking: null })
  return outcome.refusal
}

async function storedRows(): Promise<unknown> {
  const { rows } = await db.database.pool.query(
    `select (select count(*)::int from bookings) as bookings, (select count(*)::int from booking_items) as items,
       (select count(*)::int from seat_allocations) as seats, (select count(*)::int from tickets) as tickets,
       (select coalesce(sum(sold), 0)::int from ticket_type_state) as sold`,
  )
  return rows[0]
}

describe('a showtime', () => {
  it.each([
    ['a seat twice', ['A1', 'A1'], 'duplicate_seat'],
    ['a seat that is not there', ['Z99'], 'invalid_seat'],
    ['a blocked seat', ['A2'], 'seat_disabled'],
    ['more seats than one may have', ['A1', 'A3', 'A4', 'A5'], 'quantity_out_of_range'],
  ])('refuses %s', async (_, seats, code) => {
    const { showtimeId } = await givenShowtime(db.database, { disabledSeats: ['A2'], maxSeatsPerBooking: 3 })
    expect(await refusalOf('showtime', showtimeId, { seats })).toMatchObject({ code })
  })

  it('that is not published, or is over, is refused', async () => {
    const draft = await givenShowtime(db.database, { status: 'draft' })
    const over = await givenShowtime(db.database, { startsAt: new Date(Date.now() - DAY_MS) })
    expect(await refusalOf('showtime', draft.showtimeId, { seats: ['A1'] })).toMatchObject({ code: 'not_on_sale' })
    expect(await refusalOf('showtime', over.showtimeId, { seats: ['A1'] })).toMatchObject({ code: 'in_the_past' })
  })

  it('refuses a price that is not the expected one, and says which it is', async () => {
    const { showtimeId } = await givenShowtime(db.database, { price: 1_000 })
    const refusal = await refusalOf('showtime', showtimeId, { seats: ['A1'], expectedTotal: 1_000 })
    expect(refusal).toMatchObject({ code: 'price_changed', total: 1_030 })
  })
})

describe('an event', () => {
  it('adds up repeated ticket types before it looks at limits and capacity', async () => {
    const event = await givenEvent(db.database, { ticketTypes: [{ capacity: 3, maxPerBooking: 4 }] })
    const [ticketTypeId = ''] = event.ticketTypeIds
    const tickets = (...quantities: number[]) => ({
      tickets: quantities.map((quantity) => ({ ticketTypeId, quantity })),
    })
    expect(await refusalOf('event', event.eventId, tickets(3, 2))).toMatchObject({ code: 'quantity_out_of_range' })
    expect(await refusalOf('event', event.eventId, tickets(2, 2))).toMatchObject({
      code: 'tickets_unavailable',
      ticketTypes: [{ id: ticketTypeId, available: 3 }],
    })
  })

  it('knows no ticket type of another event', async () => {
    const [one, other] = [await givenEvent(db.database), await givenEvent(db.database)]
    const [ticketTypeId = ''] = other.ticketTypeIds
    const tickets = [{ ticketTypeId, quantity: 1 }]
    expect(await refusalOf('event', one.eventId, { tickets })).toMatchObject({ code: 'unknown_ticket_type' })
  })
})

describe('a resource that does not exist', () => {
  it('is 404, also under the id of the other kind, and no request is stored', async () => {
    const { showtimeId } = await givenShowtime(db.database)
    const event = await givenEvent(db.database)
    const tickets = [{ ticketTypeId: event.ticketTypeIds[0], quantity: 1 }]
    const count = async () => (await db.database.pool.query('select from booking_requests')).rowCount
    const before = await count()
    for (const body of [
      { resource: { type: 'showtime', id: NOBODY }, seats: ['A1'] },
      { resource: { type: 'showtime', id: event.eventId }, seats: ['A1'] },
      { resource: { type: 'event', id: showtimeId }, tickets },
    ]) {
      const response = await post(body)
      expect(response.status).toBe(404)
      expect(response.headers.get('content-type')).toBe('application/problem+json')
      expect(await response.json()).toMatchObject({ status: 404, code: 'not_found' })
    }
    expect(await count()).toBe(before)
  })
})

it('nothing of all this left a booking, a seat or a ticket behind', async () => {
  expect(await storedRows()).toEqual({ bookings: 0, items: 0, seats: 0, tickets: 0, sold: 0 })
})
