import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { feedPage } from '@boxoffice/contract/schemas/feed.ts'
import { cancellation } from '@boxoffice/contract/schemas/management-parts.ts'
import { layout, layoutVersion } from '@boxoffice/contract/schemas/management-layout.ts'
import {
  auditorium,
  managedEvent,
  managedShowtime,
  managedTicketType,
  movieDetails,
  organizer as organizerSchema,
  promoCode,
  venue,
} from '@boxoffice/contract/schemas/management.ts'
import { cancelResources } from '@boxoffice/core/bookings/cancel-resources.ts'
import { publishOutgoingEvents } from '@boxoffice/core/outbox/publish-outgoing-events.ts'
import { givenEvent, givenOrganizer, givenShowtime } from '../support/catalogue.ts'
import { eventually } from '../support/eventually.ts'
import { signTestToken } from '../support/tokens.ts'
import { expectBody, problemSchema, sharedLifecycleApp } from './start-lifecycle-app.ts'

let organizerId: string
let organizer: string
let other: string
let admin: string
const app = sharedLifecycleApp()
beforeAll(async () => {
  admin = await signTestToken('admin')
})
beforeEach(async () => {
  organizerId = (await givenOrganizer(app.db.database)).organizerId
  organizer = await signTestToken('organizer', { organizerId })
  other = await signTestToken('organizer', { organizerId: (await givenOrganizer(app.db.database)).organizerId })
})

const send = (method: string, path: string, body?: unknown, token: string = organizer, key?: string) =>
  app.send(method, path, { token, body, ...(key !== undefined && { headers: { 'Idempotency-Key': key } }) })

async function make<Schema extends z.ZodType>(schema: Schema, path: string, body: unknown, token = organizer) {
  const answer = await send('POST', path, body, token)
  expect([answer.status, answer.text]).toEqual([201, answer.text])
  return expectBody(schema, answer)
}

/** Returns a refusal's status, code and pointers. */
async function refused(answer: ReturnType<typeof send>) {
  const { status, body, text } = await answer
  const problem = problemSchema.safeParse(body)
  if (!problem.success) throw new Error(`not refused: ${status} ${text}`)
  const { code, errors, ...facts } = problem.data
  return { status, code, at: errors.map(({ pointer }) => pointer), details: errors.map((error) => error.detail), facts }
}

const actionsOf = async (entityId: string) => {
  const { rows } = await app.db.database.pool.query<{ action: string; before: unknown; after: unknown }>(
    `select a.action, a.before, a.after from audit a join outbox o on o.id = a.id and o.type = a.action
     where a.entity_id = $1 order by o.entity_seq`,
    [entityId],
  )
  return rows
}

/** Reads the outgoing events about one thing, in the order in which they are published. */
const eventsOf = async (entityId: string) => {
  const { rows } = await app.db.database.pool.query<{ seq: number; type: string }>(
    'select entity_seq as seq, type from outbox where entity_id = $1 order by at, id',
    [entityId],
  )
  return rows
}

const seating = (seats: number, more: Record<string, unknown> = {}) => ({
  categories: ['Standard', 'Balcony'],
  rows: [
    {
      label: 'A',
      seats: Array.from({ length: seats }, (_, at) => ({ number: at + 1, x: at, y: 0, category: 'Standard' })),
    },
    { label: 'B', seats: [{ number: 1, x: 0.1, y: 1, category: 'Balcony', accessible: true }] },
  ],
  ...more,
})

async function givenHouse(seats = 4) {
  const { id: venueId } = await make(venue, '/v1/venues', { name: 'Farol', timeZone: 'Europe/Berlin' })
  const { id: auditoriumId } = await make(auditorium, '/v1/auditoriums', { venueId, name: 'One' })
  const imported = await send('PUT', `/v1/auditoriums/${auditoriumId}/layout`, seating(seats))
  expect([imported.status, imported.text]).toEqual([201, imported.text])
  const { id: movieId } = await make(movieDetails, '/v1/movies', { title: 'The Third Man', durationMinutes: 104 })
  return { venueId, auditoriumId, movieId }
}

const prices = [
  { category: 'Standard', price: 1200 },
  { category: 'Balcony', price: null },
]

async function givenShow(more: Record<string, unknown> = {}, seats = 4) {
  const { auditoriumId, movieId } = await givenHouse(seats)
  return make(managedShowtime, '/v1/showtimes', {
    auditoriumId,
    movieId,
    startsAt: '2040-12-24T20:00:00+01:00',
    currency: 'EUR',
    status: 'active',
    prices,
    ...more,
  })
}

const event = {
  title: 'Winter Lights',
  venue: 'The Park',
  timeZone: 'Europe/Lisbon',
  startsAt: '2040-12-27T18:00:00Z',
  endsAt: '2040-12-28T18:00:00Z',
  status: 'published',
  currency: 'EUR',
  ticketTypes: [{ name: 'Saturday', price: 3900, capacity: 10 }],
}

describe('organizers', () => {
  test('are made by admins, and read and renamed by themselves, but for the fee', async () => {
    const made = await make(organizerSchema, '/v1/organizers', { name: 'New', feeBasisPoints: 250 }, admin)
    expect((await send('POST', '/v1/organizers', { name: 'No' })).status).toBe(403)
    const own = await signTestToken('organizer', { organizerId: made.id })
    expect(expectBody(organizerSchema, await send('GET', `/v1/organizers/${made.id}`, undefined, own))).toEqual(made)
    expect(await refused(send('GET', `/v1/organizers/${made.id}`))).toMatchObject({ status: 404, code: 'not_found' })
    expect(await refused(send('PATCH', `/v1/organizers/${made.id}`, { feeBasisPoints: 0 }, own))).toMatchObject({
      status: 403,
    })
    const renamed = await send('PATCH', `/v1/organizers/${made.id}`, { name: 'Newer' }, own)
    expect(expectBody(organizerSchema, renamed)).toEqual({ ...made, name: 'Newer' })
    await send('PATCH', `/v1/organizers/${made.id}`, { feeBasisPoints: 100 }, admin)
    expect(await actionsOf(made.id)).toMatchObject([
      { action: 'organizer.created' },
      { action: 'organizer.updated', before: { name: 'New' }, after: { name: 'Newer' } },
      { action: 'organizer.updated', before: { feeBasisPoints: 250 }, after: { feeBasisPoints: 100 } },
    ])
    const list = z.object({ items: z.array(organizerSchema) })
    expect(expectBody(list, await send('GET', '/v1/organizers?limit=100', undefined, admin)).items).toContainEqual({
      ...made,
      name: 'Newer',
      feeBasisPoints: 100,
    })
  })
})

