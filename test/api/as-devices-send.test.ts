import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { givenEvent, givenPromoCode, givenShowtime } from '../support/catalogue.ts'
import { eventually } from '../support/eventually.ts'
import { shared } from '../support/shared.ts'
import { signTestToken } from '../support/tokens.ts'
import { mailsOf } from '../mail/mail-stage.ts'
import { BUSY, expectBody, type LifecycleApp, sharedLifecycleApp } from './start-lifecycle-app.ts'

// What follows from taking buyers' text as their devices send it. `typed-text.test.ts` has the fields and the forms.

const PER_CUSTOMER = 2

const app = sharedLifecycleApp({
  limited: true,
  environment: { HOLDS_PER_CUSTOMER: String(PER_CUSTOMER) },
})
const house = shared(() => givenShowtime(app.db.database, { rows: 20, seatsPerRow: 20 }))

const booked = z.looseObject({
  id: z.string(),
  state: z.string(),
  refusal: z.object({ code: z.string() }).nullable(),
  booking: z.looseObject({ reference: z.string(), discount: z.number() }).nullable(),
})

interface Order {
  readonly seats: readonly string[]
  readonly name?: string
  readonly email?: string
  readonly phone?: string
  readonly promoCode?: string
}

function send(target: LifecycleApp, { seats, promoCode, ...customer }: Order, token: string, key?: string) {
  return target.send('POST', '/v1/booking-requests', {
    token,
    headers: { Prefer: 'wait=20', ...(key !== undefined && { 'Idempotency-Key': key }) },
    body: {
      resource: { type: 'showtime', id: house.showtimeId },
      seats,
      ...(promoCode !== undefined && { promoCode }),
      customer: { name: 'Ada', email: `${randomUUID()}@example.org`, ...customer },
    },
  })
}

const newCustomer = () => signTestToken('customer')

describe('a booking request', () => {
  test('is stored and returned with the clean text', async () => {
    const order = {
      seats: [' A1\u200B'],
      name: '\u202AAda\u202C\tLovelace',
      email: 'ada@example.org ',
      phone: '＋49 170\u00A01234567',
    }
    const { booking } = expectBody(booked, await send(app, order, await newCustomer()))
    const { rows } = await app.db.database.pool.query<{ name: string; email: string; phone: string; seat: string }>(
      `select customer_name as name, customer_email as email, customer_phone as phone,
         (select seat_label from booking_items where booking_id = b.id) as seat
       from bookings b where reference = $1`,
      [booking?.reference],
    )
    expect(rows).toEqual([{ name: 'Ada Lovelace', email: 'ada@example.org', phone: '+49 170 1234567', seat: 'A1' }])
  })

  test('is the same under its key, however the device marks the text when it is sent again', async () => {
    const token = await newCustomer()
    const key = randomUUID()
    const order = {
      seats: ['B1'],
      name: 'Zo\u00EB',
      email: 'zoe@ex\u00E4mple.org',
      phone: '+49 170 1',
      promoCode: 'NONE-1',
    }
    const first = await send(app, order, token, key)
    for (const again of [
      { ...order, name: 'Zoe\u0308 ' },
      { ...order, seats: ['B1\u200E'], email: '\uFEFFzoe@exa\u0308mple.org' },
      { ...order, phone: '\u202A＋49 170 1\u202C', promoCode: 'ＮＯＮＥ–1' },
    ]) {
      const answer = await send(app, again, token, key)
      expect([answer.status, answer.headers.get('idempotency-replayed')]).toEqual([200, 'true'])
      expect(answer.body).toEqual(first.body)
    }
    expect((await send(app, { ...order, name: 'Zoe' }, token, key)).status).toBe(422)
  })

  test('counts for one customer, however the e-mail address is written', async () => {
    const name = randomUUID()
    const forms = [
      `${name}@ex\u00E4mple.org`,
      `  ${name.toUpperCase()}@EXA\u0308MPLE.org`,
      `${name}@xn--exmple-cua.org\u200B`,
      `${name}@XN--EXMPLE-CUA.ORG`,
    ]
    const outcomes: number[] = []
    for (const [index, email] of forms.entries()) {
      outcomes.push((await send(app, { seats: [`C${index + 1}`], email }, await newCustomer())).status)
    }
    expect(outcomes).toEqual([200, 200, 429, 429])
  })

  test('gets the discount of its code in any letters', async () => {
    const { code } = await givenPromoCode(app.db.database, { organizerId: house.organizerId, code: 'SPRING-20' })
    for (const [index, promoCode] of ['spring-20', ' SPRING–20\u200B', 'ＳＰＲＩＮＧ－２０', 'Spring - 20'].entries()) {
      const quote = await app.send('POST', '/v1/quotes', {
        token: await newCustomer(),
        body: { resource: { type: 'showtime', id: house.showtimeId }, seats: [`D${index + 1}`], promoCode },
      })
      expect(quote.body).toMatchObject({ bookable: true, discount: 200 })
      const { booking } = expectBody(
        booked,
        await send(app, { seats: [`D${index + 1}`], promoCode }, await newCustomer()),
      )
      expect([promoCode, code, booking?.discount]).toEqual([promoCode, 'SPRING-20', 200])
    }
  })
})

describe('a link to a booking', () => {
  const asked = [
    [
      'over the API',
      (reference: string, email: string) =>
        app.send('POST', '/v1/booking-recoveries', { token: null, body: { reference, email } }),
    ],
    [
      'with the form',
      (reference: string, email: string) =>
        app.send('POST', '/recover', {
          token: null,
          headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams({ reference, email }).toString(),
        }),
    ],
  ] as const

  test.each(asked)('is mailed if it is asked for %s, whatever stands around what is typed', async (_how, ask) => {
    const { eventId, ticketTypeIds } = await givenEvent(app.db.database, { ticketTypes: [{ capacity: 10 }] })
    const token = await newCustomer()
    const answer = await app.send('POST', '/v1/booking-requests', {
      token,
      headers: { Prefer: 'wait=20' },
      body: {
        resource: { type: 'event', id: eventId },
        tickets: [{ ticketTypeId: ticketTypeIds[0], quantity: 1 }],
        customer: { name: 'Ada', email: 'ada@ex\u00E4mple.org' },
      },
    })
    const { booking } = expectBody(booked, answer)
    const reference = booking?.reference ?? ''
    const typed = `\u200B${reference.slice(0, 4).toLowerCase()} ${reference.slice(4)}\t`
    expect((await ask(typed, ' ADA@exa\u0308mple.org\u202C')).status).toBe(202)
    await eventually(async () => {
      const { rows } = await app.db.database.pool.query<{ id: string }>(
        'select id from bookings where reference = $1',
        [reference],
      )
      expect(await mailsOf(app.db, rows[0]?.id ?? '')).toHaveLength(1)
    }, BUSY)
  })

  test('is not asked for by what is no address, and what was typed is shown again', async () => {
    const answer = await app.send('POST', '/recover', {
      token: null,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ reference: 'K7QXM2PA', email: 'ada@' }).toString(),
    })
    expect(answer.status).toBe(400)
    expect(answer.text).toContain('value="ada@"')
  })
})
