import { createHmac, randomUUID } from 'node:crypto'
import { z } from 'zod'
import { describe, expect, test } from 'vitest'
import { SIGNATURE_HEADER } from '@boxoffice/core/payments/sandbox/signature.ts'
import { givenShowtime } from '../support/catalogue.ts'
import { shared } from '../support/shared.ts'
import { type Booked, expectBody, seatDispenser, sharedLifecycleApp } from './start-lifecycle-app.ts'

// The sandbox's webhooks are sent by hand here, so that they can be wrong, early, late, or there twice.

const app = sharedLifecycleApp()
const seats = seatDispenser(shared(() => givenShowtime(app.db.database)))

const bookingSchema = z.object({
  status: z.string(),
  paymentStatus: z.string(),
  total: z.int(),
  currency: z.string(),
  payments: z.array(z.object({ id: z.uuid(), status: z.string(), captured: z.int(), refunded: z.int() })),
})

const look = async ({ reference, token }: Booked) =>
  expectBody(bookingSchema, await app.send('GET', `/v1/bookings/${reference}`, { token }))

interface Begun extends Booked {
  readonly paymentId: string
  /** The report that the sandbox would send once the payment is made, with an event id of its own. */
  readonly completed: Readonly<Record<string, unknown>>
}

async function begin(): Promise<Begun> {
  const booked = await app.book(seats())
  const { paymentId, checkoutUrl } = await app.startPayment(booked)
  const { total: amount, currency } = await look(booked)
  const checkoutId = checkoutUrl.split('/').at(-1)
  const completed = {
    id: `evt_${randomUUID()}`,
    type: 'payment.completed',
    paymentId,
    checkoutId,
    captured: { amount, currency },
  }
  return { ...booked, paymentId, completed }
}

interface InboxRow {
  readonly event_id: string
  readonly handled_at: Date | null
  readonly body: Buffer
}

async function inbox(): Promise<InboxRow[]> {
  const { rows } = await app.db.database.pool.query<InboxRow>('select event_id, handled_at, body from provider_inbox')
  return rows
}

const inboxOf = async (event: Begun['completed']) => (await inbox()).filter(({ event_id }) => event_id === event['id'])

async function auditOf({ reference }: Booked): Promise<string[]> {
  const { rows } = await app.db.database.pool.query<{ action: string }>(
    `select a.action from audit a join bookings b on b.reference = $1
      where a.entity_id = b.id or a.entity_id in (select id from payments p where p.booking_id = b.id)`,
    [reference],
  )
  return rows.map(({ action }) => action).toSorted()
}

const PAID = ['booking.confirmed', 'booking.created', 'payment.completed', 'payment.started']

test('a report that a payment is complete confirms its booking, for whoever signed it', async () => {
  const begun = await begin()
  const answer = await app.webhook(JSON.stringify(begun.completed))
  expect(answer).toMatchObject({ status: 200, body: { received: true } })
  expect(await look(begun)).toMatchObject({
    status: 'confirmed',
    paymentStatus: 'completed',
    payments: [{ id: begun.paymentId, status: 'completed' }],
  })
  expect(await inboxOf(begun.completed)).toMatchObject([{ handled_at: expect.any(Date) }])
})

