import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { givenShowtime } from '../support/catalogue.ts'
import { shared } from '../support/shared.ts'
import { signTestToken } from '../support/tokens.ts'
import { type Answer, openCallers, problemSchema, seatDispenser, sharedLifecycleApp } from './start-lifecycle-app.ts'

// The routes of a booking's life answer any bad input with a problem that says what is wrong: never a 500, and nothing
// is written.

const app = sharedLifecycleApp()
const house = shared(() => givenShowtime(app.db.database))
const callers = shared(() => openCallers(house.organizerId, randomUUID()))
/** A confirmed and paid booking of the owner's, and a pending one. */
let paid: string
let pending: string
let checkout: string
beforeAll(async () => {
  const seats = seatDispenser(house)
  const owner = { token: callers['the owner'] }
  const booked = await app.book(seats(), owner)
  await app.pay(booked)
  paid = booked.reference
  pending = (await app.book(seats(), owner)).reference
  const opened = await app.startPayment(await app.book(seats(), owner))
  checkout = new URL(opened.checkoutUrl).pathname
})

interface Sent {
  readonly method?: string
  readonly path: string
  readonly token?: string | null
  readonly headers?: Record<string, string>
  readonly body?: unknown
}

async function expectProblem({ method = 'POST', path, token = callers['an admin'], ...rest }: Sent, code: string) {
  const before = await app.countRows()
  const answer = await app.send(method, path, { token, ...rest })
  expect({ text: answer.text, type: answer.headers.get('content-type') }).toMatchObject({
    type: 'application/problem+json',
  })
  const problem = problemSchema.parse(answer.body)
  expect(problem).toMatchObject({ code, status: answer.status, requestId: answer.headers.get('x-request-id') })
  expect(await app.countRows()).toEqual(before)
  return { answer, pointers: problem.errors.map(({ pointer }) => pointer) }
}

/** Every route with a body, with a body that it accepts and a caller who may send it. */
const ROUTES = {
  payments: { path: () => `/v1/bookings/${pending}/payments`, as: 'the owner', body: {}, optional: true },
  cancel: { path: () => `/v1/bookings/${paid}/cancel`, as: 'the organizer', body: {}, optional: true },
  refunds: {
    path: () => `/v1/bookings/${paid}/refunds`,
    as: 'the organizer',
    body: { reason: 'a broken seat' },
    optional: false,
  },
  status: {
    path: () => `/v1/bookings/${paid}/status`,
    as: 'the organizer',
    body: { status: 'no_show', reason: 'nobody came' },
    optional: false,
  },
  'check-ins': {
    path: () => '/v1/check-ins',
    as: 'the organizer',
    body: { token: 'x', nonce: 'n', gate: 'g' },
    optional: false,
  },
  'check-ins/batch': {
    path: () => '/v1/check-ins/batch',
    as: 'the organizer',
    body: { scans: [{ token: 'x', nonce: 'n', gate: 'g', scannedAt: '2026-01-01T12:00:00Z' }] },
    optional: false,
  },
} as const
type RouteName = keyof typeof ROUTES
const ROUTE_NAMES = Object.keys(ROUTES).filter((name): name is RouteName => name in ROUTES)

const sendTo = (name: RouteName, sent: Omit<Sent, 'path' | 'token'>, code: string) => {
  const { path, as } = ROUTES[name]
  return expectProblem({ path: path(), token: callers[as], ...sent }, code)
}

const at = (path: string, value: unknown) => ({
  scans: [{ ...ROUTES['check-ins/batch'].body.scans[0], [path]: value }],
})
const later = (ms: number) => new Date(Date.now() + ms).toISOString()

