import { createHmac } from 'node:crypto'
import { connect } from 'node:net'
import { z } from 'zod'
import { beforeAll, describe, expect, test } from 'vitest'
import { signGuestToken, signToken } from '@boxoffice/core/access/tokens.ts'
import { requireConformance } from '../support/conformance.ts'
import { eventBody, GUEST_SECRET, JWT_SECRET, showtimeBody, tokenFor, TOKEN_SETTINGS, sharedApp } from './start-app.ts'
import { notFound, Problem } from '@boxoffice/core/use-case/problem.ts'

// Any input is answered with a problem that says what is wrong: never a 500, and nothing gets into the line.

const problemSchema = z.strictObject({
  type: z.string().startsWith('urn:boxoffice:problem:'),
  title: z.string().min(1),
  status: z.int(),
  code: z.string(),
  detail: z.string().min(1),
  errors: z.array(z.strictObject({ pointer: z.string(), detail: z.string().min(1) })),
  requestId: z.string().min(1),
})

let token: string

const app = sharedApp()
beforeAll(async () => {
  token = await tokenFor('customer:ada')
})

interface Sent {
  readonly method?: string
  readonly path?: string
  readonly headers?: Record<string, string>
  readonly body?: string | Uint8Array<ArrayBuffer> | object
}

async function send({ method = 'POST', path = '/v1/booking-requests', headers = {}, body }: Sent) {
  const raw = typeof body === 'string' || body instanceof Uint8Array
  return await fetch(`${app.url}${path}`, {
    method,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', ...headers },
    ...(body !== undefined && { body: raw ? body : JSON.stringify(body) }),
  })
}

/** Sends a request and expects the problem, and that nothing reached the line. */
async function expectProblem(sent: Sent, status: number, code: string) {
  const before = app.line.submissions.length
  const response = await send(sent)
  const text = await response.text()
  const { method = 'POST', path = '/v1/booking-requests' } = sent
  if (code !== 'internal_error')
    requireConformance(method, path, { status: response.status, headers: response.headers, text })
  expect({ status: response.status, text }).toMatchObject({ status })
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const problem = problemSchema.parse(JSON.parse(text))
  expect(problem).toMatchObject({ status, code, requestId: response.headers.get('x-request-id') })
  expect(app.line.submissions.length).toBe(before)
  return { response, problem, pointers: problem.errors.map(({ pointer }) => pointer) }
}

test('a good request is accepted, so that the refusals below mean something', async () => {
  const response = await send({ body: showtimeBody() })
  expect(response.status).toBe(202)
  expect((await send({ body: eventBody() })).status).toBe(202)
})

describe('a body that is no JSON', () => {
  test.each([
    ['broken JSON', '{"resource":'],
    ['a trailing comma', '{"seats":["A1",]}'],
    ['two values', '{}{}'],
    ['a raw control character in a string', '{"seats":["A\u0000"]}'],
    ['NaN', '{"expectedTotal":NaN}'],
    ['bytes that are not UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
  ])('%s is malformed_json', async (_name, body) => {
    await expectProblem({ body }, 400, 'malformed_json')
  })

  test.each([
    ['a form', 'application/x-www-form-urlencoded'],
    ['plain text', 'text/plain'],
    ['another charset', 'application/json; charset=utf-16'],
    ['nonsense', 'application'],
  ])('%s is unsupported_media_type', async (_name, type) => {
    await expectProblem({ headers: { 'Content-Type': type }, body: '{}' }, 415, 'unsupported_media_type')
  })

  test('a compressed body is unsupported_media_type', async () => {
    await expectProblem({ headers: { 'Content-Encoding': 'gzip' }, body: '{}' }, 415, 'unsupported_media_type')
  })

  test.each([65_537, 500_000, 5_000_000])('%i bytes are body_too_large', async (size) => {
    const { response } = await expectProblem({ body: `{"a":"${'x'.repeat(size - 8)}"}` }, 413, 'body_too_large')
    // No request can follow a body that was not read.
    expect(response.headers.get('connection')).toBe(size > 4_300_000 ? 'close' : 'keep-alive')
  })

  test('no body at all is invalid_request', async () => {
    await expectProblem({}, 400, 'invalid_request')
  })

  test.each([['null'], ['[]'], ['"text"'], ['1'], ['true'], ['[[[[[]]]]]']])('%s is invalid_request', async (body) => {
    const { pointers } = await expectProblem({ body }, 400, 'invalid_request')
    expect(pointers).toEqual([''])
  })

  test('thirty thousand nested arrays are invalid_request', async () => {
    await expectProblem({ body: `${'['.repeat(30_000)}"\\u0041"${']'.repeat(30_000)}` }, 400, 'invalid_request')
  })
})

const lines = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ ticketTypeId: ticketTypeId(index), quantity: 1 }))
const ticketTypeId = (index: number) => `01890000-0000-7000-8000-${String(index).padStart(12, '0')}`
const tickets = (quantity: unknown) => eventBody({ tickets: [{ ticketTypeId: ticketTypeId(1), quantity }] })
const customer = (changes: object) => showtimeBody({ customer: { name: 'Ada', email: 'ada@example.com', ...changes } })
const resource = (changes: object) => showtimeBody({ resource: { type: 'showtime', id: ticketTypeId(1), ...changes } })

