import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { MAX_PRICE } from '@boxoffice/core/domain/money/money.ts'
import {
  auditorium,
  managedEvent,
  managedShowtime,
  movieDetails,
  venue,
} from '@boxoffice/contract/schemas/management.ts'
import { givenEvent, givenOrganizer, givenShowtime } from '../support/catalogue.ts'
import { signTestToken } from '../support/tokens.ts'
import { expectBody, problemSchema, sharedLifecycleApp } from './start-lifecycle-app.ts'

// The refusals of the catalogue, and their sentences.

let organizerId: string
let organizer: string
const app = sharedLifecycleApp({ environment: { MAX_TICKETS_PER_BOOKING: '10000' } })
beforeAll(async () => {
  organizerId = (await givenOrganizer(app.db.database)).organizerId
  organizer = await signTestToken('organizer', { organizerId })
})

const send = (method: string, path: string, body?: unknown) => app.send(method, path, { token: organizer, body })

async function make<Schema extends z.ZodType>(schema: Schema, path: string, body: unknown) {
  const answer = await send('POST', path, body)
  expect([answer.status, answer.text]).toEqual([201, answer.text])
  return expectBody(schema, answer)
}

/** Returns a refusal's status, code, sentences by pointer, and the rest of it. */
async function refused(answer: ReturnType<typeof send>) {
  const { status, body, text } = await answer
  const problem = problemSchema.safeParse(body)
  if (!problem.success) throw new Error(`not refused: ${status} ${text}`)
  const { code, detail, errors, ...facts } = problem.data
  const said = Object.fromEntries(errors.map(({ pointer, detail: sentence }) => [pointer, sentence]))
  // No pointer twice, and none in its own sentence.
  expect(Object.keys(said)).toHaveLength(errors.length)
  for (const [pointer, sentence] of Object.entries(said)) if (pointer !== '') expect(sentence).not.toContain(pointer)
  return { status, code, detail, said, facts }
}

const HOUR_MS = 3_600_000
const PAST = new Date(Date.now() - HOUR_MS).toISOString()
const prices = [{ category: 'Standard', price: 1200 }]
const layout = {
  categories: ['Standard'],
  rows: [{ label: 'A', seats: [{ number: 1, x: 0, y: 0, category: 'Standard' }] }],
}

async function givenHouse(durationMinutes = 120) {
  const { id: venueId } = await make(venue, '/v1/venues', { name: 'Farol', timeZone: 'Europe/Lisbon' })
  const { id: auditoriumId } = await make(auditorium, '/v1/auditoriums', { venueId, name: 'One' })
  expect((await send('PUT', `/v1/auditoriums/${auditoriumId}/layout`, layout)).status).toBe(201)
  const { id: movieId } = await make(movieDetails, '/v1/movies', { title: 'The Third Man', durationMinutes })
  return { venueId, auditoriumId, movieId, currency: 'EUR', prices }
}

const event = {
  title: 'Winter Lights',
  venue: 'The Park',
  timeZone: 'Europe/Lisbon',
  startsAt: '2040-12-27T18:00:00Z',
  endsAt: '2040-12-28T18:00:00Z',
  currency: 'EUR',
  ticketTypes: [{ name: 'Saturday', price: 3900, capacity: 10 }],
}

