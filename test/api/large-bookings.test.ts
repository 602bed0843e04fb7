import { beforeAll, describe, expect, test } from 'vitest'
import { UndecidedPlaces } from '@boxoffice/core/limits/undecided-places.ts'
import { givenEvent, type GivenEvent } from '../support/catalogue.ts'
import { eventually } from '../support/eventually.ts'
import { signTestToken } from '../support/tokens.ts'
import { sharedLifecycleApp } from './start-lifecycle-app.ts'

let event: GivenEvent
let customer: string
let staff: string
let admin: string

const app = sharedLifecycleApp({
  limited: true,
  environment: { HOLDS_PER_CUSTOMER: '1000', HOLDS_PER_ADDRESS: '1000' },
})
beforeAll(async () => {
  event = await givenEvent(app.db.database, {
    ticketTypes: Array.from({ length: 2 }, () => ({ price: 0, capacity: 1_000_000, maxPerBooking: 1_000 })),
  })
  customer = await signTestToken('customer')
  staff = await signTestToken('staff', { organizerId: event.organizerId })
  admin = await signTestToken('admin')
})

function body(...quantities: readonly number[]) {
  const tickets = quantities.map((quantity, index) => ({ ticketTypeId: event.ticketTypeIds[index], quantity }))
  return { resource: { type: 'event', id: event.eventId }, tickets, customer: { name: 'Ada', email: 'a@example.org' } }
}

const setPaused = (paused: boolean) => async (id: string) => {
  await app.db.database.pool.query('update resource_state set paused = $2 where resource_id = $1', [id, paused])
}
const pause = setPaused(true)
const resume = setPaused(false)

describe('a booking', () => {
  test.each([
    ['a customer', () => customer, [200], [101, 100], 200],
    ["an organizer's people", () => staff, [1_000], [500, 501], 1_000],
  ])(
    'of %s has a largest number of tickets over all lines, and a quote has the same',
    async (_who, token, most, more, limit) => {
      expect((await app.send('POST', '/v1/booking-requests', { token: token(), body: body(...most) })).status).toBe(202)
      const sum = more.reduce((all, quantity) => all + quantity, 0)
      for (const path of ['/v1/booking-requests', '/v1/quotes']) {
        const refused = await app.send('POST', path, { token: token(), body: body(...more) })
        expect(refused).toMatchObject({
          status: 400,
          body: {
            code: 'invalid_request',
            errors: [{ pointer: '/tickets', detail: `A booking takes at most ${limit} tickets, not ${sum}` }],
          },
        })
      }
    },
  )
})

describe('a seller', () => {
  const given = () =>
    givenEvent(app.db.database, { ticketTypes: [{ price: 0, capacity: 1_000_000, maxPerBooking: 1_000 }] })
  const sendTo = (of: GivenEvent, token: string, quantity: number, headers: Record<string, string> = {}) =>
    app.send('POST', '/v1/booking-requests', {
      token,
      body: {
        resource: { type: 'event', id: of.eventId },
        tickets: [{ ticketTypeId: of.ticketTypeIds[0], quantity }],
        customer: { name: 'Ada', email: 'a@example.org' },
      },
      headers,
    })

  test('has so many places in line and no more, which turns away nobody else', async () => {
    const [stuffed, neighbour] = [await given(), await given()]
    await Promise.all([pause(stuffed.eventId), pause(neighbour.eventId)])
    const { organizerId } = stuffed
    // This holds for any number of people and keys.
    const tokens = await Promise.all(
      Array.from({ length: 30 }, (_, index) => signTestToken('staff', { organizerId, subject: `staff:${index}` })),
    )
    const statuses = []
    for (const token of tokens) statuses.push((await sendTo(stuffed, token, 1_000)).status)
    expect(statuses).toEqual([202, 202, ...Array.from({ length: 28 }, () => 429)])
    expect((await sendTo(stuffed, tokens[0] ?? '', 1_000)).headers.get('retry-after')).toBe('1')
    const other = await signTestToken('staff', { organizerId: neighbour.organizerId })
    expect((await sendTo(neighbour, other, 1)).status).toBe(202)
    expect((await sendTo(stuffed, customer, 1)).status).toBe(202)
  })

  test('a repeated request has its places in line once', async () => {
    const event = await given()
    await pause(event.eventId)
    const token = await signTestToken('staff', { organizerId: event.organizerId })
    const repeat = () => sendTo(event, token, 1_000, { 'Idempotency-Key': 'a-lost-answer' })
    for (let sent = 0; sent < 25; sent++) expect((await repeat()).status).toBe(202)
    expect((await sendTo(event, token, 1)).status).toBe(202)
  })
})

