import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type GivenShowtime, givenEvent, givenShowtime } from '../support/catalogue.ts'
import { eventually } from '../support/eventually.ts'
import { holdLock, waitForBlocked } from '../support/locks.ts'
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { signTestToken } from '../support/tokens.ts'
import { type Answer, BUSY, type LifecycleApp, startLifecycleApp } from './start-lifecycle-app.ts'

const PER_CUSTOMER = 6
const PER_ADDRESS = 20
const LIMITS = { HOLDS_PER_CUSTOMER: String(PER_CUSTOMER), HOLDS_PER_ADDRESS: String(PER_ADDRESS) }

interface Wish {
  readonly token: string
  readonly seats: readonly string[]
  readonly email?: string
  readonly key?: string
}

const newEmail = () => `${randomUUID()}@example.org`
const newCustomer = () => signTestToken('customer')

/** Sends a request for seats and waits for its outcome. */
function ask(app: LifecycleApp, { showtimeId }: GivenShowtime, { token, seats, email, key }: Wish): Promise<Answer> {
  return app.send('POST', '/v1/booking-requests', {
    token,
    headers: { Prefer: 'wait=20', ...(key !== undefined && { 'Idempotency-Key': key }) },
    body: {
      resource: { type: 'showtime', id: showtimeId },
      seats,
      customer: { name: 'Ada Lovelace', email: email ?? newEmail() },
    },
  })
}

/** Requests all seats of a house, two at a time, each time as another customer. Returns how many it got. */
async function hoard(app: LifecycleApp, showtime: GivenShowtime): Promise<number> {
  let got = 0
  for (let from = 0; from < showtime.seats.length; from += 2) {
    const { status } = await ask(app, showtime, {
      token: await newCustomer(),
      seats: showtime.seats.slice(from, from + 2),
    })
    if (status === 200) got += 2
    else expect(status).toBe(429)
  }
  return got
}

const booked = z.object({ state: z.literal('booked'), booking: z.object({ reference: z.string() }) })

test('without limits, one script empties a house', { timeout: 60_000 }, async () => {
  const app = await startLifecycleApp()
  try {
    const showtime = await givenShowtime(app.db.database)
    expect(await hoard(app, showtime)).toBe(showtime.seats.length)
  } finally {
    await app.close()
  }
})