describe('whom the buyers of an organizer ask', () => {
  const contactEmail = 'farol@example.org'
  const own = (body: unknown, token?: string) => send('PATCH', `/v1/organizers/${organizerId}`, body, token)

  test('is set by admins and by itself, changed, and removed', async () => {
    const made = await make(organizerSchema, '/v1/organizers', { name: 'New', contactEmail }, admin)
    expect(made.contactEmail).toBe(contactEmail)
    expect((await make(organizerSchema, '/v1/organizers', { name: 'New' }, admin)).contactEmail).toBeNull()
    const steps: [unknown, string | null][] = [
      [{ contactEmail }, contactEmail],
      [{ name: 'Farol' }, contactEmail],
      // This is the form that mail servers use.
      [{ contactEmail: 'kino@exämple.org' }, 'kino@xn--exmple-cua.org'],
      [{ contactEmail: null }, null],
    ]
    for (const [body, now] of steps) expect(expectBody(organizerSchema, await own(body)).contactEmail).toBe(now)
    expect(expectBody(organizerSchema, await own({ contactEmail }, admin)).contactEmail).toBe(contactEmail)
  })

  test('is not for others to set', async () => {
    expect(await refused(own({ contactEmail }, other))).toMatchObject({ status: 404 })
    expect(await refused(own({ contactEmail }, await signTestToken('staff', { organizerId })))).toMatchObject({
      status: 403,
    })
  })

  test('is in neither the audit nor the events: a person may have the address', async () => {
    await own({ contactEmail })
    await own({ contactEmail: 'kino@example.org' })
    await own({ contactEmail: null })
    const actions = await actionsOf(organizerId)
    expect(actions.slice(1)).toEqual([
      { action: 'organizer.updated', before: { contactEmail: null }, after: { contactEmail: 'set' } },
      { action: 'organizer.updated', before: { contactEmail: 'set' }, after: { contactEmail: 'set' } },
      { action: 'organizer.updated', before: { contactEmail: 'set' }, after: { contactEmail: null } },
    ])
    const { id } = await make(organizerSchema, '/v1/organizers', { name: 'New', contactEmail }, admin)
    expect(await actionsOf(id)).toMatchObject([{ after: { name: 'New', contactEmail: 'set' } }])
    const { rows } = await app.db.database.pool.query('select 1 from outbox where payload::text like $1', ['%farol@%'])
    expect(rows).toEqual([])
  })

  test.each([
    'farol@example.org\r\nBcc: eve@example.org',
    'farol@example.org\n',
    '\rfarol@example.org',
    'farol@example.org\u2028',
    'farol\t@example.org',
    'farol@example.org, eve@example.org',
    'Farol <farol@example.org>',
    `${'f'.repeat(65)}@example.org`,
    `farol@${'example.'.repeat(40)}org`,
    'farol',
    '',
  ])('is one address and nothing else, so not %j', async (wrong) => {
    for (const [method, path, token] of [
      ['PATCH', `/v1/organizers/${organizerId}`, organizer],
      ['POST', '/v1/organizers', admin],
    ] as const) {
      const answer = send(method, path, { name: 'Farol', contactEmail: wrong }, token)
      expect(await refused(answer)).toMatchObject({ status: 400, at: ['/contactEmail'] })
    }
    const now = await send('GET', `/v1/organizers/${organizerId}`)
    expect(expectBody(organizerSchema, now).contactEmail).toBeNull()
  })
})

