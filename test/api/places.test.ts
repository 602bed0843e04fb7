import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { givenShowtime } from '../support/catalogue.ts'
import { signTestToken } from '../support/tokens.ts'
import { readPdf } from '../tickets/read-pdf.ts'
import { expectBody, sharedLifecycleApp } from './start-lifecycle-app.ts'

const app = sharedLifecycleApp()

/** The house as it is built: numbered rows, seats with letters, a balcony, and a floor to stand on. */
const THEATRE = {
  categories: ['Stalls', 'Balcony', 'Standing'],
  rows: [
    {
      label: '1',
      seats: [
        { number: 1, x: 0, y: 0, category: 'Stalls' },
        { number: '5A', x: 1, y: 0, category: 'Stalls' },
      ],
    },
    { label: '1', section: 'Balkon', seats: [{ number: '5A', x: 0, y: 5, category: 'Balcony' }] },
    { label: '12-', seats: [{ number: 7, x: 0, y: 2, category: 'Stalls' }] },
    { label: 'Б', seats: [{ number: '0', label: 'the box', x: 0, y: 9, category: 'Balcony' }] },
  ],
  areas: [
    {
      label: 'Floor',
      category: 'Standing',
      capacity: 400,
      shape: [
        [0, 0],
        [4, 0],
        [4, 4.5],
      ],
    },
  ],
  focus: { x: 0.5, y: -2.25 },
}

const RATES = [
  { code: 'adult', name: 'Adult' },
  { code: 'child', name: 'Child under 12' },
]

async function givenTheatre() {
  const given = await givenShowtime(app.db.database)
  const token = await signTestToken('organizer', { organizerId: given.organizerId })
  const path = `/v1/auditoriums/${given.auditoriumId}/layout`
  const imported = await app.send('PUT', path, { token, body: THEATRE })
  expect([imported.status, imported.body]).toMatchObject([
    201,
    { version: 2, rows: 4, seats: 5, areas: 1, areaCapacity: 400 },
  ])
  const created = await app.send('POST', '/v1/showtimes', {
    token,
    body: {
      movieId: given.movieId,
      auditoriumId: given.auditoriumId,
      status: 'active',
      currency: 'EUR',
      startsAt: '2040-12-24T20:00:00Z',
      prices: THEATRE.categories.map((category) => ({ category, price: 1000 })),
    },
  })
  const { id } = expectBody(z.object({ id: z.uuid() }), created)
  await app.db.database.pool.query('update resources set rates = $2 where id = $1', [id, JSON.stringify(RATES)])
  return { ...given, showtimeId: id, token, path }
}

test('an export of any labels, areas and a focus imports again as the same version', async () => {
  const { token, path } = await givenTheatre()
  const exported = await app.send('GET', path, { token })
  expect(exported.body).toMatchObject({
    ...THEATRE,
    rows: THEATRE.rows.map((row) => ({
      ...row,
      seats: row.seats.map((seat) => ({ ...seat, disabled: false, accessible: false })),
    })),
  })
  expect(await app.send('PUT', path, { token, body: exported.body })).toMatchObject({
    status: 200,
    body: { version: 2 },
  })
  for (const change of [
    { focus: undefined },
    { focus: { x: 0, y: 0 } },
    { areas: [] },
    { areas: THEATRE.areas.map((area) => ({ ...area, capacity: 401 })) },
    { areas: THEATRE.areas.map(({ shape: _, ...area }) => area) },
    { rows: THEATRE.rows.map((row) => ({ ...row, section: 'Saal' })).slice(0, 1) },
  ]) {
    expect((await app.send('PUT', path, { token, body: { ...THEATRE, ...change } })).status).toBe(201)
  }
})

test('the seat map names section, row, seat and area as the house does', async () => {
  const { showtimeId } = await givenTheatre()
  const { body } = await app.send('GET', `/v1/showtimes/${showtimeId}/seat-map`, { token: null })
  expect(body).toMatchObject({
    rows: [
      {
        section: null,
        label: '1',
        seats: [
          { label: '1-1', row: '1', number: '1' },
          { label: '1-5A', number: '5A' },
        ],
      },
      { section: 'Balkon', label: '1', seats: [{ label: 'Balkon/1-5A', section: 'Balkon', row: '1', number: '5A' }] },
      { label: '12-', seats: [{ label: '12-7', row: '12', number: '7' }] },
      { label: 'Б', seats: [{ label: 'the box', row: 'Б', number: '0' }] },
    ],
    areas: [{ label: 'Floor', capacity: 400, shape: THEATRE.areas[0]?.shape }],
    focus: THEATRE.focus,
  })
})

