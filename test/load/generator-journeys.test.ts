import { afterEach, describe, expect, it } from 'vitest'
import { checkoutPath } from '../../apps/load/src/generator/journeys/pay.ts'
import type { Follow, Journey } from '../../apps/load/src/generator/plan.ts'
import { requestBody, runPlan, sendJson, type StandIn, startStandIn } from './generator-stand-in.ts'

const SALE = { eventId: 'event', ticketTypeId: 'type' }
const HALL = { rows: 4, seatsPerRow: 5 }

let standIn: StandIn | undefined

afterEach(async () => {
  await standIn?.close()
})

const start = async (...options: Parameters<typeof startStandIn>) => (standIn = await startStandIn(...options))

const bookTickets = (follow: Follow, probes = 0): Journey => ({
  kind: 'book-tickets',
  sales: [SALE],
  quantity: 2,
  exact: true,
  follow,
  probes,
})

describe('buyers of tickets', () => {
  it('wait for their outcome within their request', async () => {
    const { url, bookings } = await start()
    const { stream, requests, references } = await runPlan(url, bookTickets('wait'))
    expect(stream).toMatchObject({ intended: 20, sent: 20, booked: 20, errors: 0, statuses: { '200': 20 } })
    expect(stream.total.count).toBe(20)
    expect(stream.accept.count).toBe(0)
    expect(new Set(references).size).toBe(20)
    expect(requests).toHaveLength(20)
    expect(requests[0]).toMatchObject({ requestId: '1', resourceId: 'event', acceptedMs: null, outcome: 'booked' })
    expect(bookings[0]?.headers['prefer']).toMatch(/^wait=\d+$/)
    expect(bookings[0]?.body).toMatchObject({
      resource: { type: 'event', id: 'event' },
      tickets: [{ ticketTypeId: 'type', quantity: 2 }],
    })
  })

  it('send each request under an idempotency key of its own', async () => {
    const { url, bookings } = await start()
    await runPlan(url, bookTickets('accept'))
    await runPlan(url, bookTickets('accept'))
    expect(new Set(bookings.map(({ headers }) => headers['idempotency-key'])).size).toBe(40)
  })

  it('ask for the outcome after their 202', async () => {
    const { url } = await start()
    const { stream, requests } = await runPlan(url, bookTickets('accept-then-wait'))
    expect(stream).toMatchObject({ booked: 20, undecided: 0, statuses: { '202': 20, '200': 20 } })
    expect([stream.accept.count, stream.decide.count, stream.total.count]).toEqual([20, 20, 20])
    for (const { sentMs, acceptedMs, decidedMs } of requests) {
      expect(acceptedMs ?? 0).toBeGreaterThanOrEqual(sentMs)
      expect(decidedMs ?? 0).toBeGreaterThanOrEqual(acceptedMs ?? Number.NaN)
    }
  })

  it('leave with their 202', async () => {
    const { url } = await start()
    const { stream, requests } = await runPlan(url, bookTickets('accept'))
    expect(stream).toMatchObject({ booked: 0, undecided: 0, statuses: { '202': 20 } })
    expect([stream.accept.count, stream.total.count]).toEqual([20, 0])
    expect(stream.curve.at(-1)?.[0]).toBe(100)
    expect(requests[0]).toMatchObject({ decidedMs: null, outcome: null })
  })

  it('probe as many times as the share says', async () => {
    const { url } = await start()
    const { stream } = await runPlan(url, bookTickets('wait', 1))
    expect(stream.statuses).toEqual({ '202': 20, '200': 20 })
  })

  it('are undecided where the run ends first', async () => {
    const { url } = await start({
      replies: { 'GET /v1/booking-requests/': (_, response) => sendJson(response, 200, requestBody(1, 'queued')) },
    })
    const { stream } = await runPlan(url, bookTickets('accept-then-wait'), {}, { graceMs: 2_000 })
    expect(stream).toMatchObject({ booked: 0, undecided: 20, errors: 0 })
  })

  it('are refused by a decision, or turned away before the line, by code', async () => {
    let count = 0
    const answers = [
      [200, requestBody(1, 'refused')],
      [409, { code: 'not_on_sale' }],
      [429, { code: 'too_many_requests' }],
      [503, { code: 'overloaded' }],
    ] as const
    const { url } = await start({
      replies: {
        'POST /v1/booking-requests': (_, response) => {
          const [status, body] = answers[count++ % 4] ?? [500, {}]
          sendJson(response, status, body)
        },
      },
    })
    const { stream } = await runPlan(url, bookTickets('wait'))
    expect(stream.refused).toEqual({ tickets_unavailable: 5, not_on_sale: 5, too_many_requests: 5, overloaded: 5 })
    expect(stream.statuses).toEqual({ '200': 5, '409': 5, '429': 5, '503': 5 })
    expect(stream.errors).toBe(0)
    expect(stream.total.count).toBe(5)
  })

  it.each([
    ['another status', 500, '{"code":"internal_error"}'],
    ['a booking request without a state', 200, '{"id":"1"}'],
    ['one that is booked without a reference', 200, '{"id":"1","state":"booked","booking":{}}'],
    ['what is no JSON', 202, 'oops'],
  ])('count %s as an error, with samples', async (_what, status, body) => {
    const { url } = await start({
      replies: { 'POST /v1/booking-requests': (_, response) => void response.writeHead(status).end(body) },
    })
    const { stream, requests } = await runPlan(url, bookTickets('wait'))
    expect(stream.errors).toBe(20)
    expect(stream.errorSamples).toHaveLength(5)
    expect(stream.errorSamples[0]).toContain(body)
    expect(requests).toEqual([])
  })

  it('count a broken connection as an error', async () => {
    const { url } = await start({
      replies: { 'POST /v1/booking-requests': (request) => void request.socket.destroy() },
    })
    const { stream } = await runPlan(url, bookTickets('wait'))
    expect(stream).toMatchObject({ errors: 20, statuses: { '0': 20 } })
  })

  it('take turns, with an address each', async () => {
    const { url, bookings } = await start()
    await runPlan(url, bookTickets('accept'), { address: '10.0.0.{n}', customers: { from: 1, count: 2 } })
    const seen = new Map(bookings.map(({ headers }) => [headers['authorization'], headers['x-forwarded-for']]))
    expect(Object.fromEntries(seen)).toEqual({ 'Bearer one': '10.0.0.2', 'Bearer two': '10.0.0.3' })
  })

  it('choose the same for the same seed, however the server answers', async () => {
    const { url, bookings } = await start()
    const journey: Journey = {
      kind: 'book-seats',
      sales: [{ showtimeId: 's', hall: HALL }],
      seats: 2,
      choice: 'best',
      probes: 0.5,
    }
    await runPlan(url, journey)
    const first = bookings.map(({ body }) => JSON.stringify(body))
    await runPlan(url, journey)
    expect(
      bookings
        .slice(20)
        .map(({ body }) => JSON.stringify(body))
        .toSorted(),
    ).toEqual(first.toSorted())
  })
})

