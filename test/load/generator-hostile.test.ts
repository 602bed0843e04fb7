import { afterEach, describe, expect, it } from 'vitest'
import type { HostileAct } from '../../apps/load/src/generator/journeys/hostile/act.ts'
import type { Journey, LoadPlan } from '../../apps/load/src/generator/plan.ts'
import { requestBody, runPlan, sendJson, type StandIn, startStandIn } from './generator-stand-in.ts'

const SALE = { eventId: 'event', ticketTypeId: 'type' }
const BE_REFUSED: HostileAct = { name: 'be-refused', showtimeId: 'show', seats: ['sold', 'unknown'], sessions: 20 }
const SESSION = { token: 'a-guest', expiresIn: 60 }

let standIn: StandIn | undefined

afterEach(async () => {
  await standIn?.close()
})

const start = async (...options: Parameters<typeof startStandIn>) => (standIn = await startStandIn(...options))

const hostile = (act: HostileAct): Journey => ({ kind: 'hostile', act })

/** Runs ten arrivals of one stream, whose two customers come from an address each. */
const run = (url: string, journey: Journey, own: Partial<LoadPlan> = {}) =>
  runPlan(
    url,
    journey,
    { headline: false, localAddress: '127.70.{m}.{n}', customers: { from: 0, count: 2 } },
    { durationMs: 100, graceMs: 3_000, ...own },
  )

describe('a customer', () => {
  it('calls from the address of this machine that its stream says', async () => {
    const seen = new Set<string | undefined>()
    const { url } = await start({
      replies: {
        'POST /v1/quotes': (request, response) => {
          seen.add(request.socket.remoteAddress)
          sendJson(response, 200, { refusal: null })
        },
        'POST /v1/guest-sessions': (_, response) => sendJson(response, 201, SESSION),
      },
    })
    await run(url, hostile({ name: 'guess-codes', sale: SALE, sessions: 1 }))
    expect(seen).toEqual(new Set(['127.70.0.1', '127.70.0.2']))
  })
})

describe('an honest buyer who is told to come back', () => {
  const book = (returns: boolean): Journey => ({
    kind: 'book-tickets',
    sales: [SALE],
    quantity: 1,
    exact: true,
    returns,
  })
  const throttledOnce = () => {
    const turnedAway = new Set<unknown>()
    return start({
      replies: {
        'POST /v1/booking-requests': (request, response) => {
          const key = request.headers['idempotency-key']
          if (turnedAway.has(key)) return sendJson(response, 200, requestBody(1, 'booked'))
          turnedAway.add(key)
          sendJson(response, 429, { code: 'too_many_requests' }, { 'retry-after': '0' })
        },
      },
    })
  }

  it('is counted as refused, comes back and is booked', async () => {
    const { url } = await throttledOnce()
    const { stream } = await run(url, book(true))
    expect(stream).toMatchObject({ booked: 10, refused: { too_many_requests: 10 }, steps: { 'came back': 10 } })
    expect(stream.statuses).toEqual({ '429': 10, '200': 10 })
  })

  it('is refused for good where buyers do not come back', async () => {
    const { url } = await throttledOnce()
    const { stream } = await run(url, book(false))
    expect(stream).toMatchObject({ booked: 0, refused: { too_many_requests: 10 }, statuses: { '429': 10 } })
  })

  it('gives up after the third time', async () => {
    const { url } = await start({
      replies: {
        'POST /v1/booking-requests': (_, response) =>
          sendJson(response, 503, { code: 'overloaded' }, { 'retry-after': '0' }),
      },
    })
    const { stream } = await run(url, book(true))
    expect(stream).toMatchObject({ booked: 0, refused: { overloaded: 30 }, errors: 0 })
  })
})

