import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import * as health from '@boxoffice/contract/operations/health.ts'
import { lane as laneSchema, laneList } from '@boxoffice/contract/schemas/lane.ts'
import { line as lineSchema } from '@boxoffice/contract/schemas/line.ts'
import { ready as readySchema } from '@boxoffice/contract/schemas/health.ts'
import { givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { findFreePort } from '../support/free-port.ts'
import { startProcess, type TestApi, type TestProcess } from '../support/process.ts'
import { eventually } from '../support/eventually.ts'
import { signTestToken } from '../support/tokens.ts'
import { valueOf } from '../support/metrics.ts'

const METRICS_TOKEN = 'a token for the monitor of the tests'

let apis: [TestApi, TestApi]
let worker: TestProcess
let workerUrl: string
/** The address of the second API's metrics. */
let metricsUrl: string
let admin: string

/** The only thing that two API processes and a worker share here. */
const db = sharedDatabase()
beforeAll(async () => {
  const port = await findFreePort()
  workerUrl = `http://127.0.0.1:${port}`
  const environment = { DATABASE_URL: db.url, METRICS_TOKEN }
  // One after the other: together they start slower than each by itself.
  worker = await startProcess('worker', { ...environment, WORKER_PORT: String(port) })
  const metricsPort = String(await findFreePort())
  metricsUrl = `http://127.0.0.1:${metricsPort}`
  apis = [
    await startProcess('api', environment),
    await startProcess('api', { ...environment, METRICS_PORT: metricsPort }),
  ]
  admin = await signTestToken('admin', { subject: 'admin:ops' })
})

afterAll(() => Promise.all([...apis, worker].map((each) => each.stop())))

interface CallOptions {
  readonly method?: string
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

function call(url: string, { method = 'GET', token, headers = {}, body }: CallOptions = {}): Promise<Response> {
  return fetch(url, {
    method,
    headers: {
      ...headers,
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}

const metricsOf = async (url: string) => (await call(`${url}/metrics`, { token: METRICS_TOKEN })).text()

async function tell(lane: number, action: string, headers: Readonly<Record<string, string>> = {}) {
  const url = `${apis[0].url}/v1/lanes/${lane}/${action}`
  const response = await call(url, { method: 'POST', token: admin, headers, body: { reason: 'a test' } })
  expect(response.status).toBe(200)
  return { response, lane: laneSchema.parse(await response.json()) }
}

async function book(api: TestApi, showtimeId: string, seat: string, headers: Readonly<Record<string, string>> = {}) {
  return call(`${api.url}/v1/booking-requests`, {
    method: 'POST',
    token: await signTestToken('customer'),
    headers,
    body: {
      resource: { type: 'showtime', id: showtimeId },
      seats: [seat],
      customer: { name: 'Ada Lovelace', email: 'ada@example.org' },
    },
  })
}

const requestSchema = z.looseObject({ id: z.string(), state: z.string() })

describe('a lane', () => {
  it('tells those who run the service how it is', async () => {
    await givenShowtime(db.database, { lane: 1 })
    const { items } = laneList.parse(await (await call(`${apis[0].url}/v1/lanes`, { token: admin })).json())
    expect(items.map(({ id }) => id)).toEqual(items.map((_, index) => index))
    const one = laneSchema.parse(await (await call(`${apis[0].url}/v1/lanes/1`, { token: admin })).json())
    expect(one).toMatchObject({
      id: 1,
      paused: false,
      draining: false,
      waiting: 0,
      oldestWaitingMs: null,
      resources: 1,
    })
    for (const missing of ['999', '01', '-1', 'x', '1.5']) {
      expect((await call(`${apis[0].url}/v1/lanes/${missing}`, { token: admin })).status).toBe(404)
    }
    const organizer = await signTestToken('organizer')
    expect((await call(`${apis[0].url}/v1/lanes`, { token: organizer })).status).toBe(403)
  })

  it('that is paused takes requests in every process, keeps them, and decides them when it is resumed', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 2 })
    expect((await tell(2, 'pause')).lane).toMatchObject({ paused: true, draining: false })
    const seats = ['A1', 'A2', 'A3', 'A4']
    const ids: string[] = []
    for (const [index, seat] of seats.entries()) {
      const response = await book(index % 2 === 0 ? apis[0] : apis[1], showtimeId, seat)
      expect(response.status).toBe(202)
      ids.push(requestSchema.parse(await response.json()).id)
    }
    // The sweep looks every second, and has looked by now.
    const { lane } = await eventually(async () => {
      const response = await call(`${apis[1].url}/v1/lanes/2`, { token: admin })
      const found = laneSchema.parse(await response.json())
      if ((found.oldestWaitingMs ?? 0) < 2_500) throw new Error('the sweep may not have come yet')
      return { lane: found }
    })
    expect(lane).toMatchObject({ paused: true, waiting: 4 })

    expect((await tell(2, 'resume')).lane).toMatchObject({ paused: false, draining: false })
    await eventually(async () => {
      const { rows } = await db.database.pool.query<{ id: string }>(
        `select id from booking_requests where resource_id = $1 and state = 'booked' order by decided_at, seq`,
        [showtimeId],
      )
      expect(rows.map(({ id }) => id)).toEqual(ids)
    })
  })

  it('that is drained refuses what is new in every process and takes it again when it is resumed', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 3 })
    expect((await tell(3, 'drain')).lane).toMatchObject({ paused: false, draining: true, waiting: 0 })
    for (const api of apis) {
      const refused = await book(api, showtimeId, 'A1')
      expect(refused.status).toBe(503)
      expect(refused.headers.get('retry-after')).toBe('5')
      expect(await refused.json()).toMatchObject({ code: 'overloaded' })
    }
    await tell(3, 'resume')
    for (const [index, api] of apis.entries()) {
      const response = await book(api, showtimeId, `B${index + 1}`, { Prefer: 'wait=20' })
      expect(requestSchema.parse(await response.json()).state).toBe('booked')
    }
  })

  it('is told once under one key', async () => {
    await givenShowtime(db.database, { lane: 4 })
    const headers = { 'Idempotency-Key': 'pause-4' }
    expect((await tell(4, 'pause', headers)).response.headers.get('idempotency-replayed')).toBeNull()
    await tell(4, 'resume')
    const again = await tell(4, 'pause', headers)
    expect(again.response.headers.get('idempotency-replayed')).toBe('true')
    expect(again.lane.paused).toBe(false)
  })

  it('wants a reason, and has it in the audit', async () => {
    const without = await call(`${apis[0].url}/v1/lanes/5/pause`, { method: 'POST', token: admin, body: {} })
    expect(without.status).toBe(400)
    await givenShowtime(db.database, { lane: 5 })
    await tell(5, 'drain', { 'X-Request-Id': 'ops-5' })
    const response = await call(`${apis[1].url}/v1/audit?entity=lane&action=lane.draining`, { token: admin })
    const audit = z.object({ items: z.array(z.looseObject({ requestId: z.string() })) }).parse(await response.json())
    expect(audit.items.find(({ requestId }) => requestId === 'ops-5')).toMatchObject({
      actor: 'admin:ops',
      after: { lane: 5, lines: 1, changed: 1, reason: 'a test' },
    })
    await tell(5, 'resume')
  })
})

