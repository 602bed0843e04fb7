import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { SIGNATURE_HEADER } from '@boxoffice/core/payments/sandbox/signature.ts'
import { givenShowtime } from '../support/catalogue.ts'
import { shared } from '../support/shared.ts'
import { type Answer, openCallers, problemSchema, seatDispenser, sharedLifecycleApp } from './start-lifecycle-app.ts'

// Anything may be sent, and nobody gets a 500. Other tests hold the answers of the routes.

const app = sharedLifecycleApp()
const house = shared(() => givenShowtime(app.db.database))
const callers = shared(() => openCallers(house.organizerId, randomUUID()))
let pending: string
let paid: string
let free: string
let checkout: string
let paymentId: string
beforeAll(async () => {
  const seats = seatDispenser(house)
  const owner = { token: callers['the owner'] }
  const booked = await app.book(seats(3), owner)
  await app.pay(booked)
  paid = booked.reference
  pending = (await app.book(seats(), owner)).reference
  free = (await app.book(seats(), owner)).reference
  const opened = await app.startPayment(await app.book(seats(), owner))
  checkout = new URL(opened.checkoutUrl).pathname
  paymentId = opened.paymentId
})

const RUNS = { numRuns: 100 }

/** Expects 503 only with the code that explains it, and never an answer that stands for a bug. */
function expectNoFault({ status, text, body }: Answer): void {
  if (status < 400) return
  const { code } = problemSchema.parse(body)
  expect({ status, text, fine: status < 500 || code === 'unknown_payment' }).toMatchObject({ fine: true })
}

const NASTY = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\ud800',
  '\udfff\ud800',
  '\u0007',
  '\u202e',
  '🎬',
  'ﬃ',
  "'; drop table bookings; --",
  '${7*7}',
  '%00',
  'constructor',
  '__proto__',
  'null',
  'NaN',
  '1e999',
  'x'.repeat(2_000),
]

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...NASTY))
const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(0, -0, -1, 1.5, 2 ** 31, 2 ** 53, -(2 ** 53), 1e20, 1e300),
)
const { value: json } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false),
    number,
    text,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4 }),
  ),
}))

/** Generates objects that are nearly right: known fields, each with an accepted value or with anything. */
const nearly = (fields: Readonly<Record<string, fc.Arbitrary<unknown>>>) =>
  fc.record(
    Object.fromEntries(
      Object.entries({ ...fields, surprise: json }).map(([name, good]) => [
        name,
        fc.oneof({ weight: 4, arbitrary: good }, { weight: 1, arbitrary: json }),
      ]),
    ),
    { requiredKeys: [] },
  )

const resource = fc.constantFrom(randomUUID(), randomUUID().toUpperCase(), 'x')
const instant = fc
  .date({ noInvalidDate: true, min: new Date('0000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z') })
  .map((date) => date.toISOString())
const scan = { token: text, nonce: text, gate: text, device: text, resourceId: resource }

interface FuzzedRoute {
  readonly route: string
  readonly path: () => string
  readonly as: 'the owner' | 'the organizer'
  readonly bodies: fc.Arbitrary<unknown>
}

const ROUTES: readonly FuzzedRoute[] = [
  {
    route: 'payments',
    path: () => `/v1/bookings/${pending}/payments`,
    as: 'the owner',
    bodies: nearly({ returnUrl: fc.oneof(fc.webUrl({ withFragments: true, withQueryParameters: true }), text) }),
  },
  {
    route: 'refunds',
    path: () => `/v1/bookings/${paid}/refunds`,
    as: 'the organizer',
    bodies: nearly({ amount: fc.integer({ min: 1, max: 5_000 }), reason: text, cancelBooking: fc.boolean() }),
  },
  {
    route: 'status',
    path: () => `/v1/bookings/${free}/status`,
    as: 'the organizer',
    bodies: nearly({
      status: fc.constantFrom('pending', 'confirmed', 'completed', 'cancelled', 'no_show'),
      reason: text,
    }),
  },
  {
    route: 'cancel',
    path: () => `/v1/bookings/${paid}/cancel`,
    as: 'the organizer',
    bodies: nearly({ reason: text, refund: fc.constantFrom('policy', 'full', 'none') }),
  },
  { route: 'check-ins', path: () => '/v1/check-ins', as: 'the organizer', bodies: nearly(scan) },
  {
    route: 'check-ins/batch',
    path: () => '/v1/check-ins/batch',
    as: 'the organizer',
    bodies: nearly({ scans: fc.array(nearly({ ...scan, scannedAt: instant }), { maxLength: 5 }) }),
  },
]

describe.each(ROUTES)('$route', ({ path, as, bodies }) => {
  const keys = fc.option(fc.oneof(fc.string({ unit: 'grapheme-ascii', maxLength: 300 }), fc.constantFrom('k', '"k"')))

  test('answers anything nearly right without a fault', async () => {
    await fc.assert(
      fc.asyncProperty(bodies, keys, async (body, key) => {
        const headers = key === null ? {} : { 'Idempotency-Key': key }
        expectNoFault(await app.send('POST', path(), { token: callers[as], body: JSON.stringify(body), headers }))
      }),
      RUNS,
    )
  })

  test('answers any JSON without a fault', async () => {
    await fc.assert(
      fc.asyncProperty(json, async (body) => {
        expectNoFault(await app.send('POST', path(), { token: callers[as], body: JSON.stringify(body) }))
      }),
      RUNS,
    )
  })

  test('answers any bytes without a fault', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        expectNoFault(await app.send('POST', path(), { token: callers[as], body: bytes }))
      }),
      RUNS,
    )
  })
})