describe('a field that is not as it should be', () => {
  test.each<[RouteName, string, object, string]>([
    ['payments', 'an unknown field', { amount: 1 }, '/amount'],
    ['payments', 'an address that runs a script', { returnUrl: 'javascript:alert(1)' }, '/returnUrl'],
    ['payments', 'an address with a hidden script', { returnUrl: ' java\nscript:alert(1)' }, '/returnUrl'],
    ['payments', 'an address of data', { returnUrl: 'data:text/html,<script>' }, '/returnUrl'],
    ['payments', 'an address of another protocol', { returnUrl: 'ftp://shop.example/' }, '/returnUrl'],
    ['payments', 'a relative address', { returnUrl: '/thanks' }, '/returnUrl'],
    ['payments', 'an address without a protocol', { returnUrl: '//shop.example/' }, '/returnUrl'],
    ['payments', 'an empty address', { returnUrl: '' }, '/returnUrl'],
    ['payments', 'null for an address', { returnUrl: null }, '/returnUrl'],
    ['payments', 'a number for an address', { returnUrl: 7 }, '/returnUrl'],
    ['payments', 'a long address', { returnUrl: `https://shop.example/${'x'.repeat(2_000)}` }, '/returnUrl'],
    ['payments', 'U+0000 in an address', { returnUrl: 'https://shop.example/\0' }, '/returnUrl'],
    ['payments', 'half of a surrogate pair in an address', { returnUrl: 'https://shop.example/\ud800' }, '/returnUrl'],
    ['cancel', 'an unknown field', { force: true }, '/force'],
    ['cancel', 'an unknown refund', { refund: 'half' }, '/refund'],
    ['cancel', 'an amount for a refund', { refund: 100 }, '/refund'],
    ['cancel', 'null for a reason', { reason: null }, '/reason'],
    ['cancel', 'an empty reason', { reason: '' }, '/reason'],
    ['cancel', 'a blank reason', { reason: '   ' }, '/reason'],
    ['cancel', 'a long reason', { reason: 'x'.repeat(501) }, '/reason'],
    ['cancel', 'a reason with U+0000', { reason: 'ill\0' }, '/reason'],
    ['cancel', 'a reason with half of a surrogate pair', { reason: '\udc00' }, '/reason'],
    ['refunds', 'an unknown field', { reason: 'x', currency: 'USD' }, '/currency'],
    ['refunds', 'no reason', { amount: 1 }, '/reason'],
    ['refunds', 'a long reason', { reason: 'x'.repeat(501) }, '/reason'],
    ['refunds', 'a reason with U+0000', { reason: '\0' }, '/reason'],
    ['refunds', 'a reason with a line break', { reason: 'ill\r\nBcc: all@example.org' }, '/reason'],
    ['status', 'a reason with an escape character', { status: 'no_show', reason: '\u001b[31mred' }, '/reason'],
    ['refunds', 'an amount of zero', { reason: 'x', amount: 0 }, '/amount'],
    ['refunds', 'a negative amount', { reason: 'x', amount: -1 }, '/amount'],
    ['refunds', 'a fraction of a cent', { reason: 'x', amount: 1.5 }, '/amount'],
    ['refunds', 'an amount beyond the safe integers', { reason: 'x', amount: 2 ** 53 }, '/amount'],
    ['refunds', 'an amount beyond all bounds', { reason: 'x', amount: 1e300 }, '/amount'],
    ['refunds', 'an amount that is text', { reason: 'x', amount: '1' }, '/amount'],
    ['refunds', 'null for an amount', { reason: 'x', amount: null }, '/amount'],
    ['refunds', 'text for cancelBooking', { reason: 'x', cancelBooking: 'yes' }, '/cancelBooking'],
    ['status', 'an unknown field', { status: 'no_show', reason: 'x', paymentStatus: 'refunded' }, '/paymentStatus'],
    ['status', 'an unknown status', { status: 'booked', reason: 'x' }, '/status'],
    ['status', 'a status in capitals', { status: 'CANCELLED', reason: 'x' }, '/status'],
    ['status', 'a list of statuses', { status: ['cancelled'], reason: 'x' }, '/status'],
    ['status', 'no reason', { status: 'no_show' }, '/reason'],
    ['status', 'a blank reason', { status: 'no_show', reason: '\u00a0' }, '/reason'],
    ['check-ins', 'an unknown field', { token: 'x', nonce: 'n', gate: 'g', admit: true }, '/admit'],
    [
      'check-ins',
      'a time, which only scans made offline have',
      { token: 'x', nonce: 'n', gate: 'g', scannedAt: later(0) },
      '/scannedAt',
    ],
    ['check-ins', 'no token', { nonce: 'n', gate: 'g' }, '/token'],
    ['check-ins', 'an empty token', { token: '', nonce: 'n', gate: 'g' }, '/token'],
    ['check-ins', 'a long token', { token: 'x'.repeat(1_001), nonce: 'n', gate: 'g' }, '/token'],
    ['check-ins', 'a token with U+0000', { token: 'x\0', nonce: 'n', gate: 'g' }, '/token'],
    ['check-ins', 'no nonce', { token: 'x', gate: 'g' }, '/nonce'],
    ['check-ins', 'a long nonce', { token: 'x', nonce: 'n'.repeat(101), gate: 'g' }, '/nonce'],
    ['check-ins', 'a number for a nonce', { token: 'x', nonce: 1, gate: 'g' }, '/nonce'],
    ['check-ins', 'no gate', { token: 'x', nonce: 'n' }, '/gate'],
    ['check-ins', 'a blank gate', { token: 'x', nonce: 'n', gate: ' ' }, '/gate'],
    ['check-ins', 'a gate with a line break', { token: 'x', nonce: 'n', gate: 'a\nb' }, '/gate'],
    ['check-ins', 'a long device', { token: 'x', nonce: 'n', gate: 'g', device: 'd'.repeat(101) }, '/device'],
    ['check-ins', 'a resource that is no id', { token: 'x', nonce: 'n', gate: 'g', resourceId: '42' }, '/resourceId'],
    ['check-ins/batch', 'an unknown field', { scans: ROUTES['check-ins/batch'].body.scans, dryRun: true }, '/dryRun'],
    ['check-ins/batch', 'no scans', {}, '/scans'],
    ['check-ins/batch', 'an empty list of scans', { scans: [] }, '/scans'],
    ['check-ins/batch', 'scans that are no list', { scans: ROUTES['check-ins/batch'].body.scans[0] }, '/scans'],
    ['check-ins/batch', 'a scan that is text', { scans: ['x'] }, '/scans/0'],
    ['check-ins/batch', 'an unknown field of a scan', at('admit', true), '/scans/0/admit'],
    ['check-ins/batch', 'a scan without a time', at('scannedAt', undefined), '/scans/0/scannedAt'],
    ['check-ins/batch', 'a scan of a local time', at('scannedAt', '2026-01-01T12:00:00'), '/scans/0/scannedAt'],
    ['check-ins/batch', 'a scan of no day', at('scannedAt', '2026-02-30T12:00:00Z'), '/scans/0/scannedAt'],
    ['check-ins/batch', 'a time in milliseconds', at('scannedAt', 1_767_268_800_000), '/scans/0/scannedAt'],
    ['check-ins/batch', 'a scan of the future', at('scannedAt', '2999-01-01T00:00:00Z'), '/scans/0/scannedAt'],
    ['check-ins/batch', 'a scan with a broken gate', at('gate', '\u0007'), '/scans/0/gate'],
  ])('%s: %s is invalid_request', async (name, _what, body, pointer) => {
    const { answer, pointers } = await sendTo(name, { body }, 'invalid_request')
    expect(answer.status).toBe(400)
    expect(pointers).toContain(pointer)
  })

  test('101 scans are one too many', async () => {
    const scans = Array.from({ length: 101 }, () => ROUTES['check-ins/batch'].body.scans[0])
    expect((await sendTo('check-ins/batch', { body: { scans } }, 'invalid_request')).pointers).toEqual(['/scans'])
  })

  test('every mistake is named, by the place of its scan', async () => {
    const [scan] = ROUTES['check-ins/batch'].body.scans
    const scans = [scan, { ...scan, gate: '' }, { ...scan, nonce: '' }]
    const { pointers } = await sendTo('check-ins/batch', { body: { scans } }, 'invalid_request')
    expect(pointers).toEqual(expect.arrayContaining(['/scans/1/gate', '/scans/2/nonce']))
    expect(pointers.some((pointer) => pointer.startsWith('/scans/0'))).toBe(false)
  })
})