describe('the line of a showtime', () => {
  async function change(api: TestApi, showtimeId: string, action: string) {
    const url = `${api.url}/v1/showtimes/${showtimeId}/${action}`
    const response = await call(url, { method: 'POST', token: admin, body: { reason: 'a test' } })
    expect(response.status).toBe(200)
    return lineSchema.parse(await response.json())
  }

  it('that is paused stands still in every process while its neighbour in the lane goes on, and then goes on too', async () => {
    const [{ showtimeId }, neighbour] = [
      await givenShowtime(db.database, { lane: 2 }),
      await givenShowtime(db.database, { lane: 2 }),
    ]
    expect(await change(apis[1], showtimeId, 'pause')).toMatchObject({ paused: true, draining: false })
    const ids: string[] = []
    for (const [index, seat] of ['A1', 'A2', 'A3', 'A4'].entries()) {
      const response = await book(apis[index % 2] ?? apis[0], showtimeId, seat)
      expect(response.status).toBe(202)
      ids.push(requestSchema.parse(await response.json()).id)
      const beside = await book(apis[0], neighbour.showtimeId, seat, { Prefer: 'wait=20' })
      expect(requestSchema.parse(await beside.json()).state).toBe('booked')
    }
    // The sweep looks every second, and has looked by now.
    await eventually(async () => {
      const response = await call(`${apis[0].url}/v1/showtimes/${showtimeId}/line`, { token: admin })
      const line = lineSchema.parse(await response.json())
      expect(line).toMatchObject({ paused: true, waiting: 4 })
      if ((line.oldestMs ?? 0) < 2_500) throw new Error('the sweep may not have come yet')
    })
    const lanes = await call(`${apis[0].url}/v1/lanes/2`, { token: admin })
    expect(laneSchema.parse(await lanes.json()), 'not all of its lines are').toMatchObject({
      paused: false,
      waiting: 4,
    })

    expect(await change(apis[0], showtimeId, 'resume')).toMatchObject({ paused: false })
    await eventually(async () => {
      const { rows } = await db.database.pool.query<{ id: string }>(
        `select id from booking_requests where resource_id = $1 and state = 'booked' order by decided_at, seq`,
        [showtimeId],
      )
      expect(rows.map(({ id }) => id)).toEqual(ids)
    })
  })

  it('that is drained refuses what is new in every process, and no other line does', async () => {
    const [{ showtimeId }, neighbour] = [
      await givenShowtime(db.database, { lane: 2 }),
      await givenShowtime(db.database, { lane: 2 }),
    ]
    expect(await change(apis[1], showtimeId, 'drain')).toMatchObject({ draining: true })
    for (const [index, api] of apis.entries()) {
      const refused = await book(api, showtimeId, 'A1')
      expect(refused.status).toBe(503)
      expect(refused.headers.get('retry-after')).toBe('5')
      const beside = await book(api, neighbour.showtimeId, `A${index + 1}`, { Prefer: 'wait=20' })
      expect(requestSchema.parse(await beside.json()).state).toBe('booked')
    }
    await change(apis[0], showtimeId, 'resume')
    const response = await book(apis[1], showtimeId, 'A1', { Prefer: 'wait=20' })
    expect(requestSchema.parse(await response.json()).state).toBe('booked')
  })
})