describe('readers of availability', () => {
  it('send the entity tag that was seen last, and count what has not changed as an answer', async () => {
    const sent: (string | undefined)[] = []
    const { url } = await start({
      replies: {
        'GET /v1/events/event/availability': (request, response) => {
          sent.push(request.headers['if-none-match'])
          if (request.headers['if-none-match'] === '"1"') response.writeHead(304, { etag: '"1"' }).end()
          else sendJson(response, 200, { version: 1 }, { etag: '"1"' })
        },
      },
    })
    const { stream, ticks } = await runPlan(url, { kind: 'read-availability', tickets: [SALE, SALE], seats: [] })
    expect(sent[0]).toBeUndefined()
    expect(sent.at(-1)).toBe('"1"')
    expect((stream.statuses['200'] ?? 0) + (stream.statuses['304'] ?? 0)).toBe(20)
    expect(stream.accept.count).toBe(20)
    expect(ticks.reduce((sum, { reads }) => sum + reads, 0)).toBe(20)
  })
})

describe('watchers', () => {
  it('are told what is sold, by the label of a seat', async () => {
    const streams = new Set<{ write(text: string): unknown }>()
    const tellAll = (event: string, data: object) => {
      for (const stream of streams) stream.write(`id: 2\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
    }
    const { url } = await start({
      replies: {
        'GET /v1/showtimes/s/availability/stream': (_, response) => {
          response.writeHead(200, { 'content-type': 'text/event-stream' })
          response.write('id: 1\nevent: snapshot\ndata: {"version":1,"taken":[]}\n\n')
          streams.add(response)
        },
        'POST /v1/booking-requests': (_, response) => {
          sendJson(response, 200, requestBody(1, 'booked'))
          setImmediate(() => tellAll('change', { version: 2, taken: ['A1', 'A2'], released: [] }))
        },
      },
    })
    const sales = [{ showtimeId: 's', hall: HALL }]
    const { watchers } = await runPlan(
      url,
      { kind: 'book-seats', sales, seats: 2, choice: 'next' },
      { arrivals: { shape: 'steady', perSecond: 5 } },
      { watchers: { count: 7, tickets: [], seats: sales } },
    )
    expect(watchers).toMatchObject({ watchers: 7, connected: 7, messages: 7, delay: { count: 7 } })
  })

  it('that cannot connect are not counted as connected', async () => {
    const { url } = await start()
    const watching = { watchers: { count: 3, tickets: [SALE], seats: [] } }
    const { watchers } = await runPlan(url, bookTickets('wait'), {}, watching)
    expect(watchers).toEqual({ watchers: 3, connected: 0, messages: 0, delay: null })
  })
})

describe('the checkout page', () => {
  it('is looked for on the server under test, whatever host its address names', () => {
    expect(checkoutPath('https://tickets.example.com/sandbox/checkouts/abc')).toBe('/sandbox/checkouts/abc')
  })

  it('of another provider is not touched', () => {
    expect(checkoutPath('https://checkout.stripe.com/c/pay/abc')).toBeNull()
    expect(checkoutPath('no address')).toBeNull()
    expect(checkoutPath(null)).toBeNull()
  })
})

it('says that the server does not answer before anything is sent', async () => {
  const { url, bookings } = await start({
    replies: { 'GET /livez': (_, response) => sendJson(response, 503, { status: 'stopping' }) },
  })
  await expect(runPlan(url, bookTickets('wait'))).rejects.toThrow('/livez was answered 503')
  expect(bookings).toEqual([])
})

describe('staff', () => {
  it('confirm each booking once, and do nothing when there is none left', async () => {
    const confirmed: (string | undefined)[] = []
    const { url } = await start({
      replies: {
        'POST /v1/bookings/': (request, response) => {
          confirmed.push(`${request.url} ${request.headers.authorization}`)
          if (confirmed.length === 2) sendJson(response, 503, { code: 'overloaded' })
          else sendJson(response, 200, {})
        },
      },
    })
    const { stream } = await runPlan(url, { kind: 'confirm', references: ['A', 'B', 'C'], token: 'of-staff' })
    expect(confirmed).toEqual(['A', 'B', 'C'].map((reference) => `/v1/bookings/${reference}/status Bearer of-staff`))
    expect(stream).toMatchObject({ sent: 20, steps: { confirmed: 2 }, refused: { overloaded: 1 }, errors: 0 })
  })
})