test('a booking, its tickets, their PDF and the gate name what was booked as the house does', async () => {
  const { showtimeId, token: organizer } = await givenTheatre()
  const booked = await app.book({
    resource: { type: 'showtime', id: showtimeId },
    seats: ['1-5A', { seat: 'Balkon/1-5A', rate: 'child' }, '12-7'],
    areas: [{ area: 'Floor', quantity: 2, rate: 'child' }],
  })
  const confirmed = { status: 'confirmed', reason: 'in cash' }
  const path = `/v1/bookings/${booked.reference}`
  await app.send('POST', `${path}/status`, { token: organizer, body: confirmed })
  const booking = await app.send('GET', path, { token: booked.token })
  const places = [
    { seat: '1-5A', section: null, row: '1', number: '5A', area: null, rate: 'adult', rateName: 'Adult' },
    { seat: 'Balkon/1-5A', section: 'Balkon', row: '1', number: '5A', rate: 'child', rateName: 'Child under 12' },
    { seat: '12-7', section: null, row: '12', number: '7' },
    { seat: null, section: null, row: null, number: null, area: 'Floor', rate: 'child', rateName: 'Child under 12' },
  ]
  expect(booking.body).toMatchObject({ lines: places })

  const tickets = await app.send('GET', `${path}/tickets`, { token: booked.token })
  const [, , , floor] = places
  expect(tickets.body).toMatchObject({
    items: [...places, floor].map((place) => ({ ...place, category: expect.any(String) as string })),
  })
  const { items } = expectBody(z.object({ items: z.array(z.object({ token: z.string() })) }), tickets)

  const staff = organizer
  const scans = await Promise.all(
    [items[1], items[4]].map((ticket, index) =>
      app.send('POST', '/v1/check-ins', {
        token: staff,
        body: { token: ticket?.token, gate: 'A', nonce: `n${index}` },
      }),
    ),
  )
  expect(scans.map(({ body }) => body)).toMatchObject([
    { result: 'too_early', ticket: { ...places[1] } },
    { result: 'too_early', ticket: { area: 'Floor', rateName: 'Child under 12', name: 'A Film' } },
  ])

  const response = await fetch(`${app.url}${path}/tickets.pdf`, {
    headers: { Authorization: `Bearer ${booked.token}` },
  })
  const { pages } = await readPdf(new Uint8Array(await response.arrayBuffer()))
  const texts = pages.map(({ text }) => text)
  expect(texts[0]).toContain('ROW 1 SEAT 5A')
  expect(texts[1]).toContain('SECTION Balkon')
  expect(texts[1]).toContain('RATE Child under 12')
  expect(texts[2]).toContain('ROW 12 SEAT 7')
  expect(texts[3]).toContain('AREA Floor')
  expect(texts.join(' ')).not.toContain('12-')
})

test('areas follow a showtime to another layout, unless places of them are in use', async () => {
  const { showtimeId, token, path } = await givenTheatre()
  const area = { label: 'Floor', category: 'Standing', capacity: 400 }
  const importAreas = async (areas: readonly object[]) =>
    expectBody(z.object({ version: z.int() }), await app.send('PUT', path, { token, body: { ...THEATRE, areas } }))
      .version
  const move = (layoutVersion: number) =>
    app.send('PATCH', `/v1/showtimes/${showtimeId}`, { token, body: { layoutVersion } })
  const areasNow = async () => {
    const { rows } = await app.db.database.pool.query(
      'select label, capacity, sold from area_state where resource_id = $1 order by capacity desc',
      [showtimeId],
    )
    return rows as unknown[]
  }
  const more = await importAreas([
    { ...area, capacity: 500 },
    { ...area, label: 'Bar', capacity: 20 },
  ])
  expect((await move(more)).status).toBe(200)
  expect(await areasNow()).toMatchObject([
    { label: 'Floor', capacity: 500, sold: 0 },
    { label: 'Bar', capacity: 20, sold: 0 },
  ])
  await app.book({ resource: { type: 'showtime', id: showtimeId }, areas: [{ area: 'Floor', quantity: 3 }] })
  const fewer = await importAreas([{ ...area, capacity: 2 }])
  const without = await importAreas([])
  for (const version of [fewer, without]) {
    expect(await move(version)).toMatchObject({ status: 409, body: { code: 'seats_sold', areas: ['Floor'], count: 1 } })
  }
  const enough = await importAreas([{ ...area, capacity: 3 }])
  expect((await move(enough)).status).toBe(200)
  expect(await areasNow()).toMatchObject([{ label: 'Floor', capacity: 3, sold: 3 }])
})

