import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { beforeAll, describe, expect, test } from 'vitest'
import { showtimeBody, tokenFor, sharedApp } from './start-app.ts'

let authorization: { Authorization: string }

const app = sharedApp()
beforeAll(async () => {
  authorization = { Authorization: `Bearer ${await tokenFor('customer:ada')}` }
})

const viewSchema = z.object({ id: z.uuid(), state: z.string(), ahead: z.number() })

const submit = (headers: Record<string, string> = {}) =>
  fetch(`${app.url}/v1/booking-requests`, {
    method: 'POST',
    headers: { ...authorization, 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(showtimeBody()),
  })

const view = async (response: Response) => viewSchema.parse(await response.json())

const followed = async (id: string) => {
  await expect.poll(() => app.line.followers(id)).toBe(1)
}

describe('submitting', () => {
  test('answers 202 with where to look and when', async () => {
    const response = await submit()
    const { id, state } = await view(response)
    expect(response.status).toBe(202)
    expect(state).toBe('queued')
    expect(response.headers.get('location')).toBe(`/v1/booking-requests/${id}`)
    expect(response.headers.get('retry-after')).toBe('3')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('preference-applied')).toBeNull()
  })

  test('a quoted and a plain idempotency key are the same key', async () => {
    await submit({ 'Idempotency-Key': '"k-1"' })
    expect(app.line.submissions.at(-1)?.idempotencyKey).toBe('k-1')
    await submit({ 'Idempotency-Key': 'k-1' })
    expect(app.line.submissions.at(-1)?.idempotencyKey).toBe('k-1')
    await submit({ 'Idempotency-Key': '"a \\"b\\" c"' })
    expect(app.line.submissions.at(-1)?.idempotencyKey).toBe('a "b" c')
  })

  test('a replay says so', async () => {
    const response = await submit({ 'Idempotency-Key': 'seen-before' })
    expect(response.status).toBe(202)
    expect(response.headers.get('idempotency-replayed')).toBe('true')
  })

  test('Prefer: wait answers 200 with the outcome if it comes in time', async () => {
    const before = app.line.submissions.length
    const answered = submit({ Prefer: 'respond-async, WAIT="5"; x=y' })
    await expect.poll(() => app.line.submissions.length).toBe(before + 1)
    const id = app.line.lastId()
    await followed(id)
    app.line.refuse(id)
    const response = await answered
    expect(response.status).toBe(200)
    expect(await view(response)).toMatchObject({ id, state: 'refused' })
    expect(response.headers.get('preference-applied')).toBe('wait=5')
    expect(response.headers.get('retry-after')).toBeNull()
  })

  test('Prefer: wait answers 202 if the outcome does not come in time', async () => {
    const response = await submit({ Prefer: 'wait=1' })
    expect(response.status).toBe(202)
    expect(response.headers.get('preference-applied')).toBe('wait=1')
    expect((await submit({ Prefer: 'wait=0' })).status).toBe(202)
  })

  test('other preferences are ignored', async () => {
    expect((await submit({ Prefer: 'return=minimal, handling=lenient' })).status).toBe(202)
  })

  test('a client that leaves is not waited for', async () => {
    const controller = new AbortController()
    const before = app.line.submissions.length
    const answered = fetch(`${app.url}/v1/booking-requests`, {
      method: 'POST',
      headers: { ...authorization, 'Content-Type': 'application/json', Prefer: 'wait=20' },
      body: JSON.stringify(showtimeBody()),
      signal: controller.signal,
    })
    await expect.poll(() => app.line.submissions.length).toBe(before + 1)
    const id = app.line.lastId()
    await followed(id)
    controller.abort()
    await expect(answered).rejects.toThrow('aborted')
    await expect.poll(() => app.line.followers(id)).toBe(0)
  })

  test('customers are counted by account and address, those of a box office by address alone', async () => {
    await submit()
    const keys = app.line.submissions.at(-1)?.customerKeys ?? []
    expect(keys.map((key) => key.slice(0, 2))).toEqual(['o:', 'e:'])
    app.line.organizerId = randomUUID()
    const token = await tokenFor('staff:1', 'staff', 60, app.line.organizerId)
    await submit({ Authorization: `Bearer ${token}` })
    expect(app.line.submissions.at(-1)?.customerKeys).toEqual([keys[1]])
  })
})

