import { randomUUID } from 'node:crypto'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { givenOrganizer } from '../support/catalogue.ts'
import { eventually } from '../support/eventually.ts'
import { signTestToken } from '../support/tokens.ts'
import { sharedLifecycleApp } from './start-lifecycle-app.ts'

// Selling as houses sell, over HTTP: an event with seats, a floor and day tickets. The rules themselves are in test/domain.

let organizerId: string
let organizer: string
let staff: string
let customer: string
let event: { readonly id: string; readonly ticketTypes: readonly { readonly id: string }[] }
const app = sharedLifecycleApp()
beforeAll(async () => {
  customer = await signTestToken('customer', { subject: `customer:${randomUUID()}` })
})
beforeEach(async () => {
  organizerId = (await givenOrganizer(app.db.database)).organizerId
  organizer = await signTestToken('organizer', { organizerId })
  staff = await signTestToken('staff', { organizerId })
  event = await givenConcert()
})

/** Two rows of six seats, a floor of ten places, and day tickets. */
const LAYOUT = {
  categories: ['Front', 'Back', 'Standing'],
  rows: ['A', 'B'].map((label, y) => ({
    label,
    seats: Array.from({ length: 6 }, (_, index) => ({
      number: index + 1,
      x: index,
      y,
      category: y === 0 ? 'Front' : 'Back',
    })),
  })),
  areas: [{ label: 'Floor', category: 'Standing', capacity: 10 }],
}

const CONCERT = {
  title: 'Night of Choirs',
  venue: 'Old Harbour',
  timeZone: 'Europe/Lisbon',
  startsAt: '2099-12-27T18:00:00Z',
  endsAt: '2099-12-28T01:00:00Z',
  status: 'published',
  currency: 'EUR',
  rates: [
    { code: 'adult', name: 'Adult' },
    { code: 'child', name: 'Child', needs: 'adult' },
  ],
  prices: [
    { category: 'Front', price: 3000, rates: { child: 1500 } },
    { category: 'Back', price: 2000 },
    { category: 'Standing', price: 1000 },
  ],
  ticketTypes: [{ name: 'Parking', price: 500, capacity: 4 }],
}

async function call(method: string, path: string, body?: unknown, token = organizer) {
  const answer = await app.send(method, path, { token, ...(body !== undefined && { body }) })
  return { status: answer.status, body: answer.body as never }
}

async function made<T extends { readonly id: string }>(path: string, body: unknown): Promise<T> {
  const answer = await call('POST', path, body)
  expect([answer.status, answer.body]).toEqual([201, answer.body])
  return answer.body
}

async function givenConcert(changes: object = {}) {
  const venue = await made<{ id: string }>('/v1/venues', { name: 'Harbour', timeZone: 'Europe/Lisbon' })
  const hall = await made<{ id: string }>('/v1/auditoriums', { venueId: venue.id, name: 'One' })
  const imported = await call('PUT', `/v1/auditoriums/${hall.id}/layout`, LAYOUT)
  expect(imported.status).toBeLessThan(300)
  return made<typeof event>('/v1/events', { ...CONCERT, auditoriumId: hall.id, ...changes })
}

interface Decided {
  readonly id: string
  readonly state: string
  readonly wish?: number
  readonly booking: { readonly reference: string; readonly total: number; readonly expiresAt: string } | null
  readonly refusal: Readonly<Record<string, unknown>> | null
}

/** Asks for something and waits for the outcome. */
async function ask(wanted: object, token = customer): Promise<Decided> {
  const answer = await app.send('POST', '/v1/booking-requests', {
    token,
    headers: { Prefer: 'wait=20' },
    body: {
      resource: { type: 'event', id: event.id },
      customer: { name: 'Ada', email: `${randomUUID()}@example.org` },
      ...wanted,
    },
  })
  expect([answer.status, answer.text]).toEqual([200, answer.text])
  return answer.body as Decided
}

async function availability() {
  const { body } = await app.send('GET', `/v1/events/${event.id}/availability`, { token: null })
  return body as {
    readonly taken: readonly string[]
    readonly areas: readonly { readonly label: string; readonly available: number }[]
    readonly ticketTypes: readonly { readonly available: number }[]
  }
}

const left = async () => {
  const { taken, areas, ticketTypes } = await availability()
  return { taken, floor: areas[0]?.available, parking: ticketTypes[0]?.available }
}