describe('a query', () => {
  const encoded = fc.oneof(
    fc.string({ unit: 'binary' }).map(encodeURIComponent),
    fc.constantFrom(
      '',
      '%00',
      '%ff',
      '%ed%a0%80',
      '%',
      '%zz',
      'booking',
      'booking:',
      '2026-01-01T00:00:00Z',
      '1',
      '100',
    ),
    fc.uuid(),
    fc.tuple(number, fc.uuid()).map((cursor) => Buffer.from(JSON.stringify(cursor)).toString('base64url')),
    instant.map(encodeURIComponent),
  )
  const LISTS = {
    '/v1/bookings': ['limit', 'cursor', 'status', 'resourceId'],
    '/v1/revoked-tickets': ['limit', 'cursor', 'resourceId'],
    '/v1/audit': ['limit', 'cursor', 'entity', 'action', 'actor', 'from', 'to'],
  } as const

  test.each(Object.entries(LISTS))('of %s is answered without a fault', async (list, names) => {
    // Few at a time, so that one broken parameter does not always hide the others.
    const parameter = fc.tuple(fc.constantFrom(...names), encoded).map((pair) => pair.join('='))
    await fc.assert(
      fc.asyncProperty(fc.array(parameter, { maxLength: 3 }), async (parameters) => {
        const path = `${list}?${list === '/v1/revoked-tickets' ? `resourceId=${randomUUID()}&` : ''}${parameters.join('&')}`
        expectNoFault(await app.send('GET', path, { token: callers['the organizer'] }))
      }),
      { numRuns: 250 },
    )
  })
})

describe('a path', () => {
  const segment = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1 }).map(encodeURIComponent),
    fc.constantFrom('%00', '%ff', '%', 'ABCDEFGH', 'abcdefgh', '.', '..', ';', '%2f'),
  )

  test('of anything is answered without a fault', async () => {
    const paths = ['/v1/bookings/$', '/v1/bookings/$/tickets', '/v1/bookings/$/tickets.pdf', '/v1/tickets/$/qr.svg']
    const token = callers['an admin']
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths, '/sandbox/checkouts/$'), segment, async (path, name) => {
        const answer = await app.send(
          'GET',
          path.replace('$', () => name),
          {
            token,
            headers: { Accept: 'application/json' },
          },
        )
        expectNoFault(answer)
      }),
      RUNS,
    )
  })
})

describe('the sandbox', () => {
  const actions = fc.constantFrom('approve_later', 'decline', 'approve', 'approve_cancelled', 'steal')

  test('answers any JSON and any form without a fault', async () => {
    const plays = fc.oneof(json, nearly({ action: actions, delayS: number })).map((play) => JSON.stringify(play))
    const forms = fc.dictionary(fc.constantFrom('action', 'delayS', 'x'), fc.oneof(actions, fc.string()), {
      maxKeys: 3,
    })
    const form = forms.map((fields) => new URLSearchParams(fields).toString())
    const body = fc.oneof(
      plays.map((content) => ({ content, type: 'application/json' })),
      form.map((content) => ({ content, type: 'application/x-www-form-urlencoded' })),
      fc.string({ unit: 'binary' }).map((content) => ({ content, type: 'application/x-www-form-urlencoded' })),
    )
    await fc.assert(
      fc.asyncProperty(body, async ({ content, type }) => {
        const headers = { 'Content-Type': type, Accept: 'application/json' }
        expectNoFault(await app.send('POST', checkout, { token: null, headers, body: content }))
      }),
      RUNS,
    )
  })
})

describe('a webhook', () => {
  test('that is not signed is refused, whatever it says', async () => {
    const signatures = fc.oneof(
      fc.string({ unit: 'grapheme-ascii' }),
      fc.constantFrom(
        't=1,v1=',
        `t=1,v1=${'0'.repeat(64)}`,
        `t=${Math.floor(Date.now() / 1_000)},v1=${'a'.repeat(64)}`,
      ),
    )
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), signatures, async (bytes, signature) => {
        const answer = await app.webhook(Buffer.from(bytes), { [SIGNATURE_HEADER]: signature })
        expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_webhook' } })
      }),
      RUNS,
    )
  })

  test('that is signed is answered without a fault, whatever it says', async () => {
    const types = ['processing', 'declined', 'failed', 'completed'].map((name) => `payment.${name}`)
    // Text that no database stores is a matter of its own, in payment-webhooks.test.ts.
    const storable = fc.string({ unit: 'grapheme' })
    const bodies = fc.oneof(
      json,
      fc.record(
        {
          id: fc.constantFrom('evt_1', 'evt_2', 'evt_3', 'x'.repeat(500)),
          type: fc.constantFrom(...types, 'refund.completed', 'payment.exploded'),
          paymentId: fc.constantFrom(randomUUID(), 'x').chain((id) => fc.constantFrom(id, paymentId)),
          checkoutId: storable,
          refundId: fc.constant(randomUUID()),
          sandboxRefundId: storable,
          reason: storable,
          captured: fc.record({ amount: number, currency: fc.constantFrom('EUR', 'USD', 'eur', 'XXX') }),
        },
        { requiredKeys: ['type'] },
      ),
    )
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        expectNoFault(await app.webhook(JSON.stringify(body)))
      }),
      { numRuns: 250 },
    )
  })
})