describe('a layout', () => {
  test('with two seats at one place or a row without seats is refused', async () => {
    const { auditoriumId } = await givenHouse()
    const seat = { number: 1, x: 0, y: 0, category: 'Standard' }
    const rows = [
      { label: 'A', seats: [seat, { ...seat, number: 2 }] },
      { label: 'B', seats: [] },
      { label: 'C', seats: [seat] },
    ]
    const { status, code, said } = await refused(
      send('PUT', `/v1/auditoriums/${auditoriumId}/layout`, { ...layout, rows }),
    )
    expect([status, code]).toEqual([400, 'invalid_request'])
    expect(said).toEqual({
      '/rows/0/seats/1': 'Row 1 (A), seat 2: it has the same x and y as seat 1 of row A.',
      '/rows/1/seats': 'Row 2 (B): it has no seats.',
      '/rows/2/seats/0': 'Row 3 (C), seat 1: it has the same x and y as seat 1 of row A.',
    })
  })

  test('has mistakes of form and of rule named in one answer', async () => {
    const { auditoriumId } = await givenHouse()
    const seat = { number: 1, x: 0, y: 0, category: 'Standard' }
    const rows = [
      { label: 'A', seats: [seat, { ...seat, number: true }, { ...seat, number: 3, colour: 'red' }] },
      { label: ' ', seats: [{ ...seat, y: 1, category: 'Box' }] },
    ]
    const { said } = await refused(send('PUT', `/v1/auditoriums/${auditoriumId}/layout`, { ...layout, rows }))
    expect(Object.keys(said).toSorted()).toEqual([
      '/rows/0/seats/1/number',
      '/rows/0/seats/2',
      '/rows/0/seats/2/colour',
      '/rows/1/label',
      '/rows/1/seats/0/category',
    ])
    expect(said['/rows/1/seats/0/category']).toBe('Row 2 ( ), seat 1: there is no category Box in this layout.')
  })
})

describe('the past', () => {
  test('is refused to what is on sale, and to nothing else', async () => {
    const { venueId: _, ...show } = await givenHouse()
    const movable = [
      [
        '/v1/showtimes',
        'active',
        { ...show, startsAt: PAST },
        'A showtime on sale can only be moved to a time in the future.',
      ],
      [
        '/v1/events',
        'published',
        { ...event, startsAt: PAST },
        'An event on sale can only be moved to a time in the future.',
      ],
    ] as const
    for (const [path, status, body, detail] of movable) {
      // Drafts begin whenever they like, also once they are put on sale: bookings are refused as `in_the_past`.
      const { id } = await make(z.object({ id: z.string() }), path, body)
      expect((await send('PATCH', `${path}/${id}`, { status })).status).toBe(200)
      const ahead = { ...body, startsAt: '2040-12-27T18:00:00Z', status }
      const { id: onSale } = await make(z.object({ id: z.string() }), path, ahead)
      expect(await refused(send('PATCH', `${path}/${onSale}`, { startsAt: PAST }))).toMatchObject({
        status: 400,
        said: { '/startsAt': detail },
      })
    }
  })
})