describe('the probes', () => {
  it('say of each part that it works', async () => {
    for (const url of [apis[0].url, workerUrl]) {
      expect(await (await call(`${url}/livez`)).json()).toEqual({ status: 'live' })
      const response = await call(`${url}/readyz`)
      expect(response.status).toBe(200)
      const { checks } = readySchema.parse(await response.json())
      expect(checks).toMatchObject({
        running: { ok: true },
        database: { ok: true },
        schema: { ok: true },
        queue: { ok: true },
      })
    }
    expect(health.getReadiness.path).toBe('/readyz')
  })

  it('say which part does not, and no secret', async () => {
    await db.database.pool.query('update drizzle.__drizzle_migrations set created_at = created_at - 100000000000')
    try {
      for (const url of [apis[0].url, workerUrl]) {
        // An answer of a moment ago may be given again.
        const body = await eventually(async () => {
          const response = await call(`${url}/readyz`)
          const text = await response.text()
          expect(response.status).toBe(503)
          return text
        })
        expect(JSON.parse(body)).toMatchObject({
          detail: 'Migrations are missing; run "npm run migrate".',
          checks: { database: { ok: true }, schema: { ok: false, why: expect.any(String) } },
        })
        expect(body).not.toContain('postgres')
      }
    } finally {
      await db.database.pool.query('update drizzle.__drizzle_migrations set created_at = created_at + 100000000000')
    }
  })

  it('of a worker answer nothing else', async () => {
    expect((await call(`${workerUrl}/v1/lanes`)).status).toBe(404)
    expect((await call(`${workerUrl}/readyz`, { method: 'POST' })).status).toBe(405)
  })
})