describe('an event with a house', () => {
  test('sells seats, places and tickets in one booking, at their rates, and takes them back', async () => {
    const wanted = {
      seats: ['A1', { seat: 'A2', rate: 'child' }],
      areas: [{ area: 'Floor', quantity: 3 }],
      tickets: [{ ticketTypeId: event.ticketTypes[0]?.id, quantity: 1 }],
    }
    const quoted = await call('POST', '/v1/quotes', { resource: { type: 'event', id: event.id }, ...wanted }, customer)
    expect(quoted.body).toMatchObject({ bookable: true, subtotal: 3000 + 1500 + 3 * 1000 + 500 })

    const { booking } = await ask(wanted)
    expect(booking?.total).toBe((quoted.body as { readonly total: number }).total)
    await eventually(async () => expect(await left()).toEqual({ taken: ['A1', 'A2'], floor: 7, parking: 3 }))

    const path = `/v1/bookings/${booking?.reference}`
    const { body } = await call('GET', path, undefined, customer)
    expect((body as { readonly lines: readonly object[] }).lines).toMatchObject([
      { seat: 'A1', row: 'A', number: '1', rate: 'adult' },
      { seat: 'A2', rate: 'child', unitPrice: 1500 },
      { area: 'Floor', quantity: 3, rate: 'adult' },
      { ticketTypeId: event.ticketTypes[0]?.id, quantity: 1 },
    ])
    expect((await call('POST', `${path}/cancel`, {}, customer)).status).toBe(200)
    await eventually(async () => expect(await left()).toEqual({ taken: [], floor: 10, parking: 4 }))
  })

  test('has a ticket for each place once it is paid, and none before', async () => {
    const { booking } = await ask({ seats: ['B1'], areas: [{ area: 'Floor', quantity: 2 }] })
    const count = async () => {
      const { rows } = await app.db.database.pool.query<{ seat: string | null; area: string | null; rate: string }>(
        `select t.seat_label as seat, t.area_label as area, t.rate from tickets t
         join bookings b on b.id = t.booking_id where b.reference = $1 order by t.ordinal`,
        [booking?.reference],
      )
      return rows
    }
    expect(await count()).toEqual([])
    await app.pay({ reference: booking?.reference ?? '', token: customer })
    const floor = { seat: null, area: 'Floor', rate: 'adult' }
    expect(await count()).toEqual([{ seat: 'B1', area: null, rate: 'adult' }, floor, floor])
  })
})

test('the public sees rates, prices and the seat map', async () => {
  const { body } = await app.send('GET', `/v1/events/${event.id}`, { token: null })
  expect(body).toMatchObject({ rates: CONCERT.rates, prices: [{ name: 'Front', rates: { child: 1500 } }, {}, {}] })
  const map = (await app.send('GET', `/v1/events/${event.id}/seat-map`, { token: null })).body
  expect(map).toMatchObject({ areas: [{ label: 'Floor' }], categories: [{ rates: { child: 1500 } }, {}, {}] })
})