describe('the owner of a thing', () => {
  test('admins say for whom they make something, organizers need not, and cannot for another one', async () => {
    const body = { name: 'Farol', timeZone: 'Europe/Lisbon' }
    expect(await refused(send('POST', '/v1/venues', body, admin))).toMatchObject({ status: 400, at: ['/organizerId'] })
    expect((await make(venue, '/v1/venues', { ...body, organizerId }, admin)).organizerId).toBe(organizerId)
    expect((await make(venue, '/v1/venues', { ...body, organizerId })).organizerId).toBe(organizerId)
    expect(await refused(send('POST', '/v1/venues', { ...body, organizerId }, other))).toMatchObject({ status: 404 })
  })

  test('things of another organizer do not exist, to be read or changed or built on', async () => {
    const { venueId, auditoriumId, movieId } = await givenHouse()
    const show = await givenShow()
    const party = await make(managedEvent, '/v1/events', event)
    const code = await make(promoCode, '/v1/promo-codes', { code: 'X', kind: 'percent', value: 100 })
    const type = party.ticketTypes[0]?.id ?? ''
    const calls: [string, string, unknown?][] = [
      ['GET', `/v1/venues/${venueId}`],
      ['PATCH', `/v1/venues/${venueId}`, { name: 'Mine' }],
      ['POST', '/v1/auditoriums', { venueId, name: 'Mine' }],
      ['GET', `/v1/auditoriums/${auditoriumId}`],
      ['PATCH', `/v1/auditoriums/${auditoriumId}`, { name: 'Mine' }],
      ['PUT', `/v1/auditoriums/${auditoriumId}/layout`, seating(2)],
      ['GET', `/v1/auditoriums/${auditoriumId}/layout`],
      ['GET', `/v1/auditoriums/${auditoriumId}/layouts`],
      ['PATCH', `/v1/movies/${movieId}`, { title: 'Mine' }],
      ['POST', '/v1/showtimes', { movieId, auditoriumId, startsAt: '2040-01-01T00:00:00Z', currency: 'EUR', prices }],
      ['GET', `/v1/organizer/showtimes/${show.id}`],
      ['PATCH', `/v1/showtimes/${show.id}`, { status: 'draft' }],
      ['POST', `/v1/showtimes/${show.id}/cancel`, { reason: 'Mine' }],
      ['GET', `/v1/showtimes/${show.id}/cancellation`],
      ['GET', `/v1/organizer/events/${party.id}`],
      ['PATCH', `/v1/events/${party.id}`, { title: 'Mine' }],
      ['POST', `/v1/events/${party.id}/cancel`, { reason: 'Mine' }],
      ['POST', `/v1/events/${party.id}/ticket-types`, { name: 'Mine', price: 0, capacity: 1 }],
      ['PATCH', `/v1/events/${party.id}/ticket-types/${type}`, { price: 0 }],
      ['GET', `/v1/promo-codes/${code.id}`],
      ['PATCH', `/v1/promo-codes/${code.id}`, { active: false }],
      // An event is no showtime, whoever asks.
      ['POST', `/v1/showtimes/${party.id}/cancel`, { reason: 'Mine' }],
    ]
    const records = async () => {
      const { rows } = await app.db.database.pool.query('select count(*)::int as written from audit')
      return rows
    }
    const before = await records()
    for (const [method, path, body] of calls) {
      expect([method, path, (await send(method, path, body, other)).status]).toEqual([method, path, 404])
    }
    // Nor has the refused call done what it was refused.
    expect(await records()).toEqual(before)
    for (const list of [
      'venues',
      'auditoriums',
      'organizer/movies',
      'organizer/showtimes',
      'organizer/events',
      'promo-codes',
    ]) {
      const items = z.object({ items: z.array(z.unknown()) })
      expect(expectBody(items, await send('GET', `/v1/${list}`, undefined, other)).items).toEqual([])
      expect(expectBody(items, await send('GET', `/v1/${list}`)).items).not.toEqual([])
      const asAdmin = await send('GET', `/v1/${list}?organizerId=${organizerId}`, undefined, admin)
      expect(expectBody(items, asAdmin).items).toEqual(expectBody(items, await send('GET', `/v1/${list}`)).items)
      expect((await send('GET', `/v1/${list}?organizerId=${organizerId}`, undefined, other)).status).toBe(404)
    }
    expect(await refused(send('POST', `/v1/showtimes/${party.id}/cancel`, { reason: 'x' }))).toMatchObject({
      status: 404,
    })
  })

  test('lanes are for admins to choose', async () => {
    expect(await refused(send('POST', '/v1/events', { ...event, lane: 1 }))).toMatchObject({ status: 403 })
    const made = await make(managedEvent, '/v1/events', { ...event, organizerId, lane: 1 }, admin)
    expect(made.lane).toBe(1)
  })
})

describe('every POST', () => {
  test('under a key makes one thing, and says what it is now', async () => {
    const { auditoriumId, movieId, venueId } = await givenHouse()
    const show = { auditoriumId, movieId, currency: 'EUR', prices }
    const party = await make(managedEvent, '/v1/events', event)
    const calls: [string, Record<string, unknown>][] = [
      ['/v1/venues', { name: 'Keyed', timeZone: 'Europe/Lisbon' }],
      ['/v1/auditoriums', { venueId, name: 'Keyed' }],
      ['/v1/movies', { title: 'Keyed', durationMinutes: 1 }],
      ['/v1/showtimes', { ...show, startsAt: '2040-01-01T00:00:00Z' }],
      [
        '/v1/showtimes/batch',
        { ...show, recurrence: { days: ['mo'], times: ['20:00'], from: '2040-01-01', until: '2040-01-31' } },
      ],
      ['/v1/events', event],
      [`/v1/events/${party.id}/ticket-types`, { name: 'Keyed', price: 1, capacity: 1 }],
      ['/v1/promo-codes', { code: 'KEYED', kind: 'percent', value: 1 }],
      [`/v1/events/${party.id}/cancel`, { reason: 'Keyed' }],
    ]
    const keyOf = (path: string) => `once-${path}`
    for (const [path, body] of calls) {
      const first = await send('POST', path, body, organizer, keyOf(path))
      expect([path, first.status, first.text]).toEqual([path, path.endsWith('cancel') ? 202 : 201, first.text])
      expect(first.headers.get('Idempotency-Replayed')).toBeNull()
      const again = await send('POST', path, body, organizer, keyOf(path))
      expect(again.headers.get('Idempotency-Replayed')).toBe('true')
      expect([again.status, again.body]).toEqual([first.status, first.body])
      const another = { ...body, ...('reason' in body ? { reason: 'Other' } : { name: 'Other', title: 'Other' }) }
      const reused = await refused(send('POST', path, another, organizer, keyOf(path)))
      expect(['idempotency_key_reused', 'invalid_request']).toContain(reused.code)
    }
  })
})