describe.each(ROUTE_NAMES)('a body for %s', (name) => {
  test.each([['null'], ['[]'], ['"text"'], ['1'], ['true']])('%s is invalid_request', async (body) => {
    expect((await sendTo(name, { body }, 'invalid_request')).pointers).toEqual([''])
  })

  test('that is broken is malformed_json', async () => {
    await sendTo(name, { body: '{"reason":' }, 'malformed_json')
    await sendTo(name, { body: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]) }, 'malformed_json')
  })

  test('that is a form, or compressed, is unsupported_media_type', async () => {
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
    await sendTo(name, { body: 'reason=x', headers: form }, 'unsupported_media_type')
    await sendTo(name, { body: '{}', headers: { 'Content-Encoding': 'gzip' } }, 'unsupported_media_type')
  })

  test('of more than 64 KB is body_too_large', async () => {
    const body = { ...ROUTES[name].body, reason: 'x'.repeat(65_536) }
    expect((await sendTo(name, { body }, 'body_too_large')).answer.status).toBe(413)
  })

  test('with __proto__ or a key with U+0000 is invalid_request', async () => {
    const text = JSON.stringify(ROUTES[name].body)
    const more = text === '{}' ? '' : ','
    const named = text.replace('{', `{"__proto__":{"role":"admin"}${more}`)
    expect((await sendTo(name, { body: named }, 'invalid_request')).pointers).toEqual(['/__proto__'])
    await sendTo(name, { body: text.replace('{', `{"a\\u0000":1${more}`) }, 'invalid_request')
  })
})