describe('the signature', () => {
  /** The faults of a signature, each with the headers it sends for a body. */
  const cases: readonly (readonly [string, (body: string) => Readonly<Record<string, string>>])[] = [
    ['is missing', () => ({})],
    ['is empty', () => ({ [SIGNATURE_HEADER]: '' })],
    ['is nonsense', () => ({ [SIGNATURE_HEADER]: 'trust me' })],
    ['has no time', (body) => ({ [SIGNATURE_HEADER]: app.signatureOf(body).replace(/^t=\d+,/, '') })],
    ['has no value', (body) => ({ [SIGNATURE_HEADER]: app.signatureOf(body).replace(/v1=.*/, 'v1=') })],
    ['is of another body', (body) => ({ [SIGNATURE_HEADER]: app.signatureOf(`${body} `) })],
    ['is of another time', (body) => ({ [SIGNATURE_HEADER]: app.signatureOf(body).replace(/^t=\d/, 't=2') })],
    ['was altered', (body) => ({ [SIGNATURE_HEADER]: flipLast(app.signatureOf(body)) })],
    ['is in capitals', (body) => ({ [SIGNATURE_HEADER]: app.signatureOf(body).toUpperCase() })],
    ['is made with another secret', (body) => ({ [SIGNATURE_HEADER]: signedWith('guess', body) })],
    ['is made with no secret', (body) => ({ [SIGNATURE_HEADER]: signedWith('', body) })],
    ['is six minutes old', (body) => ({ [SIGNATURE_HEADER]: app.signatureOf(body, Date.now() - 360_000) })],
    ['is six minutes ahead', (body) => ({ [SIGNATURE_HEADER]: app.signatureOf(body, Date.now() + 360_000) })],
    ['is there twice', (body) => ({ [SIGNATURE_HEADER]: `${app.signatureOf(body)}, ${app.signatureOf(body)}` })],
    ['is in the header of another provider', (body) => ({ 'stripe-signature': app.signatureOf(body) })],
    ['is replaced by a token', () => ({ Authorization: 'Bearer x' })],
  ]

  test.each(cases)('that %s is invalid_webhook, and nothing is kept', async (_what, headersFor) => {
    const begun = await begin()
    const body = JSON.stringify(begun.completed)
    const before = await app.countRows()
    const answer = await app.webhook(body, headersFor(body))
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_webhook' } })
    expect(await app.countRows()).toEqual(before)
    expect(await look(begun)).toMatchObject({ status: 'pending', payments: [{ captured: 0 }] })
    // The same report, signed, is taken: it was the signature.
    expect((await app.webhook(body)).status).toBe(200)
  })

  test('fits the bytes and not what they mean: an odd spelling is taken, and no other of the same JSON', async () => {
    const begun = await begin()
    const { id, ...rest } = begun.completed
    const odd = `\r\n{\t"type" :"payment.completed",  "id":${JSON.stringify(id)}  ,${JSON.stringify(rest).slice(1, -1).replaceAll(':', ' :\n ')}, "note":"\\u00e5 \\ud83c\\udfac å"}\n\n`
    const header = { [SIGNATURE_HEADER]: app.signatureOf(odd) }
    const before = await app.countRows()
    expect((await app.webhook(JSON.stringify(JSON.parse(odd)), header)).status).toBe(400)
    expect((await app.webhook(odd.trim(), header)).status).toBe(400)
    expect(await app.countRows()).toEqual(before)
    expect((await app.webhook(odd, header)).status).toBe(200)
    expect(await look(begun)).toMatchObject({ status: 'confirmed' })
    const [row] = await inboxOf(begun.completed)
    expect(row?.body.toString('utf8')).toBe(odd)
  })

  test('counts whatever the Content-Type says', async () => {
    const begun = await begin()
    const body = JSON.stringify(begun.completed)
    const headers = { [SIGNATURE_HEADER]: app.signatureOf(body), 'Content-Type': 'text/plain' }
    expect((await app.webhook(body, headers)).status).toBe(200)
    expect(await look(begun)).toMatchObject({ status: 'confirmed' })
  })
})

const flipLast = (text: string) => text.slice(0, -1) + (text.endsWith('0') ? '1' : '0')

function signedWith(secret: string, body: string): string {
  const time = Math.floor(Date.now() / 1_000)
  return `t=${time},v1=${createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')}`
}

describe('the provider', () => {
  test.each(['paypal', 'SANDBOX', 'stripe', '__proto__', 'constructor', '%00', 'sandbox%20'])(
    '%s is not one of this instance: not_found, and nothing is kept',
    async (provider) => {
      const before = await app.countRows()
      const headers = { [SIGNATURE_HEADER]: app.signatureOf('{}') }
      const answer = await app.send('POST', `/v1/payment-webhooks/${provider}`, { token: null, headers, body: '{}' })
      expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } })
      expect(await app.countRows()).toEqual(before)
    },
  )

  test('manual sends no reports', async () => {
    const headers = { [SIGNATURE_HEADER]: app.signatureOf('{}') }
    const answer = await app.send('POST', '/v1/payment-webhooks/manual', { token: null, headers, body: '{}' })
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_webhook' } })
  })
})

describe('reports that were signed', () => {
  test.each([
    ['of no type', {}],
    ['without a payment', { id: 'evt_x', type: 'payment.completed', captured: { amount: 1, currency: 'EUR' } }],
    ['of a payment that is no id', { id: 'evt_x', type: 'payment.processing', paymentId: '42', checkoutId: 'sbx_1' }],
    ['of half a cent', completedWith({ amount: 0.5, currency: 'EUR' })],
    ['of nothing', completedWith({ amount: 0, currency: 'EUR' })],
    ['of a currency that is none', completedWith({ amount: 1, currency: 'euro' })],
    ['without an event id', { ...completedWith({ amount: 1, currency: 'EUR' }), id: '' }],
  ])('%s are invalid_webhook, and nothing is kept', async (_what, event) => {
    const before = await app.countRows()
    expect(await app.webhook(JSON.stringify(event))).toMatchObject({ status: 400, body: { code: 'invalid_webhook' } })
    expect(await app.countRows()).toEqual(before)
  })

  test.each(['', '[]', 'null', '"payment.completed"', 'not json', '{"type":'])(
    'as %j are invalid_webhook',
    async (body) => {
      const before = await app.countRows()
      expect(await app.webhook(body)).toMatchObject({ status: 400, body: { code: 'invalid_webhook' } })
      expect(await app.countRows()).toEqual(before)
    },
  )

  test.each([
    ['U+0000', 'a\0b'],
    ['half of a surrogate pair', 'a\ud800b'],
  ])('with %s, which no database stores, are invalid_webhook', async (_what, text) => {
    const event = { id: `evt_${randomUUID()}`, type: 'payment.declined', paymentId: randomUUID(), checkoutId: 'sbx_1' }
    for (const field of ['id', 'reason', 'checkoutId']) {
      const answer = await app.webhook(JSON.stringify({ reason: 'declined', ...event, [field]: text }))
      expect({ field, answer }).toMatchObject({ answer: { status: 400, body: { code: 'invalid_webhook' } } })
    }
  })

  test('of a type that means nothing here are taken and not kept, so that they are not sent again', async () => {
    const before = await app.countRows()
    const event = { id: 'evt_1', type: 'payout.paid', amount: 1 }
    expect(await app.webhook(JSON.stringify(event))).toMatchObject({ status: 200, body: { received: true } })
    expect(await app.countRows()).toEqual(before)
  })
})