describe('following', () => {
  test('a long poll answers as soon as the request is decided', async () => {
    const { id } = await view(await submit())
    const polled = fetch(`${app.url}/v1/booking-requests/${id}`, { headers: { ...authorization, Prefer: 'wait=20' } })
    await followed(id)
    app.line.refuse(id)
    expect(await view(await polled)).toMatchObject({ id, state: 'refused' })
  })

  test('a plain poll answers at once and says when to ask again', async () => {
    const { id } = await view(await submit())
    const response = await fetch(`${app.url}/v1/booking-requests/${id}`, { headers: authorization })
    expect(response.status).toBe(200)
    expect(response.headers.get('retry-after')).toBe('3')
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  test('a stream tells positions, then the outcome, and closes', async () => {
    const { id } = await view(await submit())
    const response = await fetch(`${app.url}/v1/booking-requests/${id}/stream`, { headers: authorization })
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    expect(response.headers.get('cache-control')).toBe('no-cache, no-transform')
    expect(response.headers.get('x-accel-buffering')).toBe('no')
    await followed(id)
    app.line.move(id, 3)
    app.line.refuse(id)
    const events = readEvents(await response.text())
    expect(events.map(({ event, data }) => [event, data.state, data.ahead])).toEqual([
      ['position', 'queued', 7],
      ['position', 'queued', 3],
      ['outcome', 'refused', 0],
    ])
  })

  test('a stream of a decided request is its outcome', async () => {
    const { id } = await view(await submit())
    app.line.refuse(id)
    const response = await fetch(`${app.url}/v1/booking-requests/${id}/stream`, { headers: authorization })
    expect(readEvents(await response.text()).map(({ event }) => event)).toEqual(['outcome'])
  })

  test('a stream that is left is no longer followed', async () => {
    const { id } = await view(await submit())
    const controller = new AbortController()
    await fetch(`${app.url}/v1/booking-requests/${id}/stream`, { headers: authorization, signal: controller.signal })
    await followed(id)
    controller.abort()
    await expect.poll(() => app.line.followers(id)).toBe(0)
  })
})

function readEvents(text: string) {
  return text
    .split('\n\n')
    .filter((block) => block.startsWith('event: '))
    .map((block) => {
      const [event = '', data = ''] = block.split('\n')
      return { event: event.slice('event: '.length), data: viewSchema.parse(JSON.parse(data.slice('data: '.length))) }
    })
}

describe('guests', () => {
  test('a guest gets a token, books with it and sees only their own requests', async () => {
    const guest = async () => {
      const response = await fetch(`${app.url}/v1/guest-sessions`, { method: 'POST' })
      expect(response.status).toBe(201)
      const { token } = z.object({ token: z.string(), expiresIn: z.int() }).parse(await response.json())
      return { Authorization: `Bearer ${token}` }
    }
    const [first, second] = [await guest(), await guest()]
    const { id } = await view(await submit(first))
    expect(app.line.submissions.at(-1)?.owner).toMatch(/^guest:/)
    expect((await fetch(`${app.url}/v1/booking-requests/${id}`, { headers: first })).status).toBe(200)
    expect((await fetch(`${app.url}/v1/booking-requests/${id}`, { headers: second })).status).toBe(404)
  })
})

describe('operations', () => {
  test('a process without a database is alive and not ready', async () => {
    expect((await fetch(`${app.url}/livez`)).status).toBe(200)
    const response = await fetch(`${app.url}/readyz`)
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ code: 'unavailable', detail: 'The database does not answer.' })
  })

  test('the board of queues is for admins', async () => {
    const board = (headers: Record<string, string>, method = 'GET') =>
      fetch(`${app.url}/admin/queues`, { method, headers, redirect: 'manual' })
    const nobody = await board({})
    expect(nobody.status).toBe(401)
    expect(nobody.headers.get('www-authenticate')).toMatch(/^Basic /)
    expect((await board(authorization)).status).toBe(403)
    expect((await board({ Authorization: `Basic ${btoa('admin:wrong')}` })).status).toBe(401)
    const admin = await tokenFor('admin:1', 'admin')
    expect((await board({ Authorization: `Basic ${btoa(`admin:${admin}`)}` }, 'POST')).status).toBe(405)
    // There is no database behind this app, and the board gets as far as asking it for the lanes.
    expect((await board({ Authorization: `Basic ${btoa(`admin:${admin}`)}` })).status).toBe(503)
  })
})
