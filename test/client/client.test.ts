import { beforeAll, describe, expect, it } from 'vitest'
import { book, BoxofficeClient, followRequest, RefusedError, watchShowtime } from '@boxoffice/client'
import { givenShowtime } from '../support/catalogue.ts'
import { signTestToken } from '../support/tokens.ts'
import { sharedLifecycleApp } from '../api/start-lifecycle-app.ts'
import { shared } from '../support/shared.ts'

let token: string
const app = sharedLifecycleApp()
const show = shared(() => givenShowtime(app.db.database, { rows: 10, seatsPerRow: 10 }))
beforeAll(async () => {
  token = await signTestToken('customer')
})

let next = 0
const body = (seat = show.seats[next++] ?? '') => ({
  resource: { type: 'showtime' as const, id: show.showtimeId },
  seats: [seat],
  customer: { name: 'Ada', email: 'ada@example.org' },
})

const client = (options: { fetch?: typeof fetch; token?: string } = {}) =>
  new BoxofficeClient({ baseUrl: app.url, token, ...options })

describe('booking and waiting', () => {
  it('resolves with the booking', async () => {
    const outcome = await book(client(), body())
    expect(outcome).toMatchObject({ state: 'booked', booking: { status: 'pending', total: 1030 }, refusal: null })
  })

  it('resolves with the refusal: too late is an outcome, not an error', async () => {
    const taken = body()
    await book(client(), taken)
    const outcome = await book(client(), taken)
    expect(outcome).toMatchObject({ state: 'refused', booking: null, refusal: { code: 'seat_unavailable' } })
  })

  it('books once, however often the connection breaks before the answer', async () => {
    let sent = 0
    const breaking: typeof fetch = async (input, init) => {
      const response = await fetch(input, init)
      if (init?.method === 'POST' && sent++ < 3) {
        await response.body?.cancel()
        throw new TypeError('the connection broke')
      }
      return response
    }
    const wanted = body()
    const outcome = await book(client({ fetch: breaking }), wanted)
    expect(outcome.state).toBe('booked')
    expect(sent).toBe(4)
    const { rows } = await app.db.database.pool.query<{ count: number }>(
      `select count(*)::int as count from booking_requests where payload->'seats'->>0 = $1`,
      wanted.seats,
    )
    expect(rows[0]?.count).toBe(1)
  })

  it('is patient with an overloaded service, and waits as long as that asks for', async () => {
    const answers = [503, 429]
    const times: number[] = []
    const busy: typeof fetch = (input, init) => {
      times.push(performance.now())
      const status = answers.shift()
      if (status === undefined) return fetch(input, init)
      return Promise.resolve(new Response('{"code":"overloaded"}', { status, headers: { 'Retry-After': '1' } }))
    }
    expect((await book(client({ fetch: busy }), body())).state).toBe('booked')
    expect(times).toHaveLength(3)
    for (const [index, time] of times.slice(1).entries()) expect(time - (times[index] ?? time)).toBeGreaterThan(950)
  })

  it('throws what was not accepted, with the problem', async () => {
    const refused = await book(client(), { ...body(), seats: [] }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(RefusedError)
    expect(refused).toMatchObject({ status: 400, code: 'invalid_request', errors: [{ pointer: '/seats' }] })
    const stranger = await book(client({ token: 'nonsense' }), body()).catch((error: unknown) => error)
    expect(stranger).toMatchObject({ status: 401, code: 'unauthenticated' })
  })

  it('gives up when the caller does', async () => {
    const signal = AbortSignal.abort(new Error('the page was left'))
    await expect(book(client(), body(), { signal })).rejects.toThrow('the page was left')
  })

  it('follows a request to its outcome', async () => {
    const { id } = await client().call('createBookingRequest', { body: body() })
    const seen = await Array.fromAsync(followRequest(client(), id))
    expect(seen.at(-1)).toMatchObject({ id, state: 'booked' })
  })

  it('tells of the position while it waits', async () => {
    const positions: number[] = []
    const outcome = await book(client(), body(), { onPosition: ({ ahead }) => positions.push(ahead) })
    expect(outcome.state).toBe('booked')
    for (const ahead of positions) expect(ahead).toBeGreaterThanOrEqual(0)
  })
})

describe('lists', () => {
  it('go on over their pages', async () => {
    const someone = client({ token: await signTestToken('customer') })
    const references = []
    for (let count = 0; count < 5; count += 1) references.push((await book(someone, body())).booking?.reference)
    const listed = await Array.fromAsync(someone.items('listBookings', { query: { limit: 2 } }))
    expect(listed.map(({ reference }) => reference)).toEqual(references.toReversed())
  })
})

describe('a stream of availability', () => {
  it('goes on where it broke off, and merges the changes', async () => {
    const lastIds: (string | null)[] = []
    let connections = 0
    const breaking: typeof fetch = async (input, init) => {
      lastIds.push(new Headers(init?.headers).get('Last-Event-ID'))
      const response = await fetch(input, init)
      connections += 1
      if (connections > 1 || response.body === null) return response
      // The first connection ends after its first event.
      const reader = response.body.getReader()
      const { value } = await reader.read()
      await reader.cancel()
      return new Response(value, { headers: response.headers })
    }
    const leaving = new AbortController()
    const seen = []
    for await (const availability of watchShowtime(client({ fetch: breaking }), show.showtimeId, leaving.signal)) {
      seen.push(availability)
      if (seen.length === 2) break
      await book(client(), body())
    }
    leaving.abort()
    const [before, after] = seen
    expect(after?.taken.length).toBe((before?.taken.length ?? 0) + 1)
    expect(after?.categories[0]).toMatchObject({ name: 'Standard', total: before?.categories[0]?.total })
    expect(lastIds).toEqual([null, String(before?.version)])
  })
})

describe('an abort', () => {
  const reason = new Error('the page was left')
  const never = () =>
    new BoxofficeClient({ baseUrl: app.url, fetch: () => Promise.reject(new TypeError('no network')) })

  it('ends a watched stream by its reason, for that is not how a stream ends', async () => {
    const leaving = new AbortController()
    const watched = watchShowtime(client(), show.showtimeId, leaving.signal)
    await watched.next()
    const next = watched.next()
    leaving.abort(reason)
    await expect(next).rejects.toBe(reason)
    expect(await watched.next()).toEqual({ done: true, value: undefined })
  })

  it('does so between two messages, and before the first', async () => {
    const leaving = new AbortController()
    const watched = watchShowtime(client(), show.showtimeId, leaving.signal)
    await watched.next()
    leaving.abort(reason)
    await expect(watched.next()).rejects.toBe(reason)
    await expect(watchShowtime(client(), show.showtimeId, leaving.signal).next()).rejects.toBe(reason)
  })

  it('without a reason of its own is an AbortError', async () => {
    const leaving = new AbortController()
    const next = watchShowtime(client(), show.showtimeId, leaving.signal).next()
    leaving.abort()
    await expect(next).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('ends the pause between two tries, of streams and of calls', async () => {
    const leaving = new AbortController()
    const { signal } = leaving
    const waiting = [
      watchShowtime(never(), show.showtimeId, signal).next(),
      never().callPatiently('listMovies', { signal }),
      book(never(), body(), { signal }),
    ]
    setTimeout(() => leaving.abort(reason), 50)
    for (const result of await Promise.allSettled(waiting)) expect(result).toEqual({ status: 'rejected', reason })
  })
})

describe('a stream that cannot be', () => {
  it('is not asked for again and again', async () => {
    await expect(watchShowtime(client(), '01890000-0000-7000-8000-000000000000').next()).rejects.toMatchObject({
      code: 'not_found',
    })
    await expect(followRequest(client(), '').next()).rejects.toThrow('params.id of streamBookingRequest must not be ""')
  })
})