test.each(ROUTE_NAMES.filter((name) => !ROUTES[name].optional))(
  '%s without a body is invalid_request',
  async (name) => {
    expect((await sendTo(name, {}, 'invalid_request')).pointers).toEqual([''])
  },
)

describe('an Idempotency-Key that is malformed', () => {
  const KEYED = ['payments', 'cancel', 'refunds', 'status'] as const
  const KEYS = ['""', '"a', 'a"b', 'a, b', 'a b', '"a\\b"', 'é', 'x'.repeat(256)]

  test.each(KEYED.flatMap((name) => KEYS.map((key) => [name, key] as const)))(
    '%s with %s is invalid_idempotency_key',
    async (name, key) => {
      const { body } = ROUTES[name]
      const sent = { body, headers: { 'Idempotency-Key': key } }
      expect((await sendTo(name, sent, 'invalid_idempotency_key')).answer.status).toBe(400)
    },
  )
})

describe('a reference or an id', () => {
  const BY_REFERENCE = [
    ['GET', ''],
    ['GET', '/tickets'],
    ['GET', '/tickets.pdf'],
    ['POST', '/payments'],
    ['POST', '/cancel'],
    ['POST', '/refunds'],
    ['POST', '/status'],
  ] as const
  const BODIES: Readonly<Record<string, object>> = {
    '/payments': {},
    '/cancel': {},
    '/refunds': ROUTES.refunds.body,
    '/status': ROUTES.status.body,
  }
  const MALFORMED = [
    'SHORT',
    'TOOLONG99',
    'ABCDEFG0',
    'ABCDEFGI',
    'ABCD-234',
    randomUUID(),
    '%00',
    "1'%20or%201=1",
    '..%2f..%2fetc',
    '%F0%9F%8E%AC',
    'x'.repeat(5_000),
  ]

  test.each(BY_REFERENCE.flatMap(([method, rest]) => MALFORMED.map((reference) => [method, rest, reference] as const)))(
    '%s /v1/bookings/…%s of %s is not_found',
    async (method, rest, reference) => {
      const path = `/v1/bookings/${reference}${rest}`
      expect((await expectProblem({ method, path, body: BODIES[rest] }, 'not_found')).answer.status).toBe(404)
    },
  )

  test.each(BY_REFERENCE)(
    '%s /v1/bookings/…%s with a broken percent-encoding is malformed_url',
    async (method, rest) => {
      await expectProblem({ method, path: `/v1/bookings/%E0%A4%A${rest}`, body: BODIES[rest] }, 'malformed_url')
    },
  )

  test.each(['not-an-id', `${randomUUID()}0`, '%00', randomUUID().replaceAll('-', ''), '1;drop%20table%20tickets'])(
    'a QR code of ticket %s is not_found',
    async (id) => {
      for (const kind of ['svg', 'png']) {
        await expectProblem({ method: 'GET', path: `/v1/tickets/${id}/qr.${kind}` }, 'not_found')
      }
      await expectProblem({ method: 'GET', path: `/v1/tickets/${randomUUID()}/qr.gif` }, 'not_found')
    },
  )

  test('may be typed in lower case', async () => {
    const token = callers['an admin']
    const lower = await app.send('GET', `/v1/bookings/${paid.toLowerCase()}`, { token })
    expect(lower).toMatchObject({ status: 200, body: { reference: paid } })
    expect((await app.send('GET', `/v1/bookings/${paid.toLowerCase()}/tickets`, { token })).status).toBe(200)
    await sendTo('status', { body: { status: 'confirmed', reason: 'again' } }, 'invalid_transition')
  })
})