describe('a sale window', () => {
  const window = { salesStartAt: '2040-11-01T09:00:00.000Z', salesEndAt: '2040-12-24T18:00:00.000Z' }
  const wrongOrder = { '/salesEndAt': 'Must be after salesStartAt.' }
  const sale = z.looseObject({ id: z.string(), salesStartAt: z.string().nullable(), salesEndAt: z.string().nullable() })

  test.each(['/v1/showtimes', '/v1/events'])('is set, changed and taken away: %s', async (path) => {
    const { venueId: _, ...house } = await givenHouse()
    const show = { ...house, startsAt: '2040-12-24T20:00:00Z', status: 'active' }
    const body = path === '/v1/events' ? { ...event, status: 'published' } : show
    // The end of the public sale where none is set, as the public sees it.
    const standard = path === '/v1/events' ? '2040-12-28T18:00:00.000Z' : '2040-12-24T20:15:00.000Z'
    const publicly = async (id: string) => (await send('GET', `${path}/${id}`)).body

    const plain = await make(sale, path, body)
    expect(plain).toMatchObject({ salesStartAt: null, salesEndAt: null, onSale: true })
    expect(await publicly(plain.id)).toMatchObject({ salesStartAt: null, salesEndAt: standard, onSale: true })

    const made = await make(sale, path, { ...body, ...window })
    expect(made).toMatchObject({ ...window, onSale: false })
    expect(await publicly(made.id)).toMatchObject({ ...window, onSale: false })
    const change = async (changes: object) => expectBody(sale, await send('PATCH', `${path}/${made.id}`, changes))
    expect(await change({ salesStartAt: PAST })).toMatchObject({ salesStartAt: PAST, onSale: true })
    expect(await change({ salesStartAt: null, salesEndAt: null })).toMatchObject({
      salesStartAt: null,
      salesEndAt: null,
    })
    expect(await publicly(made.id)).toMatchObject({ salesEndAt: standard, onSale: true })
    // Later than what is sold ends: nothing is sold then.
    await change({ salesEndAt: '2041-01-01T00:00:00Z' })
    const end = path === '/v1/events' ? standard : '2040-12-24T22:00:00.000Z'
    expect(await publicly(made.id)).toMatchObject({ salesEndAt: end })
  })

  test.each(['/v1/showtimes', '/v1/events'])(
    'ends after it starts, also where one of both is changed: %s',
    async (path) => {
      const { venueId: _, ...house } = await givenHouse()
      const body = path === '/v1/events' ? event : { ...house, startsAt: '2040-12-24T20:00:00Z' }
      const backwards = { salesStartAt: window.salesEndAt, salesEndAt: window.salesStartAt }
      expect(await refused(send('POST', path, { ...body, ...backwards }))).toMatchObject({
        status: 400,
        said: wrongOrder,
      })
      const { id } = await make(sale, path, { ...body, ...window })
      for (const change of [{ salesStartAt: '2040-12-24T18:00:00Z' }, { salesEndAt: '2040-11-01T09:00:00Z' }]) {
        expect(await refused(send('PATCH', `${path}/${id}`, change))).toMatchObject({ status: 400, said: wrongOrder })
      }
    },
  )

  test('of a recurring set is the same for all of it', async () => {
    const { venueId: _, ...house } = await givenHouse()
    const recurrence = { days: ['fr'], times: ['20:00'], from: '2040-12-01', until: '2040-12-14' }
    const set = z.object({ items: z.array(sale) })
    const { items } = await make(set, '/v1/showtimes/batch', { ...house, ...window, recurrence })
    expect(items).toHaveLength(2)
    for (const item of items) expect(item).toMatchObject(window)
  })
})

describe('a price', () => {
  const atMost = `Must be at most ${MAX_PRICE}.`

  test('has a highest value, wherever it is set', async () => {
    const { venueId: _, ...show } = await givenHouse()
    const priced = (price: number) => [{ category: 'Standard', price }]
    const startsAt = '2040-01-01T20:00:00Z'
    const dear = await refused(send('POST', '/v1/showtimes', { ...show, startsAt, prices: priced(MAX_PRICE + 1) }))
    expect(dear).toMatchObject({ status: 400, said: { '/prices/0/price': atMost } })
    const made = await make(managedShowtime, '/v1/showtimes', { ...show, startsAt, prices: priced(MAX_PRICE) })
    const change = { prices: priced(MAX_PRICE + 1) }
    expect(await refused(send('PATCH', `/v1/showtimes/${made.id}`, change))).toMatchObject({
      said: { '/prices/0/price': atMost },
    })
    const type = { name: 'VIP', price: MAX_PRICE + 1, capacity: 1 }
    expect(await refused(send('POST', '/v1/events', { ...event, ticketTypes: [type] }))).toMatchObject({
      status: 400,
      said: { '/ticketTypes/0/price': atMost },
    })
    const { id, ticketTypes } = await make(managedEvent, '/v1/events', event)
    expect(await refused(send('POST', `/v1/events/${id}/ticket-types`, type))).toMatchObject({
      said: { '/price': atMost },
    })
    const path = `/v1/events/${id}/ticket-types/${ticketTypes[0]?.id}`
    expect(await refused(send('PATCH', path, { price: 1e20 }))).toMatchObject({ said: { '/price': atMost } })
  })

  test('of the highest can be booked, as many as a booking takes, with the highest fee', async () => {
    const given = await givenEvent(app.db.database, {
      feeBasisPoints: 10_000,
      ticketTypes: Array.from({ length: 20 }, () => ({
        price: MAX_PRICE,
        capacity: 1_000,
        minPerBooking: 500,
        maxPerBooking: 500,
      })),
    })
    const tickets = given.ticketTypeIds.map((ticketTypeId) => ({ ticketTypeId, quantity: 500 }))
    const { reference, token } = await app.book({ resource: { type: 'event', id: given.eventId }, tickets })
    const booking = await app.send('GET', `/v1/bookings/${reference}`, { token })
    expect(booking.body).toMatchObject({ subtotal: 10_000 * MAX_PRICE, total: 20_000 * MAX_PRICE })
    expect(20_000 * MAX_PRICE).toBeLessThan(Number.MAX_SAFE_INTEGER / 10)
  })
})

