import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import type { showtime as showtimeSchema } from '@boxoffice/contract/schemas/catalogue.ts'
import { SeatMaps } from '@boxoffice/core/availability/seat-maps.ts'
import { catalogueRoutes } from '../../apps/api/src/routes/catalogue.ts'
import { givenEvent, givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { routeDependencies, serveRouters } from '../support/serve-routers.ts'

const NOWHERE = '00000000-0000-4000-8000-000000000000'
const HOUR_MS = 3_600_000
const at = (hours: number) => new Date(Math.floor(Date.now() / 1_000) * 1_000 + hours * HOUR_MS)

interface Listed {
  readonly items: z.output<typeof showtimeSchema>[]
  readonly nextCursor: string | null
}

let server: Awaited<ReturnType<typeof serveRouters>>

const db = sharedDatabase()
beforeAll(async () => {
  const { pool } = db.database
  server = await serveRouters([
    catalogueRoutes(routeDependencies(), { pool, seatMaps: new SeatMaps(pool), showtimeSellsForMs: 900_000 }),
  ])
})
afterAll(() => server.close())

async function get(path: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${server.url}${path}`)
  return { status: response.status, body: await response.json() }
}

async function list(query: string): Promise<Listed> {
  const { status, body } = await get(`/v1/showtimes?${query}`)
  expect(status).toBe(200)
  return body as Listed
}

describe('showtimes', () => {
  it('are shown whole, by id and in the list alike', async () => {
    const startsAt = at(100)
    const given = await givenShowtime(db.database, {
      startsAt,
      categories: [
        { name: 'Stalls', price: 1200 },
        { name: 'Box', price: 2500 },
      ],
    })
    const { status, body } = await get(`/v1/showtimes/${given.showtimeId.toUpperCase()}`)
    expect(status).toBe(200)
    expect(body).toEqual({
      id: given.showtimeId,
      movie: { id: given.movieId, title: 'A Film', durationMinutes: 100, rating: expect.any(String) },
      venue: { id: expect.any(String), name: 'Cinema', address: expect.any(String), timeZone: 'Europe/Lisbon' },
      auditorium: { id: given.auditoriumId, name: 'One' },
      startsAt: startsAt.toISOString(),
      status: 'active',
      salesStartAt: null,
      salesEndAt: new Date(startsAt.getTime() + 900_000).toISOString(),
      onSale: true,
      currency: 'EUR',
      maxSeatsPerBooking: 10,
      rates: [],
      prices: [
        { categoryId: given.categoryIds[0], name: 'Stalls', price: 1200, rates: {} },
        { categoryId: given.categoryIds[1], name: 'Box', price: 2500, rates: {} },
      ],
      layoutVersion: 1,
    })
    expect((await list(`movieId=${given.movieId}`)).items).toEqual([body])
  })

  it('are listed only while they are on sale', async () => {
    const draft = await givenShowtime(db.database, { status: 'draft' })
    const cancelled = await givenShowtime(db.database, { status: 'cancelled' })
    const past = await givenShowtime(db.database, { startsAt: at(-1) })
    for (const { movieId } of [draft, cancelled, past]) expect((await list(`movieId=${movieId}`)).items).toEqual([])
    expect((await get(`/v1/showtimes/${draft.showtimeId}`)).status).toBe(404)
    expect((await get(`/v1/showtimes/${cancelled.showtimeId}`)).body).toMatchObject({ status: 'cancelled' })
    expect((await get(`/v1/showtimes/${past.showtimeId}`)).status).toBe(200)
  })

  it('are paged through without a gap or a repeat, also where many start at once', async () => {
    const together = at(300)
    const given: string[] = []
    for (let index = 0; index < 7; index += 1) {
      const { showtimeId } = await givenShowtime(db.database, { startsAt: index < 5 ? together : at(301) })
      given.push(showtimeId)
    }
    // Microseconds, which JavaScript's dates do not have.
    await db.database.pool.query(
      "update showtimes set starts_at = starts_at + interval '7 microseconds' where id = any($1::uuid[])",
      [given.slice(1, 3)],
    )
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const page: Listed = await list(
        `from=${at(299).toISOString()}&limit=2${cursor === null ? '' : `&cursor=${cursor}`}`,
      )
      expect(page.items.length).toBeLessThanOrEqual(2)
      seen.push(...page.items.map(({ id }) => id))
      cursor = page.nextCursor
    } while (cursor !== null)
    expect(seen.toSorted()).toEqual(given.toSorted())
    expect(new Set(seen).size).toBe(7)
  })

  it('are found by venue and by time, from inclusive, to exclusive', async () => {
    const startsAt = at(500)
    const { showtimeId } = await givenShowtime(db.database, { startsAt })
    const [from, to] = [startsAt.toISOString(), at(501).toISOString()]
    const [found] = (await list(`from=${from}&to=${to}`)).items
    expect(found?.id).toBe(showtimeId)
    expect((await list(`from=${at(499).toISOString()}&to=${from}`)).items).toEqual([])
    expect((await list(`venueId=${found?.venue.id}`)).items).toEqual([found])
    expect((await list(`venueId=${NOWHERE}`)).items).toEqual([])
  })

  it.each([
    'limit=0',
    'limit=101',
    'limit=ten',
    'limit=1&limit=2',
    'movieId=1',
    'from=tomorrow',
    'from=2026-02-31T99:00:00Z',
    'cursor=',
    'cursor=nonsense',
    `cursor=${Buffer.from('["1","x"]').toString('base64url')}`,
    `cursor=${Buffer.from(`[1e300,"${NOWHERE}"]`).toString('base64url')}`,
    `cursor=${Buffer.from(`[0,"${NOWHERE}"]`).toString('base64url')}!`,
    'colour=red',
  ])('refuse the query %s', async (query) => {
    expect(await get(`/v1/showtimes?${query}`)).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
  })

  it.each([NOWHERE, 'x', '%00', `${NOWHERE}'`])('answer 404 to the id %s', async (id) => {
    for (const path of [`/v1/showtimes/${id}`, `/v1/showtimes/${id}/seat-map`, `/v1/events/${id}`]) {
      expect(await get(path)).toMatchObject({ status: 404, body: { code: 'not_found' } })
    }
  })
})