describe('a field that is not as it should be', () => {
  test.each<[string, object, string]>([
    ['an unknown field', showtimeBody({ admin: true }), '/admin'],
    ['an unknown field of the customer', customer({ id: 1 }), '/customer/id'],
    ['an unknown field of the resource', resource({ lane: 1 }), '/resource/lane'],
    ['an unknown field with a slash and a tilde', showtimeBody({ 'a/b~c': 1 }), '/a~1b~0c'],
    ['a price', showtimeBody({ total: 1 }), '/total'],
    ['constructor', showtimeBody({ constructor: { prototype: {} } }), '/constructor'],
    ['no resource', showtimeBody({ resource: undefined }), '/resource'],
    ['a resource of an unknown type', resource({ type: 'concert' }), '/resource/type'],
    ['a resource id that is no UUID', resource({ id: '1; drop table bookings' }), '/resource/id'],
    ['a resource id that is a number', resource({ id: 1 }), '/resource/id'],
    ['no seats', showtimeBody({ seats: undefined }), '/seats'],
    ['an empty list of seats', showtimeBody({ seats: [] }), '/seats'],
    ['seats that are no list', showtimeBody({ seats: 'A5' }), '/seats'],
    ['seats that are an object', showtimeBody({ seats: { 0: 'A5', length: 1 } }), '/seats'],
    ['a thousand seats', showtimeBody({ seats: Array.from({ length: 1_000 }, (_, index) => `A${index}`) }), '/seats'],
    ['a seat that is a number', showtimeBody({ seats: [5] }), '/seats/0'],
    ['a seat without a label', showtimeBody({ seats: ['A5', ''] }), '/seats/1'],
    ['a seat with a long label', showtimeBody({ seats: ['A'.repeat(65)] }), '/seats/0'],
    ['a seat with a rate that is a number', showtimeBody({ seats: [{ seat: 'A5', rate: 1 }] }), '/seats/0/rate'],
    ['seats and tickets', showtimeBody({ tickets: lines(1) }), '/tickets'],
    ['no tickets', eventBody({ tickets: undefined }), '/tickets'],
    ['an empty list of tickets', eventBody({ tickets: [] }), '/tickets'],
    ['21 lines of tickets', eventBody({ tickets: lines(21) }), '/tickets'],
    [
      'a ticket type that is no UUID',
      eventBody({ tickets: [{ ticketTypeId: 'vip', quantity: 1 }] }),
      '/tickets/0/ticketTypeId',
    ],
    ['a negative quantity', tickets(-1), '/tickets/0/quantity'],
    ['a quantity of zero', tickets(0), '/tickets/0/quantity'],
    ['a fractional quantity', tickets(1.5), '/tickets/0/quantity'],
    ['a huge quantity', tickets(1_001), '/tickets/0/quantity'],
    ['a quantity beyond the safe integers', tickets(1e20), '/tickets/0/quantity'],
    ['a quantity that is text', tickets('2'), '/tickets/0/quantity'],
    ['no quantity', tickets(undefined), '/tickets/0/quantity'],
    ['no customer', showtimeBody({ customer: undefined }), '/customer'],
    ['a customer without a name', customer({ name: undefined }), '/customer/name'],
    ['a blank name', customer({ name: '  ' }), '/customer/name'],
    ['a long name', customer({ name: 'x'.repeat(201) }), '/customer/name'],
    ['an address that is none', customer({ email: 'ada' }), '/customer/email'],
    [
      'a header injected through the address',
      customer({ email: 'ada@example.com\r\nBcc: b@example.com' }),
      '/customer/email',
    ],
    ['a long address', customer({ email: `${'a'.repeat(250)}@example.com` }), '/customer/email'],
    ['a long telephone number', customer({ phone: '1'.repeat(41) }), '/customer/phone'],
    ['null for something optional', customer({ phone: null }), '/customer/phone'],
    ['an empty promo code', showtimeBody({ promoCode: '' }), '/promoCode'],
    ['a long promo code', showtimeBody({ promoCode: 'X'.repeat(41) }), '/promoCode'],
    ['a negative total', showtimeBody({ expectedTotal: -1 }), '/expectedTotal'],
    ['a fractional total', showtimeBody({ expectedTotal: 10.5 }), '/expectedTotal'],
    ['a total beyond the safe integers', showtimeBody({ expectedTotal: 2 ** 53 }), '/expectedTotal'],
    ['U+0000 in a seat', showtimeBody({ seats: ['A\0'] }), '/seats/0'],
    ['U+0000 in a name', customer({ name: 'Ada\0' }), '/customer/name'],
    ['U+0000 in a promo code', showtimeBody({ promoCode: 'A\0' }), '/promoCode'],
    ['half of a surrogate pair in a name', customer({ name: 'Ada \ud800' }), '/customer/name'],
    ['the other half', customer({ name: '\udc00 Ada' }), '/customer/name'],
  ])('%s is invalid_request', async (_name, body, pointer) => {
    const { pointers } = await expectProblem({ body }, 400, 'invalid_request')
    expect(pointers).toContain(pointer)
  })

  test('__proto__ is an unknown field like any other', async () => {
    const text = JSON.stringify(showtimeBody()).replace('{', '{"__proto__":{"role":"admin"},')
    const { pointers, problem } = await expectProblem({ body: text }, 400, 'invalid_request')
    const { problem: ordinary } = await expectProblem({ body: showtimeBody({ surprise: 1 }) }, 400, 'invalid_request')
    expect(pointers).toEqual(['/__proto__'])
    expect(problem.errors.map(({ detail }) => detail)).toEqual(ordinary.errors.map(({ detail }) => detail))
    expect(problem.detail).toBe(ordinary.detail)
    const escaped = text.replace('__proto__', '\\u005f_proto__')
    expect((await expectProblem({ body: escaped }, 400, 'invalid_request')).pointers).toEqual(['/__proto__'])
    expect(Object.hasOwn(Object.prototype, 'role')).toBe(false)
  })

  test('U+0000 in a key is refused', async () => {
    await expectProblem({ body: showtimeBody({ 'a\0': 1 }) }, 400, 'invalid_request')
  })

  test('every mistake is named at once, and a thousand of them do not make a thousand lines', async () => {
    const { pointers } = await expectProblem({ body: customer({ name: '', email: '' }) }, 400, 'invalid_request')
    expect(pointers).toEqual(expect.arrayContaining(['/customer/name', '/customer/email']))
    const many = await expectProblem({ body: showtimeBody({ seats: Array(1_000).fill(1) }) }, 400, 'invalid_request')
    expect(many.pointers.length).toBeLessThanOrEqual(20)
  })

  test('each mistake is told once', async () => {
    const body = { ...customer({ name: '\t', email: `${'a'.repeat(260)}@` }), expectedTotal: -1.5 }
    const { problem } = await expectProblem({ body }, 400, 'invalid_request')
    expect(problem.errors).toEqual([
      { pointer: '/expectedTotal', detail: 'Must be a whole number.' },
      { pointer: '/customer/name', detail: 'Must not be blank.' },
      { pointer: '/customer/email', detail: 'Must have at most 254 characters.' },
    ])
  })

  test('an e-mail address may have a domain in other letters, and before the @ it is told which it may have', async () => {
    const body = customer({ email: 'ada@ex\u00e4mple.org' })
    expect((await send({ body })).status).toBe(202)
    expect(app.line.submissions.at(-1)).toMatchObject({ payload: { customer: { email: 'ada@xn--exmple-cua.org' } } })
    const { problem } = await expectProblem(
      { body: customer({ email: 'd\u00f6ra@example.org' }) },
      400,
      'invalid_request',
    )
    expect(problem.errors).toEqual([
      { pointer: '/customer/email', detail: 'Must have only ASCII letters, digits and signs before the @.' },
    ])
    for (const email of [
      'ada@ex\u00e4mple.org/x',
      'ada@\u00e4',
      'ada@ex\u00e4mple.org:80',
      'a@b@ex\u00e4mple.org',
      'ada@\uff11.\uff12',
    ]) {
      await expectProblem({ body: customer({ email }) }, 400, 'invalid_request')
    }
  })

  test('letters beyond ASCII, escapes and astral characters are let in', async () => {
    const response = await send({
      body: '{"resource":{"type":"showtime","id":"01890000-0000-7000-8000-00000000000A"},"seats":["Ä5"],"customer":{"name":"\\u00c5sa \\ud83c\\udfac","email":"a@example.com"}}',
    })
    expect(response.status).toBe(202)
    expect(app.line.submissions.at(-1)).toMatchObject({
      resourceId: '01890000-0000-7000-8000-00000000000a',
      payload: { seats: ['Ä5'], customer: { name: 'Åsa 🎬' } },
    })
  })
})

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const inAnHour = () => Math.floor(Date.now() / 1_000) + 3_600