describe('undecided places', () => {
  const queued = { id: 'x', state: 'queued', decidedAt: null, booking: null, refusal: null } as const
  const refused = { ...queued, state: 'refused' } as const

  test('are free again a second after their request, once it is decided, and at once if it was not accepted', () => {
    let now = 0
    const places = new UndecidedPlaces(() => now, 100)
    const first = places.reserve('a', 60)
    first.became(queued)
    places.reserve('a', 40).became(queued)
    expect(() => places.reserve('a', 21)).toThrow('wait to be decided')
    places.reserve('b', 100).failed()
    first.became(refused)
    expect(() => places.reserve('a', 21)).toThrow('wait to be decided')
    now = 1_000
    places.reserve('a', 60).failed()
    expect(() => places.reserve('a', 61)).toThrow('wait to be decided')
    // The other one was not reported.
    now = 60_000
    places.reserve('a', 100).failed()
    expect(places.size).toBe(0)
  })

  test('never keep a single request out, nor those of a few places', () => {
    const places = new UndecidedPlaces(() => 0, 100)
    places.reserve('a', 1_000).became(queued)
    expect(() => places.reserve('a', 21)).toThrow('wait to be decided')
    for (let sale = 0; sale < 1_000; sale++) places.reserve('a', 20).became(queued)
  })
})

describe('a request that an operator refuses', () => {
  const refuse = (id: string, headers: Record<string, string> = {}) =>
    app.send('POST', `/v1/booking-requests/${id}/refuse`, {
      token: admin,
      body: { reason: 'It stops the line' },
      headers,
    })

  test('has its outcome at once, is passed over by the decider, and leaves everybody else their place', async () => {
    const other = await givenEvent(app.db.database, { ticketTypes: [{ price: 0, capacity: 1 }] })
    const ask = async () => {
      const tickets = [{ ticketTypeId: other.ticketTypeIds[0], quantity: 1 }]
      const { body: view } = await app.send('POST', '/v1/booking-requests', {
        token: customer,
        body: { ...body(), resource: { type: 'event', id: other.eventId }, tickets },
      })
      return view as { readonly id: string }
    }
    await pause(other.eventId)
    const [stuck, next, last] = [await ask(), await ask(), await ask()]
    expect(await refuse(stuck.id)).toMatchObject({
      status: 200,
      body: { id: stuck.id, state: 'refused', refusal: { code: 'internal_error' } },
    })
    const outcomeOf = async ({ id }: { readonly id: string }) =>
      (await app.send('GET', `/v1/booking-requests/${id}`, { token: customer })).body
    await resume(other.eventId)
    // Notifies of the line, as the sweep would find it.
    await ask()
    await eventually(async () => expect(await outcomeOf(last)).not.toMatchObject({ state: 'queued' }))
    expect(await outcomeOf(next)).toMatchObject({ state: 'booked' })
    expect(await outcomeOf(last)).toMatchObject({ state: 'refused', refusal: { code: 'tickets_unavailable' } })
    expect(await outcomeOf(stuck)).toMatchObject({ state: 'refused', refusal: { code: 'internal_error' } })

    const { rows } = await app.db.database.pool.query<{ action: string; actor: string; after: unknown }>(
      'select action, actor, after from audit where entity_id = $1 order by action',
      [stuck.id],
    )
    expect(rows.map(({ action }) => action)).toEqual(['booking_request.refused', 'booking_request.refused_by_operator'])
    expect(rows[1]?.after).toEqual({ reason: 'It stops the line' })
    expect(await refuse(next.id)).toMatchObject({ status: 409, body: { code: 'already_decided' } })
  })

  test('is refused once under one key, and not at all by anybody else', async () => {
    await pause(event.eventId)
    const { body: view } = await app.send('POST', '/v1/booking-requests', { token: customer, body: body(1) })
    const { id } = view as { readonly id: string }
    const forbidden = await app.send('POST', `/v1/booking-requests/${id}/refuse`, {
      token: staff,
      body: { reason: 'Mine' },
    })
    expect(forbidden.status).toBe(403)
    const headers = { 'Idempotency-Key': 'refuse-once' }
    expect((await refuse(id, headers)).status).toBe(200)
    expect((await refuse(id, headers)).status).toBe(200)
    expect((await refuse('0199a000-0000-7000-8000-00000000dead')).status).toBe(404)
  })
})