test('a hall to stand in has areas alone', async () => {
  const { auditoriumId, token } = await givenTheatre()
  const hall = { categories: ['Standing'], rows: [], areas: [{ label: 'Floor', category: 'Standing', capacity: 900 }] }
  const put = await app.send('PUT', `/v1/auditoriums/${auditoriumId}/layout`, { token, body: hall })
  expect([put.status, put.body]).toMatchObject([201, { rows: 0, seats: 0, areas: 1, areaCapacity: 900 }])
  expect((await app.send('GET', `/v1/auditoriums/${auditoriumId}/layout`, { token })).body).toEqual(hall)
  const changed = { ...hall, focus: { x: 1, y: 1 } }
  expect((await app.send('PUT', `/v1/auditoriums/${auditoriumId}/layout`, { token, body: changed })).status).toBe(201)
  expect((await app.send('DELETE', `/v1/auditoriums/${auditoriumId}/layouts/3`, { token })).status).toBe(204)
  const used = app.db.database.pool.query('delete from layout_areas where label = $1', ['Floor'])
  await expect(used).rejects.toThrow('showtimes use this one')
  const updated = app.db.database.pool.query('update layout_areas set capacity = 1 where label = $1', ['Floor'])
  await expect(updated).rejects.toThrow('a changed layout is a new version')
})

describe('seating from elsewhere', () => {
  const CSV = 'section,row,seat,category\nSaal,1,1,Stalls\nSaal,1,5A,Stalls\nBalkon,1,1,Balcony\n'
  const putCsv = async (body: string | Uint8Array<ArrayBuffer>, type = 'text/csv; charset=utf-8') => {
    const { token, path } = await givenTheatre()
    return app.send('PUT', path, { token, body: Buffer.from(body), headers: { 'Content-Type': type } })
  }

  test('is taken as a list of seats, and told of by its lines', async () => {
    const { token, path } = await givenTheatre()
    const send = (body: string) =>
      app.send('PUT', path, { token, body: Buffer.from(body), headers: { 'Content-Type': 'text/csv' } })
    expect(await send(CSV)).toMatchObject({
      status: 201,
      body: { rows: 2, seats: 3, categories: [{ name: 'Stalls' }, {}] },
    })
    expect((await send(CSV)).status).toBe(200)
    const exported = await app.send('GET', path, { token })
    expect((await app.send('PUT', path, { token, body: exported.body })).status).toBe(200)
    expect(await send(`${CSV}Saal,1,1,Stalls\n`)).toMatchObject({
      status: 400,
      body: {
        errors: [
          {
            pointer: '/lines/5',
            detail: 'Line 5: Row 1 (Saal, 1), seat 1: the label Saal/1-1 is used more than once.',
          },
        ],
      },
    })
  })

  test('that is no list of seats is told so', async () => {
    expect(await putCsv('')).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
    expect(await putCsv(new Uint8Array([0xff, 0xfe, 0x41]))).toMatchObject({
      status: 400,
      body: { errors: [{ detail: 'The list of seats is not in UTF-8.' }] },
    })
    for (const type of ['text/csv; charset=latin1', 'text/plain']) {
      expect(await putCsv(CSV, type)).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } })
    }
  })

  test('is taken as a seating plan of pretix', async () => {
    const { token, path } = await givenTheatre()
    const seat = { seat_guid: 'x', seat_number: '5A', category: 'Parkett', position: { x: 1, y: 1 } }
    const zones = [{ name: 'Saal', position: { x: 0, y: 0 }, rows: [{ row_number: '1', seats: [seat] }] }]
    const plan = { name: 'Halle', categories: [{ name: 'Parkett', color: 'red' }], zones }
    expect((await app.send('PUT', path, { token, body: plan })).status).toBe(201)
    expect((await app.send('PUT', `${path}?format=pretix`, { token, body: plan })).status).toBe(200)
    expect((await app.send('GET', path, { token })).body).toMatchObject({
      rows: [{ label: '1', seats: [{ number: '5A', x: 1, y: 1 }] }],
    })
    expect(await app.send('PUT', `${path}?format=boxoffice`, { token, body: plan })).toMatchObject({ status: 400 })
    const none = await app.send('PUT', `${path}?format=pretix`, { token, body: THEATRE })
    expect(none).toMatchObject({ status: 400, body: { errors: [{ pointer: '/zones' }, {}, {}, {}] } })
  })
})