/** Returns a token made by hand, for cases that no library would sign. */
function forge(header: object, claims: object, key: string | null): string {
  const signed = `${encode(header)}.${encode(claims)}`
  return `${signed}.${key === null ? '' : createHmac('sha256', key).update(signed).digest('base64url')}`
}

describe('a token that is not valid', () => {
  const claims = () => ({ sub: 'customer:ada', role: 'customer', aud: 'boxoffice', exp: inAnHour() })
  const hs256 = { alg: 'HS256' }

  test('a token made the same way is accepted, so that the refusals below mean something', async () => {
    const headers = { Authorization: `Bearer ${forge(hs256, claims(), JWT_SECRET)}` }
    expect((await send({ headers, body: showtimeBody() })).status).toBe(202)
  })

  test.each<[string, () => string | Promise<string>]>([
    [
      'expired',
      () =>
        signToken({ subject: 'a', role: 'customer', organizerId: null, ttlSeconds: -1 }, JWT_SECRET, TOKEN_SETTINGS),
    ],
    ['signed with another key', () => forge(hs256, claims(), 'not the secret')],
    ['signed with the key of guests', () => forge(hs256, claims(), GUEST_SECRET)],
    ['for another audience', () => forge(hs256, { ...claims(), aud: 'elsewhere' }, JWT_SECRET)],
    ['for no audience', () => forge(hs256, { ...claims(), aud: undefined }, JWT_SECRET)],
    ['of algorithm none', () => forge({ alg: 'none' }, claims(), null)],
    ['of algorithm none, signed', () => forge({ alg: 'none' }, claims(), JWT_SECRET)],
    ['of another algorithm', () => forge({ alg: 'HS512' }, claims(), JWT_SECRET)],
    ['without a signature', () => forge(hs256, claims(), null)],
    ['without an expiry', () => forge(hs256, { ...claims(), exp: undefined }, JWT_SECRET)],
    ['not valid yet', () => forge(hs256, { ...claims(), nbf: inAnHour() }, JWT_SECRET)],
    ['without a subject', () => forge(hs256, { ...claims(), sub: undefined }, JWT_SECRET)],
    ['with U+0000 in its subject', () => forge(hs256, { ...claims(), sub: 'a\0' }, JWT_SECRET)],
    ['of an unknown role', () => forge(hs256, { ...claims(), role: 'root' }, JWT_SECRET)],
    ['of a guest, signed by the wrong key', () => signGuestToken('ada', 60, JWT_SECRET)],
    [
      'of a guest that would be admin',
      () =>
        forge(
          hs256,
          { ...claims(), sub: 'guest:a', iss: 'boxoffice-guest', aud: 'boxoffice-guest', role: 'admin' },
          GUEST_SECRET,
        ),
    ],
    ['that claims the name of a guest', () => forge(hs256, { ...claims(), sub: 'guest:a' }, JWT_SECRET)],
    [
      'changed after signing',
      () =>
        `${forge(hs256, claims(), JWT_SECRET).split('.')[0] ?? ''}.${encode({ ...claims(), role: 'admin' })}.${forge(hs256, claims(), JWT_SECRET).split('.')[2] ?? ''}`,
    ],
    ['that is no JWT', () => 'abc'],
    ['of 10,000 characters', () => 'a'.repeat(10_000)],
  ])('%s is unauthenticated', async (_name, make) => {
    const headers = { Authorization: `Bearer ${await make()}` }
    const { response } = await expectProblem({ headers, body: showtimeBody() }, 401, 'unauthenticated')
    expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"')
  })

  test.each([['Basic YWRtaW46eA=='], ['Bearer'], ['Bearer a b'], ['bearer  '], ['']])(
    'the Authorization header %j is unauthenticated',
    async (header) => {
      const { response } = await expectProblem(
        { headers: { Authorization: header }, body: showtimeBody() },
        401,
        'unauthenticated',
      )
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/)
    },
  )

  test('a token that was good expires although it is remembered', async () => {
    const shortLived = forge(hs256, { ...claims(), exp: Date.now() / 1_000 + 1.5 }, JWT_SECRET)
    const headers = { Authorization: `Bearer ${shortLived}` }
    expect((await send({ headers, body: showtimeBody() })).status).toBe(202)
    await expect.poll(async () => (await send({ headers, body: showtimeBody() })).status, { timeout: 5_000 }).toBe(401)
  })
})