describe('movies', () => {
  it('are listed while one of their showtimes is on sale', async () => {
    const shown = await givenShowtime(db.database)
    const draft = await givenShowtime(db.database, { status: 'draft' })
    const seen: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const { body } = await get(`/v1/movies?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`)
      const page = body as Listed
      seen.push(...page.items.map(({ id }) => id))
      cursor = page.nextCursor
    }
    expect(seen).toContain(shown.movieId)
    expect(seen).not.toContain(draft.movieId)
    expect(new Set(seen).size).toBe(seen.length)
  })
})

describe('events', () => {
  it('are shown whole, by id and in the list alike, until they have ended', async () => {
    const [startsAt, endsAt, saleStartsAt] = [at(-2), at(2), at(-50)]
    const { eventId, ticketTypeIds } = await givenEvent(db.database, {
      startsAt,
      endsAt,
      ticketTypes: [{ name: 'Day', price: 5000, capacity: 40, saleStartsAt, maxPerCustomer: 4 }],
    })
    const { status, body } = await get(`/v1/events/${eventId}`)
    expect(status).toBe(200)
    expect(body).toEqual({
      id: eventId,
      title: 'An Event',
      description: expect.any(String),
      venue: 'The Hall',
      timeZone: 'Europe/Lisbon',
      startsAt: startsAt.toISOString(),
      endsAt: endsAt.toISOString(),
      status: 'published',
      currency: 'EUR',
      salesStartAt: null,
      salesEndAt: endsAt.toISOString(),
      onSale: true,
      auditoriumId: null,
      layoutVersion: null,
      maxSeatsPerBooking: 10,
      prices: [],
      rates: [],
      ticketTypes: [
        {
          id: ticketTypeIds[0],
          name: 'Day',
          price: 5000,
          capacity: 40,
          saleStartsAt: saleStartsAt.toISOString(),
          saleEndsAt: null,
          minPerBooking: 1,
          maxPerBooking: expect.any(Number),
          maxPerCustomer: 4,
          active: true,
        },
      ],
    })
    const draft = await givenEvent(db.database, { status: 'draft' })
    const ended = await givenEvent(db.database, { startsAt: at(-5), endsAt: at(-1) })
    const listed = (await get('/v1/events?limit=100')).body as Listed
    expect(listed.items).toEqual([body])
    expect((await get(`/v1/events/${draft.eventId}`)).status).toBe(404)
    expect((await get(`/v1/events/${ended.eventId}`)).status).toBe(200)
    // A resource of the other kind is not found either.
    expect((await get(`/v1/showtimes/${eventId}`)).status).toBe(404)
  })
})

describe('the seat map', () => {
  it('shows the layout with its categories and is answered 304 to who has it', async () => {
    const given = await givenShowtime(db.database, {
      rows: 3,
      seatsPerRow: 2,
      categories: [{ name: 'Front', price: 900 }, { name: 'Middle', price: 1100 }, { name: 'Closed' }],
      disabledSeats: ['A2'],
      accessibleSeats: ['A1'],
    })
    const [front, middle, closed] = given.categoryIds
    const path = `${server.url}/v1/showtimes/${given.showtimeId}/seat-map`
    const response = await fetch(path)
    const seat = (label: string, x: number, y: number, category: unknown, disabled = false, accessible = false) => ({
      label,
      section: null,
      row: label.slice(0, 1),
      number: label.slice(1),
      x,
      y,
      category,
      disabled,
      accessible,
    })
    expect(await response.json()).toEqual({
      version: 1,
      rows: [
        { section: null, label: 'A', seats: [seat('A1', 0, 0, front, false, true), seat('A2', 1, 0, front, true)] },
        { section: null, label: 'B', seats: [seat('B1', 0, 1, middle), seat('B2', 1, 1, middle)] },
        // Their category has no price, so they are not for sale.
        { section: null, label: 'C', seats: [seat('C1', 0, 2, closed, true), seat('C2', 1, 2, closed, true)] },
      ],
      categories: [
        { id: front, name: 'Front', price: 900, rates: {} },
        { id: middle, name: 'Middle', price: 1100, rates: {} },
        { id: closed, name: 'Closed', price: null, rates: {} },
      ],
      areas: [],
      focus: null,
      currency: 'EUR',
    })
    expect(response.headers.get('cache-control')).toContain('max-age=60')
    const etag = response.headers.get('etag') ?? ''
    expect(etag).toMatch(/^"1-[\w-]{16}"$/)
    for (const header of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const again = await fetch(path, { headers: { 'if-none-match': header } })
      expect([again.status, await again.text()]).toEqual([304, ''])
    }
    expect((await fetch(path, { headers: { 'if-none-match': '"1"' } })).status).toBe(200)
  })

  it('of a draft is not there', async () => {
    const { showtimeId } = await givenShowtime(db.database, { status: 'draft' })
    expect((await get(`/v1/showtimes/${showtimeId}/seat-map`)).status).toBe(404)
    await db.database.pool.query("update showtimes set status = 'active' where id = $1", [showtimeId])
    expect((await get(`/v1/showtimes/${showtimeId}/seat-map`)).status).toBe(200)
  })
})