describe('the seating of an auditorium', () => {
  test('comes out as it went in, and goes in again as the same version', async () => {
    const { auditoriumId } = await givenHouse()
    const path = `/v1/auditoriums/${auditoriumId}/layout`
    const exported = expectBody(layout, await send('GET', path))
    expect(exported.categories).toEqual(['Standard', 'Balcony'])
    expect(exported.rows[1]?.seats).toEqual([
      { number: 1, x: 0.1, y: 1, category: 'Balcony', disabled: false, accessible: true },
    ])
    const again = await send('PUT', path, exported)
    expect([again.status, expectBody(layoutVersion, again).version]).toEqual([200, 1])
    const same = await send('PUT', path, seating(4))
    expect([same.status, expectBody(layoutVersion, same).version]).toEqual([200, 1])

    const changed = await send('PUT', path, seating(6))
    expect([changed.status, expectBody(layoutVersion, changed).version]).toEqual([201, 2])
    expect(expectBody(layoutVersion, changed)).toMatchObject({
      rows: 2,
      seats: 7,
      categories: [{ seats: 6 }, { seats: 1 }],
    })
    expect(expectBody(layout, await send('GET', `${path}?version=1`))).toEqual(exported)
    expect(expectBody(layout, await send('GET', path)).rows[0]?.seats).toHaveLength(6)
    expect((await send('GET', `${path}?version=3`)).status).toBe(404)
    const versions = z.strictObject({ items: z.array(layoutVersion) })
    const listed = expectBody(versions, await send('GET', `${path}s`))
    expect(listed.items.map(({ version }) => version)).toEqual([2, 1])
    expect(expectBody(auditorium, await send('GET', `/v1/auditoriums/${auditoriumId}`)).layoutVersion).toBe(2)
    expect(expectBody(versions, await send('GET', `${path}s?before=2`)).items).toHaveLength(1)
  })

  test('is refused with every mistake, its row and its seat', async () => {
    const { auditoriumId } = await givenHouse()
    const put = (body: unknown) => refused(send('PUT', `/v1/auditoriums/${auditoriumId}/layout`, body))
    const seat = { number: 1, x: 0, y: 0, category: 'Standard' }
    const rules = await put({
      categories: ['Standard'],
      rows: [
        { label: 'A', seats: [seat, { ...seat, x: 1 }, { ...seat, number: 2, x: 2, category: 'Box' }] },
        { label: 'A\tB', seats: [{ ...seat, number: 0, y: 1 }] },
      ],
    })
    expect(rules).toMatchObject({ status: 400, code: 'invalid_request' })
    expect(Object.fromEntries(rules.at.map((pointer, index) => [pointer, rules.details[index]]))).toEqual({
      '/rows/0/seats/1/number': 'Row 1 (A), seat 1: the label A1 is used more than once.',
      '/rows/0/seats/2/category': 'Row 1 (A), seat 2: there is no category Box in this layout.',
      '/rows/1/label':
        "Row 2 (A\tB): a row's label is text of 1 to 20 characters, without control or invisible characters.",
      '/rows/1/seats/0/number':
        "Row 2 (A\tB), seat 0: a seat's number is an integer from 1 to 9999, or text of 1 to 20 characters, without control or invisible characters.",
    })

    const form = await put({
      categories: ['Standard'],
      rows: [
        {
          label: 'A',
          seats: [
            { ...seat, x: 'left' },
            { ...seat, number: true, colour: 'red' },
          ],
        },
        { seats: [] },
      ],
      name: 'One',
    })
    expect(form.at).toEqual([
      '/rows/0/seats/0/x',
      '/rows/0/seats/1/number',
      '/rows/0/seats/1/colour',
      '/rows/1/label',
      '/name',
      '/rows/1/seats',
    ])
    expect(form.details).toEqual([
      expect.stringMatching(/^Row 1 \(A\), seat 1: .*number/),
      expect.stringMatching(/^Row 1 \(A\), seat 2 of the row: /),
      'Row 1 (A), seat 2 of the row: Unknown field.',
      expect.stringMatching(/^Row 2: /),
      'Unknown field.',
      'Row 2: it has no seats.',
    ])
    expect((await put([])).status).toBe(400)
    expect((await put({})).at).toEqual(['/categories', '/rows'])
  })

  test('of 20,000 seats is taken', async () => {
    const { auditoriumId } = await givenHouse()
    const seats = (y: number) =>
      Array.from({ length: 200 }, (_, at) => ({ number: at + 1, x: (at * 4) / 3, y: y + 0.7, category: 'Standard' }))
    const label = (row: number) => String.fromCharCode(65 + Math.floor(row / 26)) + String.fromCharCode(65 + (row % 26))
    const rows = Array.from({ length: 100 }, (_, row) => ({ label: label(row), seats: seats(row) }))
    const path = `/v1/auditoriums/${auditoriumId}/layout`
    const imported = await send('PUT', path, { categories: ['Standard'], rows })
    expect([imported.status, imported.text]).toEqual([201, imported.text])
    expect((await send('PUT', path, (await send('GET', path)).body)).status).toBe(200)
    expect((await send('PUT', path, { categories: ['Standard'], rows })).status).toBe(200)
  })
})