describe('a query parameter that is not as it should be', () => {
  const resource = `resourceId=${randomUUID()}`
  test.each([
    ['/v1/bookings?limit=0', '/limit'],
    ['/v1/bookings?limit=101', '/limit'],
    ['/v1/bookings?limit=-1', '/limit'],
    ['/v1/bookings?limit=1.5', '/limit'],
    ['/v1/bookings?limit=', '/limit'],
    ['/v1/bookings?limit=1&limit=2', '/limit'],
    ['/v1/bookings?limit=%00', '/limit'],
    ['/v1/bookings?cursor=', '/cursor'],
    ['/v1/bookings?cursor=abc', '/cursor'],
    ['/v1/bookings?cursor=%00', '/cursor'],
    [`/v1/bookings?cursor=${cursorOf([0, 'x'])}`, '/cursor'],
    [`/v1/bookings?cursor=${cursorOf([0, randomUUID(), 1])}`, '/cursor'],
    [`/v1/bookings?cursor=${cursorOf([1.5, randomUUID()])}`, '/cursor'],
    [`/v1/bookings?cursor=${cursorOf([0, randomUUID()])}=`, '/cursor'],
    ['/v1/bookings?status=booked', '/status'],
    ['/v1/bookings?status=pending&status=confirmed', '/status'],
    ['/v1/bookings?status[]=pending', '/status[]'],
    ['/v1/bookings?resourceId=42', '/resourceId'],
    ['/v1/bookings?owner=customer:ada', '/owner'],
    ['/v1/bookings?organizerId=1', '/organizerId'],
    ['/v1/bookings?__proto__=1', '/__proto__'],
    ['/v1/revoked-tickets', '/resourceId'],
    ['/v1/revoked-tickets?resourceId=', '/resourceId'],
    ['/v1/revoked-tickets?resourceId=%00', '/resourceId'],
    [`/v1/revoked-tickets?${resource}&limit=1000`, '/limit'],
    [`/v1/revoked-tickets?${resource}&since=1`, '/since'],
    [`/v1/revoked-tickets?${resource}&cursor=x`, '/cursor'],
    ['/v1/audit?entity=', '/entity'],
    ['/v1/audit?entity=:', '/entity'],
    ['/v1/audit?entity=%00', '/entity'],
    ['/v1/audit?entity=booking:nothing', '/entity'],
    ['/v1/audit?entity=payment:ABCD2345', '/entity'],
    ['/v1/audit?entity=a%20b', '/entity'],
    ['/v1/audit?entity=booking&entity=payment', '/entity'],
    ['/v1/audit?action=', '/action'],
    [`/v1/audit?action=${'x'.repeat(251)}`, '/action'],
    ['/v1/audit?action=%00', '/action'],
    ['/v1/audit?action=booking%00', '/action'],
    ['/v1/audit?actor=', '/actor'],
    ['/v1/audit?actor=system%00', '/actor'],
    ['/v1/audit?from=yesterday', '/from'],
    ['/v1/audit?from=2026-01-01', '/from'],
    ['/v1/audit?from=2026-02-30T00:00:00Z', '/from'],
    ['/v1/audit?to=2026-01-01T00:00:00', '/to'],
    ['/v1/audit?to=%00', '/to'],
    ['/v1/audit?organizerId=1', '/organizerId'],
  ])('GET %s is invalid_request', async (path, pointer) => {
    const { answer, pointers } = await expectProblem({ method: 'GET', path }, 'invalid_request')
    expect(answer.status).toBe(400)
    expect([...new Set(pointers)]).toEqual([pointer])
  })

  test('times and cursors at the edge of what can be written are taken', async () => {
    const edges = ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00+23:59', '9999-12-31T23:59:59-23:59']
    const cursors = [2 ** 53 - 1, 1 - 2 ** 53, 0].map((key) => cursorOf([key, randomUUID()]))
    const token = callers['an admin']
    for (const edge of edges.map(encodeURIComponent)) {
      for (const path of [`/v1/audit?from=${edge}`, `/v1/audit?to=${edge}`, `/v1/audit?from=${edge}&to=${edge}`]) {
        expect({ path, answer: await app.send('GET', path, { token }) }).toMatchObject({ answer: { status: 200 } })
      }
    }
    for (const cursor of cursors) {
      for (const list of ['/v1/audit?', '/v1/bookings?', `/v1/revoked-tickets?${resource}&`]) {
        const path = `${list}cursor=${cursor}`
        expect({ path, answer: await app.send('GET', path, { token }) }).toMatchObject({ answer: { status: 200 } })
      }
    }
  })
})