function completedWith(captured: object) {
  return { id: 'evt_x', type: 'payment.completed', paymentId: randomUUID(), checkoutId: 'sbx_1', captured }
}

describe('reports of what is not known', () => {
  test.each([
    ['payment', () => completedWith({ amount: 1, currency: 'EUR' })],
    ['refund', () => ({ type: 'refund.completed', refundId: randomUUID(), sandboxRefundId: 'sbr_1' })],
  ])('a %s are kept, and answered 503 so that they are sent again', async (_what, make) => {
    const event = { ...make(), id: `evt_${randomUUID()}` }
    for (const attempt of [1, 2]) {
      const answer = await app.webhook(JSON.stringify(event))
      expect({ attempt, answer }).toMatchObject({ answer: { status: 503, body: { code: 'unknown_payment' } } })
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(await inboxOf(event)).toMatchObject([{ handled_at: null }])
    }
  })

  test('are acted on when they come again and the payment is there', async () => {
    const begun = await begin()
    // The row of a payment is committed before its page is opened, so only a restored database makes this happen.
    const hide = (from: string, to: string) =>
      app.db.database.pool.query('update payments set id = $2 where id = $1', [from, to])
    const hidden = randomUUID()
    await hide(begun.paymentId, hidden)
    expect((await app.webhook(JSON.stringify(begun.completed))).status).toBe(503)
    expect(await look(begun)).toMatchObject({ status: 'pending' })
    await hide(hidden, begun.paymentId)
    expect((await app.webhook(JSON.stringify(begun.completed))).status).toBe(200)
    expect(await look(begun)).toMatchObject({ status: 'confirmed' })
    expect(await inboxOf(begun.completed)).toMatchObject([{ handled_at: expect.any(Date) }])
  })
})

describe('the same report again', () => {
  test('are answered 200 and change nothing', async () => {
    const begun = await begin()
    const body = JSON.stringify(begun.completed)
    expect((await app.webhook(body)).status).toBe(200)
    const before = await app.countRows()
    for (const again of [body, body]) expect((await app.webhook(again)).status).toBe(200)
    expect(await app.countRows()).toEqual(before)
    expect(await auditOf(begun)).toEqual(PAID)
  })

  test('twenty times at once take effect once', async () => {
    const begun = await begin()
    const body = JSON.stringify(begun.completed)
    const answers = await Promise.all(Array.from({ length: 20 }, () => app.webhook(body)))
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
    expect(await inboxOf(begun.completed)).toHaveLength(1)
    expect(await auditOf(begun)).toEqual(PAID)
    expect(await look(begun)).toMatchObject({ status: 'confirmed', payments: [{ status: 'completed', refunded: 0 }] })
  })

  test('under another event id are the same payment, and nothing is taken or paid back twice', async () => {
    const begun = await begin()
    const events = Array.from({ length: 8 }, () => ({ ...begun.completed, id: `evt_${randomUUID()}` }))
    const answers = await Promise.all(events.map((event) => app.webhook(JSON.stringify(event))))
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200))
    expect(await auditOf(begun)).toEqual(PAID)
  })

  test('an event id that was used for something else is the event that was first', async () => {
    const first = await begin()
    const second = await begin()
    expect((await app.webhook(JSON.stringify(first.completed))).status).toBe(200)
    const reused = { ...second.completed, id: first.completed['id'] }
    expect((await app.webhook(JSON.stringify(reused))).status).toBe(200)
    expect(await look(second)).toMatchObject({ status: 'pending' })
  })
})

test('a page that was paid sends its report by itself', async () => {
  const booked = await app.book(seats())
  await app.pay(booked)
  expect(await auditOf(booked)).toEqual(PAID)
})