describe('the metrics', () => {
  it('are for whoever has their token', async () => {
    for (const url of [apis[0].url, workerUrl, metricsUrl]) {
      expect((await call(`${url}/metrics`)).status).toBe(401)
      expect((await call(`${url}/metrics`, { token: admin })).status).toBe(401)
      const response = await call(`${url}/metrics`, { token: METRICS_TOKEN })
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    }
  })

  it('are on a port of their own where they have one, with the probes, and nowhere else', async () => {
    expect((await call(`${apis[1].url}/metrics`, { token: METRICS_TOKEN })).status).toBe(404)
    expect((await call(`${metricsUrl}/livez`)).status).toBe(200)
    expect((await call(`${metricsUrl}/readyz`)).status).toBe(200)
    expect((await call(`${metricsUrl}/v1/showtimes`)).status).toBe(404)
  })

  it('count what was accepted, decided and refused, and what waits', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 6 })
    const before = { api: await metricsOf(apis[0].url), worker: await metricsOf(workerUrl) }
    for (const seat of ['A1', 'A1', 'A2']) await book(apis[0], showtimeId, seat, { Prefer: 'wait=20' })
    await tell(6, 'pause')
    await book(apis[0], showtimeId, 'A3')
    const after = { api: await metricsOf(apis[0].url), worker: await metricsOf(workerUrl) }
    const grown = (app: 'api' | 'worker', metric: string) => valueOf(after[app], metric) - valueOf(before[app], metric)

    expect(grown('api', 'boxoffice_accepted_total')).toBe(4)
    expect(grown('api', 'boxoffice_intake_batch_size_count')).toBe(4)
    const route = 'method="POST",route="/v1/booking-requests"'
    expect(grown('api', `boxoffice_http_request_duration_seconds_count{${route},status="200"}`)).toBe(3)
    expect(grown('worker', 'boxoffice_decided_total{outcome="booked"}')).toBe(2)
    expect(grown('worker', 'boxoffice_decided_total{outcome="seat_unavailable"}')).toBe(1)
    expect(grown('worker', 'boxoffice_decide_batch_size_count')).toBe(3)
    for (const app of ['api', 'worker'] as const) {
      await eventually(async () => {
        const metrics = await metricsOf(app === 'api' ? apis[0].url : workerUrl)
        expect(valueOf(metrics, 'boxoffice_requests_waiting')).toBe(1)
        expect(valueOf(metrics, 'boxoffice_lines_waiting')).toBe(1)
        expect(valueOf(metrics, `boxoffice_line_waiting{resource="${showtimeId}"}`)).toBe(1)
        expect(valueOf(metrics, 'boxoffice_lines_paused')).toBe(1)
        expect(valueOf(metrics, 'boxoffice_lines_draining')).toBe(0)
        expect(valueOf(metrics, 'boxoffice_database_up')).toBe(1)
      })
    }
    await tell(6, 'resume')
  })

  it('name routes by their pattern: no id of anything is a label', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 7 })
    await call(`${apis[0].url}/v1/showtimes/${showtimeId}`)
    await call(`${apis[0].url}/somewhere/else/${showtimeId}`)
    const metrics = await metricsOf(apis[0].url)
    expect(metrics).not.toContain(showtimeId)
    expect(metrics).toContain('route="/v1/showtimes/{id}",status="200"')
    expect(metrics).toContain('route="none",status="404"')
  })
})
