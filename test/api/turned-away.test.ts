import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { IntakeGate } from '../../apps/api/src/overload/intake-gate.ts'
import { eventBody, sharedApp, tokenFor } from './start-app.ts'

/** Lets in as many as it is told to, and remembers whether they were done when they left. */
class SmallGate extends IntakeGate {
  room = Number.POSITIVE_INFINITY
  readonly left: boolean[] = []
  override enter(address: string, nowMs: number): boolean {
    return this.inside < this.room && super.enter(address, nowMs)
  }
  override leave(address: string, nowMs: number, isDone: boolean): void {
    this.left.push(isDone)
    super.leave(address, nowMs, isDone)
  }
}

const PAGE = 'https://shop.example'
const gate = new SmallGate()
const app = sharedApp({ gate, environment: { CORS_ORIGINS: PAGE } })

const submit = async (headers: Record<string, string> = {}) =>
  fetch(`${app.url}/v1/booking-requests`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${await tokenFor('customer:ada')}`,
      'Content-Type': 'application/json',
      ...headers,
    },
    body: JSON.stringify(eventBody()),
  })

/** Returns a request whose body does not come to its end. */
const unfinished = async (length = 99) =>
  [
    'POST /v1/booking-requests HTTP/1.1',
    'Host: x',
    `Authorization: Bearer ${await tokenFor('customer:ada')}`,
    'Content-Type: application/json',
    `Content-Length: ${length}`,
    '',
    '{',
  ].join('\r\n')

test('what comes beyond the gate is told when to come back, and its place in line is not taken', async () => {
  gate.room = 0
  const seen = new Set<string | null>()
  for (let n = 0; n < 40; n++) {
    const response = await submit()
    expect(response.status).toBe(503)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(response.headers.get('cache-control')).toBe('no-store')
    const body: unknown = await response.json()
    const requestId = response.headers.get('x-request-id')
    expect(body).toMatchObject({ code: 'overloaded', status: 503, requestId, errors: [] })
    seen.add(response.headers.get('retry-after'))
  }
  expect(seen).toEqual(new Set(['1', '2', '3', '4']))
  expect(app.line.submissions).toEqual([])
})

test('pages that may call the API can read that they were turned away, and others cannot', async () => {
  gate.room = 0
  const own = await submit({ Origin: PAGE })
  expect(own.headers.get('access-control-allow-origin')).toBe(PAGE)
  expect(own.headers.get('access-control-expose-headers')).toContain('Retry-After')
  const foreign = await submit({ Origin: 'https://elsewhere.example' })
  expect(foreign.headers.get('access-control-allow-origin')).toBeNull()
})

test('whoever waits in line is answered, and so is everything else', async () => {
  gate.room = 1
  const accepted = await submit()
  expect(accepted.status).toBe(202)
  const { id } = (await accepted.json()) as { id: string }
  gate.room = 0
  const authorization = { Authorization: `Bearer ${await tokenFor('customer:ada')}` }
  const polled = await fetch(`${app.url}/v1/booking-requests/${id}`, { headers: authorization })
  expect(polled.status).toBe(200)
  const stream = await fetch(`${app.url}/v1/booking-requests/${id}/stream`, { headers: authorization })
  expect(stream.status).toBe(200)
  await stream.body?.cancel()
  expect((await fetch(`${app.url}/v1/nothing`)).status).toBe(404)
  // Another method on the same path is none of the gate's business.
  expect((await fetch(`${app.url}/v1/booking-requests`)).status).toBe(405)
})

test('the gate is left when the request is in line, not when its outcome is known', async () => {
  gate.room = 1
  gate.left.length = 0
  const waiting = submit({ Prefer: 'wait=2' })
  await expect.poll(() => gate.left).toEqual([true])
  expect((await submit()).status).toBe(202)
  expect((await waiting).status).toBe(202)
  expect(gate.inside).toBe(0)
})

test('the gate is left by what is refused', async () => {
  gate.room = 1
  gate.left.length = 0
  expect((await submit({ Authorization: 'Bearer nonsense' })).status).toBe(401)
  await expect.poll(() => gate.left).toEqual([true])
  expect((await submit({ Prefer: 'nonsense=1' })).status).toBe(202)
  expect(gate.inside).toBe(0)
})

test('the gate is left by what is answered behind an answer that lasts, on the same connection', async () => {
  gate.room = 100
  gate.left.length = 0
  const socket = connect(app.port, '127.0.0.1')
  const { id } = (await (await submit()).json()) as { id: string }
  const token = await tokenFor('customer:ada')
  socket.write(`GET /v1/booking-requests/${id}/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`)
  const post =
    'POST /v1/booking-requests HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}'
  for (let n = 0; n < 10; n++) socket.write(post)
  await expect.poll(() => gate.left).toHaveLength(11)
  expect(gate.inside).toBe(0)
  socket.destroy()
})

test.each([
  '/v1/booking-requests',
  '/v1/booking-requests/',
  '/V1/Booking-Requests',
  '/v1/booking-requests?a=b',
  'http://x/v1/booking-requests',
])('the gate is on the way to the line in whatever way its path is written: %s', async (path) => {
  gate.room = 0
  const body = JSON.stringify(eventBody())
  const socket = connect(app.port, '127.0.0.1')
  let received = ''
  socket.setEncoding('latin1').on('data', (chunk) => {
    received += String(chunk)
  })
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${await tokenFor('customer:ada')}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
  await expect.poll(() => received).toContain('HTTP/1.1 503')
  socket.destroy()
})

test('a client that is slow to send its request keeps no place that another one could have', async () => {
  gate.room = 1
  gate.left.length = 0
  const sockets = Array.from({ length: 20 }, () => connect(app.port, '127.0.0.1'))
  for (const socket of sockets) {
    socket.write(await unfinished())
    await expect.poll(() => gate.inside).toBe(0)
  }
  expect((await submit()).status).toBe(202)
  for (const socket of sockets) socket.destroy()
})

test('a request whose body comes late is counted once it is there, and is not turned away then', async () => {
  gate.room = 1
  gate.left.length = 0
  const body = JSON.stringify(eventBody())
  const socket = connect(app.port, '127.0.0.1')
  let received = ''
  socket.setEncoding('latin1').on('data', (chunk) => {
    received += String(chunk)
  })
  socket.write((await unfinished(body.length)).slice(0, -1))
  await expect.poll(() => gate.left).toEqual([false])
  gate.room = 0
  socket.write(body)
  await expect.poll(() => received).toContain('HTTP/1.1 202')
  expect(gate.left).toEqual([false, true])
  expect(gate.inside).toBe(0)
  socket.destroy()
})

test('a body that was turned away unread is no part of the next request on its connection', async () => {
  gate.room = 0
  const body = JSON.stringify(eventBody())
  const head = `POST /v1/booking-requests HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
  const socket = connect(app.port, '127.0.0.1')
  let received = ''
  socket.setEncoding('latin1').on('data', (chunk) => {
    received += String(chunk)
  })
  socket.write(head)
  await expect.poll(() => received).toContain('"code":"overloaded"')
  socket.write(body)
  socket.write('GET /v1/nothing HTTP/1.1\r\nHost: x\r\n\r\n')
  await expect.poll(() => received).toContain('HTTP/1.1 404')
  socket.destroy()
})