describe('a header that is broken', () => {
  test.each([
    ['wait'],
    ['wait='],
    ['wait=-1'],
    ['wait=1.5'],
    ['wait=abc'],
    ['wait=26'],
    ['wait=99999999999'],
    ['wait="'],
    ['wait=5 10'],
    ['=5'],
    ['respond-async; (, wait=5'],
    [`wait=5;${' '.repeat(2_000)};${' ; '.repeat(500)}(`],
  ])('Prefer: %s is invalid_prefer', async (prefer) => {
    await expectProblem({ headers: { Prefer: prefer }, body: showtimeBody() }, 400, 'invalid_prefer')
    await expectProblem(
      { method: 'GET', path: '/v1/booking-requests/01890000-0000-7000-8000-000000000000', headers: { Prefer: prefer } },
      400,
      'invalid_prefer',
    )
  })

  test.each([
    ['""'],
    ['"a'],
    ['a"b'],
    ['a, b'],
    ['"a", "b"'],
    ['"a";x=1'],
    ['a b'],
    ['"a\\b"'],
    ['é'],
    ['x'.repeat(256)],
    [`"${'x'.repeat(256)}"`],
  ])('Idempotency-Key: %s is invalid_idempotency_key', async (key) => {
    await expectProblem({ headers: { 'Idempotency-Key': key }, body: showtimeBody() }, 400, 'invalid_idempotency_key')
  })

  test('two Idempotency-Key headers are invalid_idempotency_key', async () => {
    const body = JSON.stringify(showtimeBody())
    const answer = await sendRaw(
      `POST /v1/booking-requests HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nIdempotency-Key: a\r\nIdempotency-Key: b\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer).toContain('invalid_idempotency_key')
  })

  test('an X-Request-Id that does not belong into logs and headers is replaced', async () => {
    for (const given of ['<script>', 'x'.repeat(65), 'a b', 'a\tb']) {
      const { problem } = await expectProblem({ headers: { 'X-Request-Id': given }, body: {} }, 400, 'invalid_request')
      expect(problem.requestId).not.toBe(given)
    }
    const { problem } = await expectProblem(
      { headers: { 'X-Request-Id': 'shop-42' }, body: {} },
      400,
      'invalid_request',
    )
    expect(problem.requestId).toBe('shop-42')
  })

  test.each([
    ['a header with a bare line feed and NUL', 'GET /livez HTTP/1.1\r\nHost: x\r\nX-A: a\0b\r\n\r\n'],
    ['a header name with a space', 'GET /livez HTTP/1.1\r\nHost: x\r\nX A: b\r\n\r\n'],
    [
      'two lengths',
      'POST /v1/booking-requests HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
    ],
    [
      'a length and chunks',
      'POST /v1/booking-requests HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['nonsense', 'hello\r\n\r\n'],
  ])('%s is malformed_http', async (_name, bytes) => {
    const answer = await sendRaw(bytes)
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(problemSchema.parse(JSON.parse(answer.split('\r\n\r\n')[1] ?? ''))).toMatchObject({ code: 'malformed_http' })
  })

  test('headers over 16 KB are headers_too_large', async () => {
    expect(await sendRaw(`GET /livez HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 /,
    )
  })
})