describe('wishes', () => {
  test('are tried in order, and the request says which one it was', async () => {
    await ask({ seats: ['A3'] })
    const decided = await ask({ wishes: [{ seats: ['A3', 'A4'] }, { best: { quantity: 2, category: 'Front' } }] })
    expect(decided).toMatchObject({ state: 'booked', wish: 1 })
    const again = await call('GET', `/v1/booking-requests/${decided.id}`, undefined, customer)
    expect(again.body).toMatchObject({ wish: 1 })
  })

  test('that cannot be met are refused with the reason of each', async () => {
    const { refusal } = await ask({
      wishes: [{ seats: ['Z9'] }, { best: { quantity: 7 } }, { areas: [{ area: 'Floor', quantity: 11 }] }],
    })
    expect(refusal).toMatchObject({
      wishes: [{ code: 'invalid_seat' }, { code: 'seat_unavailable' }, { code: 'quantity_out_of_range' }],
    })
    expect((await ask({ best: { quantity: 1, category: 'Frnt' } })).refusal).toMatchObject({
      code: 'seat_unavailable',
      detail: 'Not a category on sale at this event: Frnt.',
    })
  })

  test('sell every seat of a house to a rush, and refuse the others rightly', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () => ask({ wishes: [{ seats: ['A1', 'A2'] }, { best: { quantity: 2 } }] })),
    )
    expect(outcomes.filter(({ state }) => state === 'booked')).toHaveLength(6)
    for (const { refusal } of outcomes) if (refusal !== null) expect(refusal['code']).toBe('seat_unavailable')
    await eventually(async () => expect((await availability()).taken).toHaveLength(12))
  })

  test.each([
    [{ seats: ['A1'], wishes: [{ seats: ['A2'] }] }, '/wishes'],
    [{ wishes: [] }, '/wishes'],
    [{ wishes: Array.from({ length: 6 }, () => ({ seats: ['A1'] })) }, '/wishes'],
    [{ wishes: [{}] }, '/wishes/0'],
    [{ best: { quantity: 0 } }, '/best/quantity'],
    [{ best: { quantity: 1, rates: ['adult', 'child'] } }, '/best/rates'],
    [{ best: { quantity: 1 }, seats: ['A1'] }, '/best'],
    [{ seats: [{ seat: '' }] }, '/seats/0'],
    [{ best: { quantity: 1, area: 'Floor', category: 'Front' } }, '/best/category'],
    [{ best: { quantity: 1 }, blockId: randomUUID() }, '/blockId'],
    [{ areas: [{ area: 'Floor', quantity: -1 }] }, '/areas/0/quantity'],
  ])('that are malformed are told where: %j', async (wanted, pointer) => {
    const { status, body } = await call(
      'POST',
      '/v1/quotes',
      { resource: { type: 'event', id: event.id }, ...wanted },
      customer,
    )
    const { errors } = body as { readonly errors: readonly { readonly pointer: string }[] }
    expect([status, errors.some((error) => error.pointer.startsWith(pointer))]).toEqual([400, true])
  })
})

describe('kept places', () => {
  const keep = (body: object) => made<{ id: string }>(`/v1/events/${event.id}/blocks`, { reason: 'Press', ...body })
  const list = async () => (await call('GET', `/v1/events/${event.id}/blocks`)).body as { items: readonly object[] }

  test('are off sale, are booked by staff, and go back in part and whole', async () => {
    const { id } = await keep({ seats: ['A1', 'A2', 'A3'], areas: [{ area: 'Floor', quantity: 8 }] })
    await eventually(async () => expect(await left()).toMatchObject({ taken: ['A1', 'A2', 'A3'], floor: 2 }))
    expect((await ask({ seats: ['A1'] })).refusal).toMatchObject({ code: 'seat_unavailable', seats: ['A1'] })
    expect((await ask({ areas: [{ area: 'Floor', quantity: 3 }] })).refusal).toMatchObject({
      code: 'area_full',
      areas: [{ area: 'Floor', available: 2 }],
    })

    const wanted = { seats: ['A1', 'A4'], areas: [{ area: 'Floor', quantity: 5 }], blockId: id }
    const { booking } = await ask(wanted, staff)
    expect(await list()).toMatchObject({
      items: [{ id, seats: ['A2', 'A3'], areas: [{ area: 'Floor', quantity: 3 }] }],
    })
    await eventually(async () => expect(await left()).toMatchObject({ taken: ['A1', 'A2', 'A3', 'A4'], floor: 2 }))

    const path = `/v1/events/${event.id}/blocks/${id}`
    const part = await call('DELETE', path, { seats: ['A2'], areas: [{ area: 'Floor', quantity: 1 }] })
    expect(part).toMatchObject({ status: 200, body: { seats: ['A3'], areas: [{ quantity: 2 }], releasedAt: null } })
    expect(await call('DELETE', path, {})).toMatchObject({ status: 400 })
    expect(await call('DELETE', path)).toMatchObject({ status: 200, body: { seats: [], areas: [] } })
    expect(await list()).toMatchObject({ items: [] })
    await eventually(async () => expect(await left()).toMatchObject({ taken: ['A1', 'A4'], floor: 5 }))

    await call('POST', `/v1/bookings/${booking?.reference}/cancel`, {}, staff)
    await eventually(async () => expect(await left()).toMatchObject({ taken: [], floor: 10 }))
  })

  test('that are all sold leave nothing to give back, and their block ends when it is given back', async () => {
    const { id } = await keep({ seats: ['A1'] })
    await ask({ seats: ['A1'], blockId: id }, staff)
    expect(await list()).toMatchObject({ items: [{ id, seats: [], areas: [] }] })
    const path = `/v1/events/${event.id}/blocks/${id}`
    expect(await call('DELETE', path)).toMatchObject({ status: 200, body: { releasedAt: expect.any(String) } })
    expect(await list()).toMatchObject({ items: [] })
  })

  test('may be in a thousand blocks, of which those that are sold do not count', async () => {
    const { pool } = app.db.database
    const made = `insert into blocks (id, resource_id, reason, actor) select gen_random_uuid(), $1, 'Press', 'test'
      from generate_series(1, 1000) returning id`
    const { rows } = await pool.query<{ id: string }>(made, [event.id])
    expect(await keep({ seats: ['A1'] })).toMatchObject({ seats: ['A1'] })
    await pool.query(`insert into block_areas (block_id, label, quantity) select unnest($1::uuid[]), 'Floor', 1`, [
      rows.map(({ id }) => id),
    ])
    expect(await call('POST', `/v1/events/${event.id}/blocks`, { reason: 'Press', seats: ['A2'] })).toMatchObject({
      status: 409,
      body: { code: 'in_use' },
    })
  })

  test('are all kept or none', async () => {
    await ask({ seats: ['A2'] })
    const taken = await call('POST', `/v1/events/${event.id}/blocks`, { reason: 'Press', seats: ['A1', 'A2'] })
    expect(taken).toMatchObject({ status: 409, body: { code: 'in_use', seats: ['A2'] } })
    const unknown = await call('POST', `/v1/events/${event.id}/blocks`, { reason: 'Press', seats: ['A1', 'Q7'] })
    expect(unknown).toMatchObject({ status: 400, body: { errors: [{ pointer: '/seats/1' }] } })
    await eventually(async () => expect((await availability()).taken).toEqual(['A2']))
  })

  test('are for the organizer alone', async () => {
    const { id } = await keep({ seats: ['A1'] })
    const body = { resource: { type: 'event', id: event.id }, seats: ['A1'], blockId: id }
    expect((await call('POST', '/v1/quotes', body, customer)).status).toBe(403)
    const other = await signTestToken('organizer', { organizerId: (await givenOrganizer(app.db.database)).organizerId })
    expect((await call('GET', `/v1/events/${event.id}/blocks`, undefined, other)).status).toBe(404)
    expect((await call('DELETE', `/v1/events/${event.id}/blocks/${id}`, undefined, other)).status).toBe(404)
    expect((await ask({ seats: ['A2'], blockId: randomUUID() }, staff)).refusal).toMatchObject({
      code: 'block_unknown',
    })
  })
})