describe('a showtime', () => {
  test('is a draft for nobody but its organizer until it is put on sale', async () => {
    const show = await givenShow({ status: 'draft' })
    expect(show).toMatchObject({
      startsAt: '2040-12-24T19:00:00.000Z',
      prices: [
        { category: 'Standard', price: 1200 },
        { category: 'Balcony', price: null },
      ],
      seats: { total: 4, sold: 0 },
      holdTtlMs: 600_000,
    })
    const publicly = async () => (await send('GET', `/v1/showtimes/${show.id}`)).status
    const availability = async () => (await send('GET', `/v1/showtimes/${show.id}/availability`)).status
    expect([await publicly(), await availability()]).toEqual([404, 404])
    const published = expectBody(managedShowtime, await send('PATCH', `/v1/showtimes/${show.id}`, { status: 'active' }))
    expect(published).toEqual({ ...show, status: 'active', onSale: true, version: show.version + 1 })
    expect([await publicly(), await availability()]).toEqual([200, 200])
    await send('PATCH', `/v1/showtimes/${show.id}`, { status: 'draft' })
    expect(await publicly()).toBe(404)
    await send('PATCH', `/v1/showtimes/${show.id}`, { status: 'active' })

    const resource = { type: 'showtime', id: show.id }
    await app.book({ resource, seats: ['A1'] })
    expect(await refused(send('PATCH', `/v1/showtimes/${show.id}`, { status: 'draft' }))).toMatchObject({
      status: 409,
      code: 'in_use',
    })
    expect((await actionsOf(show.id)).map(({ action }) => action)).toEqual([
      'showtime.created',
      'showtime.published',
      'showtime.unpublished',
      'showtime.published',
    ])
    const listed = z.object({ items: z.array(managedShowtime) })
    const path = '/v1/organizer/showtimes'
    const found = expectBody(listed, await send('GET', `${path}?status=active&from=2040-12-24T19:00:00Z`))
    expect(found.items).toMatchObject([{ id: show.id, seats: { total: 4, sold: 1 } }])
    expect(expectBody(listed, await send('GET', `${path}?to=2040-12-24T19:00:00Z`)).items).toEqual([])
    expect(expectBody(listed, await send('GET', `${path}?status=draft`)).items).toEqual([])
  })

  test('shows another price at once: in its seat map, its availability and what is booked', async () => {
    const show = await givenShow()
    const read = async (what: string) => {
      const answer = await send('GET', `/v1/showtimes/${show.id}/${what}`)
      const { categories } = z
        .object({ categories: z.array(z.object({ price: z.number().nullable() })) })
        .parse(answer.body)
      return { prices: categories.map(({ price }) => price), etag: answer.headers.get('etag') }
    }
    const before = [await read('seat-map'), await read('availability')]
    expect(before.map((seen) => seen.prices)).toEqual([
      [1200, null],
      [1200, null],
    ])
    const changed = await send('PATCH', `/v1/showtimes/${show.id}`, {
      prices: [
        { categoryId: show.prices[0]?.categoryId, price: 1500 },
        { category: 'Balcony', price: 2000 },
      ],
      maxSeatsPerBooking: 3,
    })
    expect([changed.status, changed.text]).toEqual([200, changed.text])
    const seatMap = await read('seat-map')
    expect(seatMap.prices).toEqual([1500, 2000])
    expect(seatMap.etag).not.toBe(before[0]?.etag)
    const { reference, token } = await app.book({ resource: { type: 'showtime', id: show.id }, seats: ['A1', 'B1'] })
    const booking = await send('GET', `/v1/bookings/${reference}`, undefined, token)
    expect(booking.body).toMatchObject({ subtotal: 3500 })
    // Nothing brings signals here, so the cache is checked again within a second.
    await eventually(async () => expect((await read('availability')).prices).toEqual([1500, 2000]))
    const { before: was, after: is } = (await actionsOf(show.id)).at(-1) ?? {}
    expect(was).toEqual({ maxSeatsPerBooking: 10, prices: { Standard: 1200, Balcony: null } })
    expect(is).toEqual({ maxSeatsPerBooking: 3, prices: { Standard: 1500, Balcony: 2000 } })
  })

  test('is not changed by a PATCH that says what is so already', async () => {
    const show = await givenShow()
    const actions = await actionsOf(show.id)
    const {
      status,
      maxSeatsPerBooking,
      startsAt,
      holdTtlMs,
      refundPolicy,
      checkInOpensMs,
      layoutVersion: version,
    } = show
    const same = {
      status,
      maxSeatsPerBooking,
      startsAt,
      holdTtlMs,
      refundPolicy,
      checkInOpensMs,
      layoutVersion: version,
      prices,
    }
    expect(expectBody(managedShowtime, await send('PATCH', `/v1/showtimes/${show.id}`, same))).toEqual(show)
    expect(expectBody(managedShowtime, await send('PATCH', `/v1/showtimes/${show.id}`, {}))).toEqual(show)
    expect(await actionsOf(show.id)).toEqual(actions)
  })

  test('moves to another version of the layout unless sold seats would be lost', async () => {
    const show = await givenShow()
    await app.book({ resource: { type: 'showtime', id: show.id }, seats: ['A2', 'A4'] })
    const layoutPath = `/v1/auditoriums/${show.auditorium.id}/layout`
    const version = async (body: unknown) => expectBody(layoutVersion, await send('PUT', layoutPath, body)).version
    const smaller = await version(seating(3))
    const disabled = seating(4)
    Object.assign(disabled.rows[0]?.seats[1] ?? {}, { disabled: true })
    const withBroken = await version(disabled)
    const move = (layoutVersion: number, more = {}) =>
      send('PATCH', `/v1/showtimes/${show.id}`, { layoutVersion, ...more })
    expect(await refused(move(smaller))).toMatchObject({
      status: 409,
      code: 'seats_sold',
      facts: { seats: ['A4'], count: 1 },
    })
    expect(await refused(move(withBroken))).toMatchObject({ status: 409, facts: { seats: ['A2'] } })
    expect(await refused(move(99))).toMatchObject({ status: 400, at: ['/layoutVersion'] })

    const larger = await version(seating(8))
    const moved = expectBody(managedShowtime, await move(larger))
    expect(moved).toMatchObject({
      layoutVersion: larger,
      seats: { total: 8, sold: 2 },
      prices: [
        { category: 'Standard', price: 1200 },
        { category: 'Balcony', price: null },
      ],
    })
    await app.book({ resource: { type: 'showtime', id: show.id }, seats: ['A8'] })
    const renamed = await version({ ...seating(8), categories: ['Standard', 'Balcony', 'Box'] })
    expect(await refused(move(renamed))).toMatchObject({ status: 400, at: ['/prices'] })
    expect((await move(renamed, { prices: [...prices, { category: 'Box', price: 1 }] })).status).toBe(200)
  })

  test('has every fault named at once', async () => {
    const { auditoriumId, movieId } = await givenHouse()
    const form = await refused(
      send('POST', '/v1/showtimes', {
        auditoriumId,
        movieId,
        startsAt: 'soon',
        currency: 'euro',
        prices: [{ price: -1 }],
        seats: 1,
      }),
    )
    expect(form.at.toSorted()).toEqual(['/currency', '/prices/0/price', '/seats', '/startsAt'])
    const priced = await refused(
      send('POST', '/v1/showtimes', {
        auditoriumId,
        movieId,
        startsAt: '2040-01-01T00:00:00Z',
        currency: 'EUR',
        prices: [
          { category: 'Box', price: 1 },
          { price: 1 },
          { category: 'Standard', price: 1 },
          { category: 'Standard', price: 2 },
        ],
      }),
    )
    expect(priced.at).toEqual(['/prices/0/category', '/prices/1', '/prices/3/category', '/prices'])
    const { id } = await make(auditorium, '/v1/auditoriums', {
      venueId: (await make(venue, '/v1/venues', { name: 'Bare', timeZone: 'Europe/Lisbon' })).id,
      name: 'Bare',
    })
    expect(
      await refused(
        send('POST', '/v1/showtimes', {
          auditoriumId: id,
          movieId,
          startsAt: '2040-01-01T00:00:00Z',
          currency: 'EUR',
          prices: [],
        }),
      ),
    ).toMatchObject({ status: 400, at: ['/auditoriumId'] })
  })

  test('that has begun keeps its time', async () => {
    const past = await givenShowtime(app.db.database, { organizerId, startsAt: new Date(Date.now() - 60_000) })
    const move = (id: string, startsAt: string) => refused(send('PATCH', `/v1/showtimes/${id}`, { startsAt }))
    expect(await move(past.showtimeId, '2040-01-01T00:00:00Z')).toMatchObject({ status: 409, code: 'not_on_sale' })
    const show = await givenShow()
    expect(await move(show.id, '2020-01-01T00:00:00Z')).toMatchObject({ status: 400, at: ['/startsAt'] })
    expect((await send('PATCH', `/v1/showtimes/${show.id}`, { startsAt: '2040-12-25T20:00:00Z' })).status).toBe(200)
  })
})