function sendRaw(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(app.port, '127.0.0.1', () => socket.write(bytes, 'latin1'))
    socket.on('data', (chunk) => (answer += chunk.toString('utf8')))
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })
}

describe('a path that leads nowhere', () => {
  test.each([
    ['not-a-uuid'],
    ['01890000-0000-7000-8000-000000000000'],
    ["1'%20or%201=1"],
    ['%00'],
    ['..%2f..%2fetc%2fpasswd'],
    ['x'.repeat(5_000)],
  ])('booking request %s is not_found', async (id) => {
    await expectProblem({ method: 'GET', path: `/v1/booking-requests/${id}` }, 404, 'not_found')
    await expectProblem({ method: 'GET', path: `/v1/booking-requests/${id}/stream` }, 404, 'not_found')
  })

  test('the request of someone else is not_found, and an admin sees it', async () => {
    const { id } = z.object({ id: z.string() }).parse(await (await send({ body: showtimeBody() })).json())
    const path = `/v1/booking-requests/${id}`
    const bob = { Authorization: `Bearer ${await tokenFor('customer:bob')}` }
    await expectProblem({ method: 'GET', path, headers: bob }, 404, 'not_found')
    await expectProblem({ method: 'GET', path: `${path}/stream`, headers: bob }, 404, 'not_found')
    const organizer = { Authorization: `Bearer ${await tokenFor('organizer:eve', 'organizer')}` }
    await expectProblem({ method: 'GET', path, headers: organizer }, 404, 'not_found')
    const admin = { Authorization: `Bearer ${await tokenFor('admin:root', 'admin')}` }
    expect((await send({ method: 'GET', path, headers: admin })).status).toBe(200)
  })

  test('an unknown path is not_found', async () => {
    await expectProblem({ method: 'GET', path: '/v1/nothing' }, 404, 'not_found')
    await expectProblem({ method: 'GET', path: '/nothing' }, 404, 'not_found')
  })

  test('a broken percent-encoding is malformed_url, also where there is no such path', async () => {
    await expectProblem({ method: 'GET', path: '/v1/booking-requests/%zz' }, 400, 'malformed_url')
    await expectProblem({ method: 'GET', path: '/v1/%zz' }, 400, 'malformed_url')
    await expectProblem({ method: 'DELETE', path: '/v1/booking-requests/%E0%A4%A' }, 400, 'malformed_url')
    await expectProblem({ method: 'GET', path: '/v1/%C3%A9' }, 404, 'not_found')
  })

  test('a method that a path does not take is method_not_allowed, and Allow says which it takes', async () => {
    const { response } = await expectProblem({ method: 'DELETE' }, 405, 'method_not_allowed')
    expect(response.headers.get('allow')).toBe('POST')
    const id = '01890000-0000-7000-8000-000000000000'
    const other = await expectProblem(
      { method: 'PUT', path: `/v1/booking-requests/${id}`, body: {} },
      405,
      'method_not_allowed',
    )
    expect(other.response.headers.get('allow')).toBe('DELETE, GET, HEAD')
  })

  test('a guest session takes nothing', async () => {
    await expectProblem({ path: '/v1/guest-sessions', body: { role: 'admin' } }, 400, 'invalid_request')
    await expectProblem({ path: '/v1/guest-sessions', body: '[]' }, 400, 'invalid_request')
  })
})

