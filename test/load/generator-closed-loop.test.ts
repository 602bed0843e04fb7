import { afterEach, describe, expect, it } from 'vitest'
import { seatsInTurn } from '../../apps/load/src/generator/best-seats.ts'
import type { Journey, LoadPlan } from '../../apps/load/src/generator/plan.ts'
import { requestBody, runPlan, sendJson, type StandIn, startStandIn } from './generator-stand-in.ts'

const CLIENTS = 3
const BOOK: Journey = {
  kind: 'book-tickets',
  sales: [{ eventId: 'event', ticketTypeId: 'type' }],
  quantity: 1,
  exact: true,
}

let standIn: StandIn | undefined

afterEach(async () => {
  await standIn?.close()
})

const start = async (...options: Parameters<typeof startStandIn>) => (standIn = await startStandIn(...options))

const run = (url: string, journey: Journey, own: Partial<LoadPlan> = {}) =>
  runPlan(
    url,
    journey,
    { arrivals: { shape: 'closed', clients: CLIENTS } },
    { durationMs: 300, clients: CLIENTS, ...own },
  )

describe('clients of a closed loop', () => {
  it('each send their next request when the last one was answered', async () => {
    const waiting = new Set<() => void>()
    let most = 0
    const { url, bookings } = await start({
      replies: {
        'POST /v1/booking-requests': (_, response) => {
          const answer = () => {
            waiting.delete(answer)
            sendJson(response, 200, requestBody(bookings.length, 'booked'))
          }
          waiting.add(answer)
          most = Math.max(most, waiting.size)
          setTimeout(answer, 20)
        },
      },
    })
    const { stream, lag } = await run(url, BOOK)
    expect(most).toBe(CLIENTS)
    expect(stream).toMatchObject({ intended: stream.sent, unsent: 0, booked: stream.sent, errors: 0 })
    // One after the other, 20 ms each: about fifteen a client, and never more.
    expect(stream.sent).toBeGreaterThan(CLIENTS)
    expect(stream.sent).toBeLessThanOrEqual(CLIENTS * 16)
    expect(stream.total.count).toBe(stream.sent)
    // Nothing was intended at a time, so nothing can be late.
    expect(lag.count).toBe(0)
  })

  it('are one customer each, and send each request under a key of its own', async () => {
    const { url, bookings } = await start()
    await run(url, BOOK)
    expect(new Set(bookings.map(({ headers }) => headers.authorization)).size).toBe(CLIENTS)
    expect(new Set(bookings.map(({ headers }) => headers['idempotency-key'])).size).toBe(bookings.length)
  })

  it('are measured within the measured time only, whose ends are told', async () => {
    const { url } = await start()
    const all = await run(url, BOOK)
    expect(all.told).not.toContain('measuring')
    const { stream, told } = await run(url, BOOK, { measured: { fromMs: 100, untilMs: 200 } })
    expect(told.filter((phase) => phase === 'measuring' || phase === 'measured')).toEqual(['measuring', 'measured'])
    expect(stream.total.count).toBeGreaterThan(0)
    expect(stream.total.count).toBeLessThan(stream.booked)
    const none = await run(url, BOOK, { measured: { fromMs: 10_000, untilMs: 20_000 } })
    expect(none.stream.booked).toBeGreaterThan(0)
    expect(none.stream.total.count).toBe(0)
  })

  it('pause when they are turned away, instead of asking in a busy loop', async () => {
    const { url } = await start({
      replies: { 'POST /v1/booking-requests': (_, response) => sendJson(response, 503, { code: 'overloaded' }) },
    })
    const { stream } = await run(url, BOOK)
    expect(stream.refused).toEqual({ overloaded: stream.sent })
    // A pause of 50 ms after each: six times at the most, and once more for the last.
    expect(stream.sent).toBeLessThanOrEqual(CLIENTS * 7)
  })

  it('read with the tag that they have seen themselves', async () => {
    let fresh = 0
    const { url } = await start({
      replies: {
        'GET /v1/events/event/availability': (request, response) => {
          if (request.headers['if-none-match'] === '"1"') return void response.writeHead(304, { etag: '"1"' }).end()
          fresh++
          // Long enough that nobody is answered before everybody has asked.
          setTimeout(() => sendJson(response, 200, { version: 1 }, { etag: '"1"' }), 50)
        },
      },
    })
    const tickets = [{ eventId: 'event', ticketTypeId: 'type' }]
    const { stream } = await run(url, { kind: 'read-availability', tickets, seats: [], ownTags: true })
    expect(fresh).toBe(CLIENTS)
    expect(stream.statuses['304']).toBe(stream.sent - CLIENTS)
    expect(stream.accept.count).toBe(stream.sent)
  })
})

describe('seats in turn', () => {
  const sales = ['first', 'second'].map((showtimeId) => ({ showtimeId, hall: { rows: 1, seatsPerRow: 5 } }))

  it('are all of one showtime before those of the next, each once', () => {
    const next = seatsInTurn(sales, 2)
    const handedOut = Array.from({ length: 5 }, () => {
      const chosen = next()
      return chosen === null ? null : [chosen.sale.showtimeId, ...chosen.seats]
    })
    // The fifth seat of a row has no neighbour left.
    expect(handedOut).toEqual([
      ['first', 'A1', 'A2'],
      ['first', 'A3', 'A4'],
      ['second', 'A1', 'A2'],
      ['second', 'A3', 'A4'],
      null,
    ])
  })

  it('fail their client when none is left', async () => {
    const { url } = await start()
    const { stream } = await run(url, { kind: 'book-seats', sales, seats: 5, choice: 'in-turn' })
    expect(stream.booked).toBe(2)
    expect(stream.errorSamples[0]).toBe('there are no seats left to ask for')
  })
})