describe('a ticket type', () => {
  test('is one of a hundred at the most: every decision about the event reads them all', async () => {
    const types = Array.from({ length: 99 }, (_, index) => ({ name: `Type ${index}`, price: 1, capacity: 1 }))
    const { id } = await make(managedEvent, '/v1/events', { ...event, ticketTypes: types })
    const add = () => send('POST', `/v1/events/${id}/ticket-types`, { name: 'One more', price: 1, capacity: 1 })
    expect((await add()).status).toBe(201)
    expect(await refused(add())).toMatchObject({ status: 400, said: { '': 'An event has at most 100 ticket types.' } })
  })

  test('that is older than the rules can be changed otherwise', async () => {
    const { id, ticketTypes } = await make(managedEvent, '/v1/events', event)
    await app.db.database.pool.query(
      `update ticket_types set name = E'a\\u200Bb', price = 90000000000 where event_id = $1`,
      [id],
    )
    const changed = await send('PATCH', `/v1/events/${id}/ticket-types/${ticketTypes[0]?.id}`, { capacity: 5 })
    expect([changed.status, changed.text]).toEqual([200, changed.text])
  })
})

describe('a name', () => {
  test.each([
    ['U+202E', 'Film\u202Emlif'],
    ['U+2066', 'Film\u2066'],
    ['U+200B', 'Fi\u200Blm'],
    ['U+FEFF', 'Fi\uFEFFlm'],
    ['a joiner between Latin letters', 'Fi\u200Dlm'],
  ])('with %s is refused, of whatever an organizer publishes', async (_what, name) => {
    const { venueId, movieId } = await givenHouse()
    const calls: [string, string, Record<string, unknown>, string][] = [
      ['POST', '/v1/venues', { name, timeZone: 'UTC' }, '/name'],
      ['PATCH', `/v1/venues/${venueId}`, { name }, '/name'],
      ['POST', '/v1/auditoriums', { name, venueId }, '/name'],
      ['POST', '/v1/movies', { title: name, durationMinutes: 1 }, '/title'],
      ['PATCH', `/v1/movies/${movieId}`, { title: name }, '/title'],
      ['POST', '/v1/events', { ...event, title: name }, '/title'],
      ['POST', '/v1/events', { ...event, venue: name }, '/venue'],
      ['POST', '/v1/events', { ...event, ticketTypes: [{ name, price: 1, capacity: 1 }] }, '/ticketTypes/0/name'],
    ]
    for (const [method, path, body, pointer] of calls) {
      const { status, said } = await refused(send(method, path, body))
      expect([path, status, said]).toEqual([
        path,
        400,
        { [pointer]: 'Must not contain invisible characters or characters that reverse text.' },
      ])
    }
    const customer = { name, email: 'ada@example.org' }
    const { showtimeId } = await givenShowtime(app.db.database, { organizerId })
    const order = { resource: { type: 'showtime', id: showtimeId }, seats: ['A1'], customer }
    // A buyer did not choose what their telephone sends, and cannot look at it again.
    expect((await send('POST', '/v1/booking-requests', order)).status).toBe(202)
  })

  test('may have an emoji, and what its script needs', async () => {
    for (const title of ['Fireworks 👨‍👩‍👧 🎆', 'می‌خواهم', 'ශ්‍රී']) {
      expect((await make(movieDetails, '/v1/movies', { title, durationMinutes: 1 })).title).toBe(title)
    }
  })
})