describe('what the line says', () => {
  test('an unknown resource is not_found', async () => {
    app.line.failure = notFound('showtime')
    await expectProblem({ body: showtimeBody() }, 404, 'not_found')
  })

  test('a key used with another body is idempotency_key_reused', async () => {
    app.line.failure = new Problem('idempotency_key_reused')
    await expectProblem({ body: showtimeBody() }, 422, 'idempotency_key_reused')
  })

  test('a valid body that still cannot be stored is invalid_request', async () => {
    app.line.failure = new Problem('invalid_request', { detail: 'The request contains text that cannot be stored.' })
    await expectProblem({ body: showtimeBody() }, 400, 'invalid_request')
  })

  test('a full line is overloaded, and Retry-After says when to try again', async () => {
    app.line.failure = new Problem('overloaded', { retryAfterSeconds: 3 })
    const { response } = await expectProblem({ body: showtimeBody() }, 503, 'overloaded')
    expect(response.headers.get('retry-after')).toBe('3')
  })

  test('a database that cannot be reached is unavailable', async () => {
    app.line.failure = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
    const { response } = await expectProblem({ body: showtimeBody() }, 503, 'unavailable')
    expect(response.headers.get('retry-after')).toBe('1')
  })

  test('a bug shows nothing but the request id', async () => {
    app.line.failure = new TypeError('secret detail')
    const { problem } = await expectProblem({ body: showtimeBody() }, 500, 'internal_error')
    expect(JSON.stringify(problem)).not.toContain('secret')
  })
})