describe.each(hasRedis() ? (['memory', 'redis'] as const) : (['memory'] as const))('holds counted in %s', (store) => {
  let redis: TestRedis | null = null
  let app: LifecycleApp
  let fresh = 0

  beforeAll(async () => {
    if (store === 'redis') redis = await startRedis()
    app = await startLifecycleApp({
      limited: true,
      environment: { ...LIMITS, TRUSTED_PROXIES: 'loopback', ...(redis !== null && { QUEUE_URL: redis.url }) },
    })
  }, 60_000)
  afterAll(async () => {
    await app.close()
    await redis?.stop()
  })

  // Each test calls from an address of its own.
  let address = ''
  beforeEach(() => {
    address = `203.0.113.${++fresh}`
  })
  const from = (address_: string): LifecycleApp => ({
    ...app,
    send: (method, path, call) =>
      app.send(method, path, { ...call, headers: { 'X-Forwarded-For': address_, ...call.headers } }),
  })
  const here = () => from(address)
  /** Counts the seats of the showtime that are held or booked by now. */
  const held = async ({ showtimeId }: GivenShowtime) => {
    const { rows } = await app.db.database.pool.query<{ held: number }>(
      'select count(*)::int as held from seat_allocations where showtime_id = $1',
      [showtimeId],
    )
    return rows[0]?.held
  }

  test('one script gets no more than an address may hold', { timeout: 60_000 }, async () => {
    const showtime = await givenShowtime(app.db.database)
    expect(await hoard(here(), showtime)).toBe(PER_ADDRESS)
    // Others still find seats.
    const other = await ask(from('198.51.100.1'), showtime, {
      token: await newCustomer(),
      seats: showtime.seats.slice(-2),
    })
    expect(other.status).toBe(200)
  })

  test('a customer is told the limit, what is held, and when it ends', async () => {
    const showtime = await givenShowtime(app.db.database)
    const token = await newCustomer()
    expect((await ask(here(), showtime, { token, seats: showtime.seats.slice(0, 4) })).status).toBe(200)
    const refused = await ask(here(), showtime, { token, seats: showtime.seats.slice(4, 7) })
    expect(refused.status).toBe(429)
    expect(refused.body).toMatchObject({ code: 'too_many_holds', limit: PER_CUSTOMER, held: 4 })
    const retryAfter = Number(refused.headers.get('retry-after'))
    expect(retryAfter).toBeGreaterThan(500)
    expect(retryAfter).toBeLessThanOrEqual(600)
    // A request that fits is let in.
    expect((await ask(here(), showtime, { token, seats: showtime.seats.slice(4, 6) })).status).toBe(200)
  })

  test('an e-mail address has the limit of one customer, whoever uses it and however it is written', async () => {
    const showtime = await givenShowtime(app.db.database)
    const email = newEmail()
    const seats = showtime.seats
    expect((await ask(here(), showtime, { token: await newCustomer(), seats: seats.slice(0, 4), email })).status).toBe(
      200,
    )
    const other = { token: await newCustomer(), seats: seats.slice(4, 8), email: email.toUpperCase() }
    const refused = await ask(here(), showtime, other)
    expect(refused.body).toMatchObject({ code: 'too_many_holds', limit: PER_CUSTOMER })
    // The answer says nothing else about the owner of that address.
    expect(refused.body).not.toHaveProperty('held')
    expect(refused.headers.has('retry-after')).toBe(false)
  })

  test('nobody can use up the limit of a stranger by typing their e-mail address', async () => {
    const showtime = await givenShowtime(app.db.database)
    const email = newEmail()
    const seats = showtime.seats
    const stranger = { token: await newCustomer(), seats: seats.slice(0, PER_CUSTOMER), email }
    expect((await ask(from('198.51.100.66'), showtime, stranger)).status).toBe(200)
    // The same happens each time, from any address.
    const another = { token: await newCustomer(), seats: seats.slice(10, 10 + PER_CUSTOMER), email }
    expect((await ask(from('198.51.100.67'), showtime, another)).status).toBe(200)
    const owner = { token: await newCustomer(), seats: seats.slice(20, 20 + PER_CUSTOMER), email }
    expect((await ask(here(), showtime, owner)).status).toBe(200)
    // It still counts for a person who uses it under several accounts.
    const again = { token: await newCustomer(), seats: seats.slice(30, 31), email }
    expect((await ask(here(), showtime, again)).body).toMatchObject({ code: 'too_many_holds' })
  })

  test('a network of IPv6 gets a little more than one address, and no more', { timeout: 60_000 }, async () => {
    const showtime = await givenShowtime(app.db.database)
    const second = await givenShowtime(app.db.database)
    const net = `2001:db8:${fresh.toString(16)}`
    let got = 0
    // Each request takes two seats from another /64, which may hold twenty.
    for (const { showtimeId, seats } of [showtime, second]) {
      for (let start = 0; start < seats.length; start += 2) {
        const two = { token: await newCustomer(), seats: seats.slice(start, start + 2) }
        const { status } = await ask(from(`${net}:${(got + start).toString(16)}::1`), { ...showtime, showtimeId }, two)
        if (status === 200) got += 2
      }
    }
    expect(got).toBe(4 * PER_ADDRESS)
  })

  test('more at once than anybody may hold is refused without a time to come back', async () => {
    const showtime = await givenShowtime(app.db.database)
    const token = await newCustomer()
    const refused = await ask(here(), showtime, { token, seats: showtime.seats.slice(0, PER_CUSTOMER + 1) })
    expect(refused.status).toBe(429)
    expect(refused.body).toMatchObject({
      limit: PER_CUSTOMER,
      held: 0,
      detail: `Only ${PER_CUSTOMER} places may be held and not paid for at a time, and this request alone asks for more.`,
    })
    expect(refused.headers.has('retry-after')).toBe(false)
  })

  test('tickets of an event count by their quantities', async () => {
    const event = await givenEvent(app.db.database, { ticketTypes: [{ name: 'Standing', price: 1000, capacity: 100 }] })
    const [ticketTypeId = ''] = event.ticketTypeIds
    const token = await newCustomer()
    const order = async (quantity: number) => {
      const body = {
        resource: { type: 'event', id: event.eventId },
        tickets: [{ ticketTypeId, quantity }],
        customer: { name: 'Ada', email: newEmail() },
      }
      return await here().send('POST', '/v1/booking-requests', { token, headers: { Prefer: 'wait=20' }, body })
    }
    expect((await order(4)).status).toBe(200)
    expect((await order(3)).status).toBe(429)
    expect((await order(2)).status).toBe(200)
  })

  test('paying makes room at once, and so does cancelling', { timeout: 60_000 }, async () => {
    const showtime = await givenShowtime(app.db.database)
    const token = await newCustomer()
    const first = await ask(here(), showtime, { token, seats: showtime.seats.slice(0, PER_CUSTOMER) })
    const { booking } = booked.parse(first.body)
    const more = { token, seats: showtime.seats.slice(10, 16) }
    expect((await ask(here(), showtime, more)).status).toBe(429)
    await app.pay({ reference: booking.reference, token })
    const second = await ask(here(), showtime, more)
    expect(second.status).toBe(200)
    expect((await ask(here(), showtime, { token, seats: showtime.seats.slice(20, 22) })).status).toBe(429)
    const cancelled = await app.send('POST', `/v1/bookings/${booked.parse(second.body).booking.reference}/cancel`, {
      token,
      body: {},
    })
    expect(cancelled.status).toBe(200)
    expect((await ask(here(), showtime, { token, seats: showtime.seats.slice(20, 26) })).status).toBe(200)
  })

  test('a hold that has ended makes room, even before anybody has tidied it up', async () => {
    const showtime = await givenShowtime(app.db.database)
    const token = await newCustomer()
    const first = await ask(here(), showtime, { token, seats: showtime.seats.slice(0, PER_CUSTOMER) })
    const more = { token, seats: showtime.seats.slice(10, 16) }
    expect((await ask(here(), showtime, more)).status).toBe(429)
    await app.db.database.pool.query(
      `update bookings set expires_at = now() - interval '1 second' where reference = $1`,
      [booked.parse(first.body).booking.reference],
    )
    expect((await ask(here(), showtime, more)).status).toBe(200)
  })

  test('requests that are refused, or never get into the line, hold nothing', async () => {
    const showtime = await givenShowtime(app.db.database)
    const token = await newCustomer()
    const taken = showtime.seats.slice(0, 5)
    await ask(from('198.51.100.2'), showtime, { token: await newCustomer(), seats: taken })
    for (let round = 0; round < 5; round++) {
      const refused = await ask(here(), showtime, { token, seats: taken })
      expect(refused.body).toMatchObject({ state: 'refused' })
      const nowhere = { ...showtime, showtimeId: randomUUID() }
      expect((await ask(here(), nowhere, { token, seats: taken })).status).toBe(404)
    }
    expect((await ask(here(), showtime, { token, seats: showtime.seats.slice(10, 16) })).status).toBe(200)
  })

  test('a request whose write was given up on counts on, for it may be written yet', { timeout: 60_000 }, async () => {
    const showtime = await givenShowtime(app.db.database)
    const token = await newCustomer()
    const line = 'select from lines where resource_id = $1 for no key update'
    const lock = await holdLock(app.db, line, [showtime.showtimeId])
    const asking = ask(here(), showtime, { token, seats: showtime.seats.slice(0, PER_CUSTOMER) })
    await waitForBlocked(app.db, { by: lock })
    expect((await asking).body).toMatchObject({ code: 'unavailable' })
    // It was given up on while it waited here, and now it gets what it asked for.
    await waitForBlocked(app.db, { by: lock })
    await lock.release()
    await eventually(async () => {
      if ((await held(showtime)) !== PER_CUSTOMER) throw new Error('not booked yet')
    }, BUSY)
    const refused = await ask(here(), showtime, { token, seats: showtime.seats.slice(10, 12) })
    expect(refused.body).toMatchObject({ code: 'too_many_holds', held: PER_CUSTOMER })
    expect(await held(showtime)).toBe(PER_CUSTOMER)
  })

  test('a request that is sent again counts once, and is answered even where there is no room left', async () => {
    const showtime = await givenShowtime(app.db.database)
    const token = await newCustomer()
    const email = newEmail()
    const wish = { token, email, seats: showtime.seats.slice(0, 5), key: randomUUID() }
    const first = await ask(here(), showtime, wish)
    for (let round = 0; round < 3; round++) {
      const again = await ask(here(), showtime, wish)
      expect(again.status).toBe(200)
      expect(again.headers.get('idempotency-replayed')).toBe('true')
      expect(booked.parse(again.body)).toEqual(booked.parse(first.body))
    }
    const last = { token, seats: showtime.seats.slice(5, 6) }
    expect((await ask(here(), showtime, last)).status).toBe(200)
    expect((await ask(here(), showtime, wish)).status).toBe(200)
    // Another request under its key is refused for that, and holds nothing.
    expect((await ask(here(), showtime, { ...wish, seats: showtime.seats.slice(20, 25) })).status).toBe(422)
    expect((await ask(here(), showtime, { token, seats: showtime.seats.slice(6, 7) })).body).toMatchObject({
      code: 'too_many_holds',
      held: PER_CUSTOMER,
    })
  })

  test('two requests under one key do not take back what the other has got', { timeout: 60_000 }, async () => {
    const target = await givenShowtime(app.db.database)
    const token = await newCustomer()
    const email = newEmail()
    for (let from = 0; from < 4 * PER_CUSTOMER; from += 2) {
      const key = randomUUID()
      // The loser is of the same size, for a showtime that this process does not know yet, so it is slower.
      const decoy = await givenShowtime(app.db.database)
      const loser = ask(here(), decoy, { token, email, key, seats: ['ZZ98', 'ZZ99'] })
      const winner = ask(here(), target, { token, email, key, seats: target.seats.slice(from, from + 2) })
      await Promise.all([loser, winner])
    }
    expect(await held(target)).toBeLessThanOrEqual(PER_CUSTOMER)
  })

  test('a repetition is answered though the limit is reached by something else', async () => {
    const showtime = await givenShowtime(app.db.database)
    const token = await newCustomer()
    const email = newEmail()
    const first = { token, email, key: 'first', seats: showtime.seats.slice(0, PER_CUSTOMER) }
    const { reference } = booked.parse((await ask(here(), showtime, first)).body).booking
    await app.pay({ reference, token })
    const second = { token, email, key: 'second', seats: showtime.seats.slice(PER_CUSTOMER, 2 * PER_CUSTOMER) }
    expect((await ask(here(), showtime, second)).status).toBe(200)
    const again = await ask(here(), showtime, first)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(again.body).toMatchObject({ booking: { reference } })
    // Another request under the key is told so, and a new one that it is too much.
    expect((await ask(here(), showtime, { ...first, seats: ['ZZ99'] })).status).toBe(422)
    expect((await ask(here(), showtime, { ...first, key: 'third' })).status).toBe(429)
  })

  test('fifty requests at once cannot overshoot', { timeout: 60_000 }, async () => {
    const showtime = await givenShowtime(app.db.database)
    const token = await newCustomer()
    const answers = await Promise.all(showtime.seats.map((seat) => ask(here(), showtime, { token, seats: [seat] })))
    expect(answers).toHaveLength(50)
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(PER_CUSTOMER)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(50 - PER_CUSTOMER)
    expect(await held(showtime)).toBe(PER_CUSTOMER)
  })

  test('nor can fifty customers of one address', { timeout: 60_000 }, async () => {
    const showtime = await givenShowtime(app.db.database)
    const answers = await Promise.all(
      showtime.seats.map(async (seat) => ask(here(), showtime, { token: await newCustomer(), seats: [seat] })),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(PER_ADDRESS)
  })

  test('nor one key for many requests of different sizes at once', { timeout: 60_000 }, async () => {
    const showtime = await givenShowtime(app.db.database)
    const token = await newCustomer()
    const email = newEmail()
    // Each pair races under a key: a small request that comes to nothing in front of a larger one.
    const nowhere = () => ({ ...showtime, showtimeId: randomUUID() })
    const pairs = Array.from({ length: 8 }, (_, index) => ({ key: randomUUID(), start: index * 6 }))
    const answers = await Promise.all(
      pairs.flatMap(({ key, start }) => [
        ask(here(), nowhere(), { token, email, key, seats: showtime.seats.slice(start, start + 1) }),
        ask(here(), showtime, { token, email, key, seats: showtime.seats.slice(start, start + 5) }),
      ]),
    )
    expect(answers.every(({ status }) => [200, 404, 429].includes(status))).toBe(true)
    expect(await held(showtime)).toBeLessThanOrEqual(PER_CUSTOMER)
  })

  test('places that cost nothing count too, though nobody ever pays for them', async () => {
    const showtime = await givenShowtime(app.db.database, { price: 0 })
    const token = await newCustomer()
    const email = newEmail()
    const two = (from: number) =>
      ask(here(), showtime, { token, email, key: `free-${from}`, seats: showtime.seats.slice(from, from + 2) })
    for (let from = 0; from < PER_CUSTOMER; from += 2) expect((await two(from)).status).toBe(200)
    // Nor does sending it again make room.
    expect((await two(0)).status).toBe(200)
    const refused = await two(PER_CUSTOMER)
    expect(refused.status).toBe(429)
    expect(refused.body).toMatchObject({ code: 'too_many_holds', held: PER_CUSTOMER })

    await app.db.database.pool.query(
      `update bookings set created_at = created_at - interval '61 minutes' where resource_id = $1`,
      [showtime.showtimeId],
    )
    expect((await two(PER_CUSTOMER)).status).toBe(200)
  })

  test('booking for nothing and cancelling at once ends like any other hoarding', { timeout: 60_000 }, async () => {
    const showtime = await givenShowtime(app.db.database, { price: 0 })
    const email = newEmail()
    let got = 0
    // Each request is by another customer, for the same address: each would send a mail to it.
    const round = async (): Promise<Answer> => {
      const token = await newCustomer()
      const answer = await ask(here(), showtime, { token, email, seats: showtime.seats.slice(0, 1) })
      if (answer.status !== 200) return answer
      got += 1
      const { reference } = booked.parse(answer.body).booking
      expect((await app.send('POST', `/v1/bookings/${reference}/cancel`, { token, body: {} })).status).toBe(200)
      return answer
    }
    for (let rounds = 0; rounds < PER_CUSTOMER; rounds += 1) await round()
    expect(got).toBe(PER_CUSTOMER)
    expect((await round()).body).toMatchObject({ code: 'too_many_holds' })

    // A customer whose booking the organizer cancelled has no reason to wait.
    await app.db.database.pool.query(`update bookings set cancel_reason = 'organizer' where resource_id = $1`, [
      showtime.showtimeId,
    ])
    expect((await round()).status).toBe(200)
  })

  test.each(['staff', 'organizer'] as const)('%s of another organizer are customers like any other', async (role) => {
    const showtime = await givenShowtime(app.db.database)
    const token = await signTestToken(role, { organizerId: randomUUID() })
    expect((await ask(here(), showtime, { token, seats: showtime.seats.slice(0, PER_CUSTOMER) })).status).toBe(200)
    const more = await ask(here(), showtime, { token, seats: showtime.seats.slice(PER_CUSTOMER, PER_CUSTOMER + 1) })
    expect(more.status).toBe(429)
    expect(more.body).toMatchObject({ code: 'too_many_holds' })
  })

  test('staff sell to many and are not limited', { timeout: 60_000 }, async () => {
    const showtime = await givenShowtime(app.db.database)
    const token = await signTestToken('staff', { organizerId: showtime.organizerId })
    for (let start = 0; start < 30; start += 5) {
      const { status } = await ask(here(), showtime, { token, seats: showtime.seats.slice(start, start + 5) })
      expect(status).toBe(200)
    }
  })
})