describe('what is said', () => {
  test('of a field that is known and stays', async () => {
    const { venueId, auditoriumId, movieId, ...terms } = await givenHouse()
    const show = await make(managedShowtime, '/v1/showtimes', {
      ...terms,
      auditoriumId,
      movieId,
      startsAt: '2040-01-01T20:00:00Z',
    })
    const fixed = 'Cannot be changed.'
    const patch = (path: string, body: unknown) => refused(send('PATCH', path, body)).then(({ said }) => said)
    expect(await patch(`/v1/showtimes/${show.id}`, { currency: 'USD', movieId, auditoriumId, surprise: 1 })).toEqual({
      '/currency': fixed,
      '/movieId': fixed,
      '/auditoriumId': fixed,
      '/surprise': 'Unknown field.',
    })
    expect(await patch(`/v1/auditoriums/${auditoriumId}`, { venueId, layoutVersion: 1 })).toEqual({
      '/venueId': fixed,
      '/layoutVersion': fixed,
    })
    const made = await make(managedEvent, '/v1/events', event)
    expect(await patch(`/v1/events/${made.id}`, { currency: 'USD', ticketTypes: [] })).toEqual({
      '/currency': fixed,
      '/ticketTypes': 'Ticket types are added and changed one by one, under `…/ticket-types`.',
    })
    expect(await patch(`/v1/organizers/${organizerId}`, { id: made.id })).toEqual({ '/id': fixed })
  })

  test('of a price that names its category as seat maps do', async () => {
    const { venueId: _, ...show } = await givenHouse()
    const named = { ...show, startsAt: '2040-01-01T20:00:00Z', prices: [{ name: 'Standard', price: 1 }] }
    expect((await refused(send('POST', '/v1/showtimes', named))).said).toEqual({
      '/prices/0/name': 'Unknown field; a price names its category by `category` or `categoryId`.',
    })
  })

  test('of what only the services look at, without its pointer', async () => {
    expect((await refused(send('POST', '/v1/venues', { name: 'Farol', timeZone: 'Lisbon/Europe' }))).said).toEqual({
      '/timeZone': 'Must be an IANA time zone such as Europe/Lisbon.',
    })
    const backwards = { ...event, endsAt: event.startsAt, currency: 'XXX' }
    expect((await refused(send('POST', '/v1/events', backwards))).said).toEqual({
      '/endsAt': 'Must be after startsAt.',
      '/currency': 'Must be an ISO 4217 currency, not XXX.',
    })
  })

  test('of a seat whose category has no price', async () => {
    const { showtimeId } = await givenShowtime(app.db.database, {
      rows: 2,
      categories: [{ name: 'Front', price: 1 }, { name: 'Back' }],
    })
    const quote = { resource: { type: 'showtime', id: showtimeId }, seats: ['A1', 'B1'] }
    expect((await send('POST', '/v1/quotes', quote)).body).toMatchObject({
      bookable: false,
      refusal: { code: 'seat_disabled', seats: ['B1'], detail: 'Not on sale at this showtime: B1.' },
    })
  })
})

describe('the audit', () => {
  test.each(['nonsense', 'nonsense:01890000-0000-7000-8000-000000000001', 'nonsense:'])(
    'knows no %s, and says what it knows',
    async (entity) => {
      const { status, said } = await refused(send('GET', `/v1/audit?entity=${entity}`))
      expect([status, said['/entity']]).toEqual([400, expect.stringMatching(/^There is no kind nonsense\. .*showtime/)])
    },
  )

  test('knows everything that it has', async () => {
    await make(managedEvent, '/v1/events', event)
    const { rows } = await app.db.database.pool.query<{ entity: string }>('select distinct entity from audit')
    expect(rows.length).toBeGreaterThan(5)
    for (const { entity } of [...rows, { entity: 'lane' }, { entity: 'api_key' }, { entity: 'webhook_endpoint' }]) {
      expect([entity, (await send('GET', `/v1/audit?entity=${entity}`)).status]).toEqual([entity, 200])
    }
  })
})