describe('what an organizer declares', () => {
  test.each([
    [
      {
        rates: [
          { code: 'adult', name: 'A' },
          { code: 'adult', name: 'B' },
        ],
      },
      '/rates',
    ],
    [{ rates: [{ code: 'child', name: 'Child', needs: 'adult' }] }, '/rates'],
    [
      { prices: [...CONCERT.prices.slice(1), { category: 'Front', price: 1, rates: { dog: 1 } }] },
      '/prices/2/rates/dog',
    ],
    [{ prices: CONCERT.prices.slice(1) }, '/prices'],
    [{ auditoriumId: null }, '/prices'],
  ])('is held against the rules: %j', async (changes, pointer) => {
    const { auditoriumId } = (await call('GET', `/v1/organizer/events/${event.id}`)).body as { auditoriumId: string }
    const { status, body } = await call('POST', '/v1/events', { ...CONCERT, auditoriumId, ...changes })
    expect([status, (body as { errors: { pointer: string }[] }).errors[0]?.pointer]).toEqual([400, pointer])
  })

  test('is shown as it was sent, and changes', async () => {
    const shown = (await call('GET', `/v1/organizer/events/${event.id}`)).body as Record<string, unknown>
    expect(shown).toMatchObject({
      rates: CONCERT.rates,
      singleSeats: 'allow',
      layoutVersion: 1,
      maxSeatsPerBooking: 10,
    })
    expect(shown['prices']).toMatchObject([{ category: 'Front', rates: { child: 1500 } }, {}, {}])
    expect(shown['areas']).toEqual([{ label: 'Floor', capacity: 10, sold: 0, kept: 0 }])
    const changed = await call('PATCH', `/v1/events/${event.id}`, { singleSeats: 'refuse' })
    expect(changed).toMatchObject({ status: 200, body: { singleSeats: 'refuse' } })
    expect((await ask({ seats: ['A2'] })).refusal).toMatchObject({ code: 'single_seat_left', seats: ['A1'] })
    expect((await ask({ seats: ['A1', 'A2'] })).state).toBe('booked')
  })
})