function cursorOf(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

describe('another method', () => {
  test.each([
    ['DELETE', () => `/v1/bookings/${paid}`, 'GET, HEAD'],
    ['POST', () => '/v1/bookings', 'GET, HEAD'],
    ['GET', () => `/v1/bookings/${paid}/cancel`, 'POST'],
    ['POST', () => `/v1/bookings/${paid}/tickets.pdf`, 'GET, HEAD'],
    ['GET', () => '/v1/check-ins', 'POST'],
    ['GET', () => '/v1/check-ins/batch', 'POST'],
    ['DELETE', () => '/v1/audit', 'GET, HEAD'],
    ['GET', () => '/v1/payment-webhooks/sandbox', 'POST'],
    ['PUT', () => checkout, 'GET, HEAD, POST'],
  ])('%s is method_not_allowed', async (method, path, allow) => {
    const { answer } = await expectProblem({ method, path: path() }, 'method_not_allowed')
    expect(answer.headers.get('allow')).toBe(allow)
  })
})

describe('the routes that read their bodies themselves', () => {
  const FORM = { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'application/json' }
  const JSON_ONLY = { Accept: 'application/json' }

  test.each<[string, Pick<Sent, 'headers' | 'body'>, string, string | null]>([
    ['nothing', { headers: JSON_ONLY }, 'invalid_request', ''],
    ['null', { headers: JSON_ONLY, body: 'null' }, 'invalid_request', null],
    ['an unknown action', { headers: JSON_ONLY, body: { action: 'steal' } }, 'invalid_request', '/action'],
    ['an unknown field', { headers: JSON_ONLY, body: { action: 'approve', amount: 1 } }, 'invalid_request', '/amount'],
    [
      'a delay of text',
      { headers: JSON_ONLY, body: { action: 'approve_later', delayS: 'soon' } },
      'invalid_request',
      '/delayS',
    ],
    [
      'a delay of zero',
      { headers: JSON_ONLY, body: { action: 'approve_later', delayS: 0 } },
      'invalid_request',
      '/delayS',
    ],
    [
      'a delay of days',
      { headers: JSON_ONLY, body: { action: 'approve_later', delayS: 1e6 } },
      'invalid_request',
      '/delayS',
    ],
    ['U+0000', { headers: JSON_ONLY, body: { action: 'approve\0' } }, 'invalid_request', '/action'],
    ['a form with an unknown action', { headers: FORM, body: 'action=steal%00' }, 'invalid_request', '/action'],
    ['a form with two actions', { headers: FORM, body: 'action=approve&action=fail' }, 'invalid_request', '/action'],
    ['broken JSON', { headers: JSON_ONLY, body: '{' }, 'malformed_json', null],
    [
      'plain text',
      { headers: { ...JSON_ONLY, 'Content-Type': 'text/plain' }, body: 'approve' },
      'unsupported_media_type',
      null,
    ],
    ['a large form', { headers: FORM, body: `action=${'x'.repeat(5_000)}` }, 'body_too_large', null],
    ['a form of many fields', { headers: FORM, body: 'a=1&'.repeat(50) }, 'body_too_large', null],
    ['a large body', { headers: JSON_ONLY, body: { action: 'x'.repeat(70_000) } }, 'body_too_large', null],
  ])('the sandbox refuses %s', async (_what, sent, code, pointer) => {
    const { pointers } = await expectProblem({ path: checkout, token: null, ...sent }, code)
    if (pointer !== null) expect(pointers).toContain(pointer)
  })

  test.each(['sbx_none', `sbx_${'A'.repeat(24)}`, '%00', 'x'.repeat(2_000)])(
    'the sandbox has no checkout %s',
    async (id) => {
      const sent = { path: `/sandbox/checkouts/${id}`, token: null, headers: JSON_ONLY }
      await expectProblem({ ...sent, method: 'GET' }, 'not_found')
      await expectProblem({ ...sent, body: { action: 'approve' } }, 'not_found')
    },
  )

  test('a webhook is refused for its size before its signature', async () => {
    await expectProblem(
      { path: '/v1/payment-webhooks/sandbox', token: null, body: 'x'.repeat(70_000) },
      'body_too_large',
    )
  })

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'nonsense'])(
    'a webhook that says it is %s is refused for its signature alone',
    async (type) => {
      const headers = { 'Content-Type': type }
      await expectProblem({ path: '/v1/payment-webhooks/sandbox', token: null, headers, body: '{}' }, 'invalid_webhook')
    },
  )

  test('a compressed webhook is not what was signed', async () => {
    const headers = { 'Content-Encoding': 'gzip', 'sandbox-signature': app.signatureOf('{}') }
    const sent = { path: '/v1/payment-webhooks/sandbox', token: null, headers, body: Buffer.from([0x1f, 0x8b, 0x08]) }
    await expectProblem(sent, 'invalid_webhook')
  })
})

test('good requests made the same way are taken, so that the refusals mean something', async () => {
  const token = await signTestToken('admin')
  const ok = (answer: Answer) => expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 200 })
  ok(
    await app.send('GET', `/v1/bookings?limit=100&status=pending&resourceId=${house.showtimeId.toUpperCase()}`, {
      token,
    }),
  )
  ok(await app.send('GET', `/v1/audit?entity=booking:${paid.toLowerCase()}&actor=system&action=x`, { token }))
  ok(await app.send('POST', '/v1/check-ins', { token, body: ROUTES['check-ins'].body }))
  ok(await app.send('POST', '/v1/check-ins/batch', { token, body: ROUTES['check-ins/batch'].body }))
  const refund = await app.send('POST', `/v1/bookings/${paid}/refunds`, {
    token,
    body: { amount: 1, reason: '🎬 ill' },
  })
  expect(refund.status).toBe(201)
})