describe('hostile callers', () => {
  it('begin a few guest sessions of each address, and ask for what cannot be had with them', async () => {
    let sessions = 0
    const { url, bookings } = await start({
      replies: {
        'POST /v1/guest-sessions': (_, response) => sendJson(response, 201, { ...SESSION, token: `t${++sessions}` }),
        'POST /v1/booking-requests': (_, response) =>
          sendJson(response, 200, requestBody(1, 'refused', 'seat_unavailable')),
      },
    })
    const { stream, requests } = await run(url, hostile(BE_REFUSED), { durationMs: 600 })
    expect(stream).toMatchObject({ sent: 60, errors: 0, booked: 0, refused: { seat_unavailable: 60 } })
    // Arrivals with odd numbers are one address's, those with even numbers the other's.
    expect(sessions).toBe(20)
    expect(new Set(bookings.map(({ headers }) => headers.authorization)).size).toBe(20)
    expect(requests[0]).toMatchObject({ resourceId: 'show', outcome: 'refused' })
  })

  it('count being turned away by its code, and being cut off, and call neither an error', async () => {
    let count = 0
    const { url } = await start({
      replies: {
        'POST /v1/guest-sessions': (_, response) => sendJson(response, 201, SESSION),
        'POST /v1/booking-requests': (request, response) => {
          if (count++ % 2 === 0) request.socket.destroy()
          else sendJson(response, 422, { code: 'too_many_tickets' })
        },
      },
    })
    const { stream } = await run(url, hostile(BE_REFUSED))
    expect(stream).toMatchObject({ errors: 0, refused: { too_many_tickets: 5 } })
    expect(stream.steps).toMatchObject({ 'cut off': 5 })
    expect(stream.statuses).toMatchObject({ '0': 5, '422': 5 })
  })

  it('call a failure of the server an error', async () => {
    const { url } = await start({
      replies: { 'GET /v1/audit': (_, response) => sendJson(response, 500, { code: 'internal_error' }) },
    })
    const { stream } = await run(url, hostile({ name: 'read-reports', token: 'organizer', paths: ['/v1/audit?a=b'] }))
    expect(stream).toMatchObject({ errors: 10, statuses: { '500': 10 } })
  })

  it('stuff many tickets of every type into a request', async () => {
    const { url, bookings } = await start()
    const act: HostileAct = {
      name: 'stuff-batches',
      token: 'organizer',
      eventId: 'event',
      ticketTypeIds: ['a', 'b'],
      quantity: 500,
    }
    const { stream } = await run(url, hostile(act))
    expect(stream).toMatchObject({ statuses: { '202': 10 }, errors: 0 })
    expect(bookings[0]?.headers.authorization).toBe('Bearer organizer')
    expect(bookings[0]?.body).toMatchObject({
      tickets: [
        { ticketTypeId: 'a', quantity: 500 },
        { ticketTypeId: 'b', quantity: 500 },
      ],
    })
  })

  it('cancel what they have booked', async () => {
    const { url } = await start({
      replies: {
        'POST /v1/guest-sessions': (_, response) => sendJson(response, 201, SESSION),
        'POST /v1/bookings/REF': (_, response) => sendJson(response, 200, {}),
      },
    })
    const { stream } = await run(url, hostile({ name: 'book-and-cancel', sale: SALE, sessions: 1 }))
    expect(stream).toMatchObject({ booked: 10, steps: { cancelled: 10 }, errors: 0 })
  })
})

describe('slow readers', () => {
  const act: HostileAct = { name: 'never-read', paths: ['/big'], calls: 2, untilMs: 300 }

  it('stay until their time is over, and see their first answer then', async () => {
    let asked = 0
    const { url } = await start({
      replies: {
        'GET /big': (_, response) => {
          asked++
          response.writeHead(200).end('x'.repeat(20_000))
        },
      },
    })
    const { stream } = await run(url, hostile(act))
    expect(stream).toMatchObject({ errors: 0, statuses: { '200': 10 }, steps: { connected: 10, stayed: 10 } })
    expect(asked).toBe(20)
  })

  it('are counted as cut off where the server has ended the connection', async () => {
    const { url } = await start({ replies: { 'GET /big': (request) => void request.socket.destroy() } })
    const { stream } = await run(url, hostile(act))
    expect(stream).toMatchObject({ errors: 0, steps: { connected: 10, 'cut off': 10 } })
  })
})