describe('a recurring set of showtimes', () => {
  const recurrence = { days: ['sa', 'su'], times: ['18:00', '21:00'], from: '2040-03-24', until: '2040-03-25' }

  test('is made at local times of the venue, all at once', async () => {
    const { auditoriumId, movieId } = await givenHouse()
    const body = { auditoriumId, movieId, currency: 'EUR', prices, status: 'active', recurrence }
    const made = await make(z.strictObject({ items: z.array(managedShowtime) }), '/v1/showtimes/batch', body)
    // In Berlin the clocks change in the night to the 25th.
    expect(made.items.map(({ startsAt }) => startsAt)).toEqual([
      '2040-03-24T17:00:00.000Z',
      '2040-03-24T20:00:00.000Z',
      '2040-03-25T16:00:00.000Z',
      '2040-03-25T19:00:00.000Z',
    ])
    expect(made.items.every(({ status, seats }) => status === 'active' && seats.total === 4)).toBe(true)
    for (const { id } of made.items) {
      expect(await actionsOf(id)).toMatchObject([
        { action: 'showtime.created', before: null, after: { status: 'active' } },
        { action: 'showtime.published', before: null, after: { status: 'active' } },
      ])
      expect(await eventsOf(id)).toEqual([
        { seq: 1, type: 'showtime.created' },
        { seq: 2, type: 'showtime.published' },
      ])
    }
  })

  test('is refused as a whole', async () => {
    const { auditoriumId, movieId } = await givenHouse()
    const post = (changes: Record<string, unknown>) =>
      refused(
        send('POST', '/v1/showtimes/batch', {
          auditoriumId,
          movieId,
          currency: 'EUR',
          prices,
          recurrence: { ...recurrence, ...changes },
        }),
      )
    expect(await post({ days: ['we'] })).toMatchObject({ status: 400, at: ['/recurrence/days'] })
    expect(await post({ until: '2040-03-23' })).toMatchObject({ at: ['/recurrence/until'] })
    expect(await post({ until: '2049-03-23' })).toMatchObject({ at: ['/recurrence/until'] })
    expect(await post({ from: '2040-02-30' })).toMatchObject({ at: ['/recurrence/from'] })
    expect(await post({ until: '2041-03-24' })).toMatchObject({
      at: ['/recurrence'],
      details: ['A recurring set has at most 200 showtimes, this one 212.'],
    })
    expect(await post({ from: '0001-01-01', until: '0001-01-31' })).toMatchObject({
      at: ['/recurrence/from', '/recurrence/until'],
      details: ['Must be in the years 1970 to 2200.', 'Must be in the years 1970 to 2200.'],
    })
    expect(await post({ from: '9999-12-31', until: '9999-12-31' })).toMatchObject({
      status: 400,
      at: ['/recurrence/from', '/recurrence/until'],
    })
    expect(await post({ days: [], times: ['24:00'] })).toMatchObject({
      at: ['/recurrence/days', '/recurrence/times/0'],
    })
    const listed = z.object({ items: z.array(z.unknown()) })
    expect(expectBody(listed, await send('GET', '/v1/organizer/showtimes')).items).toEqual([])
  })
})

describe('an event', () => {
  test('is listed at any time that it may have, and may have none at which lists could not be read', async () => {
    const at = (startsAt: string, endsAt: string) => ({
      title: 'Far away',
      venue: 'Old Harbour',
      timeZone: 'UTC',
      status: 'published',
      currency: 'EUR',
      startsAt,
      endsAt,
      ticketTypes: [{ name: 'Standing', price: 100, capacity: 1 }],
    })
    const last = await make(managedEvent, '/v1/events', at('2200-12-31T22:00:00Z', '2200-12-31T23:59:59Z'))
    const first = await make(managedEvent, '/v1/events', at('1970-01-01T00:00:00Z', '1970-01-01T01:00:00Z'))
    expect(await refused(send('POST', '/v1/events', at('2201-01-01T00:00:00Z', '9999-01-01T00:00:00Z')))).toMatchObject(
      {
        status: 400,
        at: ['/startsAt'],
      },
    )
    expect((await send('PATCH', `/v1/events/${last.id}`, { endsAt: '9999-12-31T23:59:59Z' })).status).toBe(200)
    const later = { endsAt: '9999-12-31T23:59:59-01:00' }
    expect(await refused(send('PATCH', `/v1/events/${last.id}`, later))).toMatchObject({ status: 400, at: ['/endsAt'] })
    const own = await send('GET', '/v1/organizer/events?limit=1')
    expect(own).toMatchObject({ status: 200, body: { items: [{ id: first.id }] } })
    const { nextCursor } = z.object({ nextCursor: z.string() }).parse(own.body)
    expect(await send('GET', `/v1/organizer/events?limit=1&cursor=${nextCursor}`)).toMatchObject({
      body: { items: [{ id: last.id }], nextCursor: null },
    })
    expect((await send('GET', '/v1/events?limit=100')).status).toBe(200)
  })

  test('is changed, put on sale and taken off', async () => {
    const made = await make(managedEvent, '/v1/events', { ...event, status: 'draft' })
    expect((await send('GET', `/v1/events/${made.id}`)).status).toBe(404)
    const changes = { title: 'Summer Lights', endsAt: '2040-12-29T18:00:00Z', holdTtlMs: 60_000, status: 'published' }
    const changed = expectBody(managedEvent, await send('PATCH', `/v1/events/${made.id}`, changes))
    expect(changed).toEqual({
      ...made,
      ...changes,
      endsAt: '2040-12-29T18:00:00.000Z',
      onSale: true,
      version: made.version + 1,
    })
    expect((await send('GET', `/v1/events/${made.id}`)).body).toMatchObject({ title: 'Summer Lights' })
    expect(await refused(send('PATCH', `/v1/events/${made.id}`, { startsAt: '2041-01-01T00:00:00Z' }))).toMatchObject({
      status: 400,
      at: ['/endsAt'],
    })
    expect(await refused(send('PATCH', `/v1/events/${made.id}`, { timeZone: '+01:00', title: '' }))).toMatchObject({
      status: 400,
      at: ['/title'],
    })
    const [, { action, before, after } = {}] = await actionsOf(made.id)
    expect([action, before, after]).toEqual([
      'event.published',
      { title: 'Winter Lights', endsAt: '2040-12-28T18:00:00.000Z', holdTtlMs: 600_000, status: 'draft' },
      { title: 'Summer Lights', endsAt: '2040-12-29T18:00:00.000Z', holdTtlMs: 60_000, status: 'published' },
    ])
    expect((await send('PATCH', `/v1/events/${made.id}`, { status: 'draft' })).status).toBe(200)
  })

  test('that is on sale from the start is published after its creation, and its next event is the third', async () => {
    const made = await make(managedEvent, '/v1/events', event)
    expect((await send('PATCH', `/v1/events/${made.id}`, { title: 'Spring Lights' })).status).toBe(200)
    const actions = ['event.created', 'event.published', 'event.updated']
    expect((await actionsOf(made.id)).map(({ action }) => action)).toEqual(actions)
    expect(await eventsOf(made.id)).toEqual(actions.map((type, at) => ({ seq: at + 1, type })))
  })

  test('sells a ticket type that was added, and keeps its capacity above what is sold', async () => {
    const made = await make(managedEvent, '/v1/events', event)
    const type = await make(managedTicketType, `/v1/events/${made.id}/ticket-types`, {
      name: 'Sunday',
      price: 100,
      capacity: 5,
    })
    const book = (quantity: number) =>
      app.book({ resource: { type: 'event', id: made.id }, tickets: [{ ticketTypeId: type.id, quantity }] })
    await book(3)
    const patch = (body: unknown) => send('PATCH', `/v1/events/${made.id}/ticket-types/${type.id}`, body)
    expect(await refused(patch({ capacity: 2 }))).toMatchObject({ status: 409, code: 'in_use', facts: { sold: 3 } })
    expect(expectBody(managedTicketType, await patch({ capacity: 3, price: 200 }))).toEqual({
      ...type,
      capacity: 3,
      price: 200,
      sold: 3,
    })
    await expect(book(1)).rejects.toThrow('tickets_unavailable')
    await patch({ capacity: 4 })
    await book(1)
    expect(await refused(patch({ minPerBooking: 20 }))).toMatchObject({ status: 400, at: ['/maxPerBooking'] })
    const availability = await send('GET', `/v1/events/${made.id}/availability`)
    expect(availability.body).toMatchObject({
      ticketTypes: [{ name: 'Saturday' }, { name: 'Sunday', price: 200, sold: 4 }],
    })
    expect((await actionsOf(type.id)).map(({ before, after }) => [before, after])).toMatchObject([
      [null, { name: 'Sunday' }],
      [
        { capacity: 5, price: 100 },
        { capacity: 3, price: 200 },
      ],
      [{ capacity: 3 }, { capacity: 4 }],
    ])
  })
})

describe('a promo code', () => {
  test('is unique, and changed within its limits', async () => {
    const body = { code: 'early20', kind: 'percent', value: 2000, maxRedemptions: 5 }
    const made = await make(promoCode, '/v1/promo-codes', body)
    expect(made).toMatchObject({ code: 'EARLY20', currency: null, redeemed: 0, resourceIds: null })
    expect(await refused(send('POST', '/v1/promo-codes', { ...body, code: 'EARLY20 ' }))).toMatchObject({
      status: 409,
      code: 'already_exists',
    })
    expect((await send('POST', '/v1/promo-codes', body, other)).status).toBe(201)
    expect(await refused(send('POST', '/v1/promo-codes', { ...body, code: 'B', currency: 'EUR' }))).toMatchObject({
      status: 400,
      at: ['/currency'],
    })
    expect(await refused(send('POST', '/v1/promo-codes', { ...body, code: 'B', kind: 'fixed' }))).toMatchObject({
      at: ['/currency'],
    })
    const show = await givenShow()
    await app.book({ resource: { type: 'showtime', id: show.id }, seats: ['A1'], promoCode: 'EARLY20' })
    const patch = (changes: unknown) => send('PATCH', `/v1/promo-codes/${made.id}`, changes)
    expect(await refused(patch({ maxRedemptions: 0 }))).toMatchObject({
      status: 409,
      code: 'in_use',
      facts: { redeemed: 1 },
    })
    expect(await refused(patch({ resourceIds: [made.id] }))).toMatchObject({ status: 404 })
    expect(await refused(patch({ value: 10_001 }))).toMatchObject({ status: 400, at: ['/value'] })
    const changed = expectBody(
      promoCode,
      await patch({ maxRedemptions: 1, resourceIds: [show.id], endsAt: '2040-01-01T00:00:00Z' }),
    )
    expect(changed).toEqual({
      ...made,
      redeemed: 1,
      tickets: 1,
      maxRedemptions: 1,
      resourceIds: [show.id],
      endsAt: '2040-01-01T00:00:00.000Z',
    })
    await expect(
      app.book({ resource: { type: 'showtime', id: show.id }, seats: ['A2'], promoCode: 'EARLY20' }),
    ).rejects.toThrow('promo_exhausted')
    expect(expectBody(promoCode, await patch({ resourceIds: null }))).toMatchObject({ resourceIds: null })
  })
})

describe('a cancelled showtime or event', () => {
  test('is off sale at once, and its bookings get everything back, batch by batch', async () => {
    const show = await givenShow({}, 6)
    const resource = { type: 'showtime', id: show.id }
    const paid = await app.book({ resource, seats: ['A1', 'A2'] })
    await app.pay(paid)
    const unpaid = await app.book({ resource, seats: ['A3'] })

    const answer = await send('POST', `/v1/showtimes/${show.id}/cancel`, { reason: 'The projector broke' })
    expect([answer.status, answer.text]).toEqual([202, answer.text])
    expect(expectBody(cancellation, answer)).toMatchObject({ status: 'running', total: 2, cancelled: 0, failed: 0 })
    expect((await send('GET', `/v1/showtimes/${show.id}`)).body).toMatchObject({ status: 'cancelled' })
    await expect(app.book({ resource, seats: ['A4'] })).rejects.toThrow('not_on_sale')

    expect(await cancelResources(app.lifecycle)).toBe(2)
    const progress = await send('GET', `/v1/showtimes/${show.id}/cancellation`)
    expect(expectBody(cancellation, progress)).toMatchObject({
      status: 'finished',
      reason: 'The projector broke',
      total: 2,
      cancelled: 2,
    })
    for (const { reference, token } of [paid, unpaid]) {
      const booking = await send('GET', `/v1/bookings/${reference}`, undefined, token)
      expect(booking.body).toMatchObject({ status: 'cancelled', cancelReason: 'organizer' })
    }
    const { rows } = await app.db.database.pool.query(
      `select r.amount = b.total as all from refunds r join bookings b on b.id = r.booking_id where b.reference = $1`,
      [paid.reference],
    )
    expect(rows).toEqual([{ all: true }])

    const again = await refused(send('POST', `/v1/showtimes/${show.id}/cancel`, { reason: 'Again' }))
    expect(again).toMatchObject({
      status: 409,
      code: 'invalid_transition',
      facts: { current: 'cancelled', allowed: [] },
    })
    for (const body of [{ status: 'active' }, { maxSeatsPerBooking: 1 }, { status: 'cancelled' }]) {
      expect(await refused(send('PATCH', `/v1/showtimes/${show.id}`, body))).toMatchObject({
        code: 'invalid_transition',
      })
    }
    const [, , ...since] = await actionsOf(show.id)
    expect(since).toEqual([
      {
        action: 'showtime.cancelled',
        before: { status: 'active' },
        after: { status: 'cancelled', reason: 'The projector broke', bookings: 2 },
      },
      { action: 'showtime.cancellation_finished', before: null, after: { total: 2, cancelled: 2 } },
    ])
    await publishOutgoingEvents(app.db.database)
    const { items } = expectBody(
      feedPage,
      await send('GET', '/v1/feed?limit=100&types=booking.cancelled,showtime.cancelled,showtime.cancellation_finished'),
    )
    const ofThis = items.filter(({ entityId, data }) => entityId === show.id || data['resourceId'] === show.id)
    expect(ofThis.map(({ type }) => type)).toEqual([
      'showtime.cancelled',
      'booking.cancelled',
      'booking.cancelled',
      'showtime.cancellation_finished',
    ])
    expect(ofThis.at(-1)?.data).toEqual({ id: show.id, total: 2, cancelled: 2 })
  })

  test('through PATCH is the same, alone', async () => {
    const given = await givenEvent(app.db.database, { organizerId })
    const path = `/v1/events/${given.eventId}`
    expect(await refused(send('GET', `${path}/cancellation`))).toMatchObject({ status: 404 })
    expect(await refused(send('PATCH', path, { status: 'cancelled', title: 'x' }))).toMatchObject({ at: ['/title'] })
    const changed = expectBody(managedEvent, await send('PATCH', path, { status: 'cancelled' }))
    expect(changed.status).toBe('cancelled')
    const progress = expectBody(cancellation, await send('GET', `${path}/cancellation`))
    expect(progress).toMatchObject({ status: 'finished', total: 0, reason: 'The organizer has cancelled it.' })
    expect(progress.finishedAt).toBe(progress.startedAt)
    expect((await actionsOf(given.eventId)).slice(-2)).toEqual([
      expect.objectContaining({ action: 'event.cancelled' }),
      { action: 'event.cancellation_finished', before: null, after: { total: 0, cancelled: 0 } },
    ])
    const type = given.ticketTypeIds[0]
    expect(await refused(send('PATCH', `${path}/ticket-types/${type}`, { price: 1 }))).toMatchObject({
      code: 'invalid_transition',
    })
    expect(await refused(send('POST', `${path}/ticket-types`, { name: 'x', price: 1, capacity: 1 }))).toMatchObject({
      code: 'invalid_transition',
    })
  })
})
