import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { jobName } from '@boxoffice/core/queue/job-name.ts'
import type { DecideJob } from '@boxoffice/core/queue/payloads.ts'
import { z } from 'zod'
import { openLifecyclePool } from '@boxoffice/core/db/pools.ts'
import { changeLane } from '@boxoffice/core/booking-requests/lines/change-lines.ts'
import { shownData, shownName, shownResult } from '../../apps/api/src/bull-board/formatters.ts'
import { CHROMIUM_ARGS, chromiumPath } from '../support/browser.ts'
import { givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { TEST_LANES } from '../support/lanes.ts'
import { testLogger } from '../support/logger.ts'
import { startProcess, type TestApi, type TestProcess } from '../support/process.ts'
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts'
import { signTestToken } from '../support/tokens.ts'

describe('what Bull Board shows of a job', () => {
  const lines = [
    { id: '0199a000-0000-7000-8000-000000000001', name: 'The Third Man · One', from: 7, to: 7 },
    { id: '0199a000-0000-7000-8000-000000000002', name: 'Winter Lights', from: 1, to: 1 },
  ]
  const data = { v: 1, lines, requestIds: ['a', 'b'], customer: { email: 'ada@example.org' } }

  it('is in which lines it stands, and which requests it notifies of, and nothing that was added to it since', () => {
    expect(shownData(data)).toEqual({ v: 1, lines, requestIds: ['a', 'b'] })
    expect(shownData('ada@example.org')).toEqual({})
  })

  it('is how many ended how', () => {
    expect(shownResult({ booked: 3, seat_unavailable: 9, email: 'ada@example.org' })).toEqual({
      booked: 3,
      seat_unavailable: 9,
    })
    expect(shownResult(null)).toEqual({})
  })

  it('has a name that says what it is for', () => {
    const name = jobName({ v: 1, lines, requestIds: ['a', 'b'] })
    expect(shownName({ name, data })).toBe('The Third Man · One and 1 more · 2 requests')
    const one: DecideJob = { v: 1, lines: lines.slice(0, 1), requestIds: ['a'] }
    expect(shownName({ name: jobName(one), data: one })).toBe('The Third Man · One · 1 request')
    expect(jobName({ ...one, lines: [] })).toBe('nothing')
    expect(shownName({ name: 'expire-holds', data: { v: 1 } })).toBe('expire-holds')
  })
})

describe('the name of a job', () => {
  const nameOf = (title: string) => jobName({ v: 1, lines: [{ id: 'x', name: title, from: 1, to: 1 }], requestIds: [] })

  it('is the title of what is sold, cut at 80 characters', () => {
    expect(nameOf('Winter Lights')).toBe('Winter Lights')
    expect(nameOf('🎬'.repeat(80))).toBe('🎬'.repeat(80))
    expect(nameOf('🎬'.repeat(81))).toBe('🎬'.repeat(80))
  })
})

if (chromiumPath === null) process.stderr.write('Not run: Bull Board in a browser, for chromium is not on PATH.\n')

/** Jobs as Bull Board's own API has them. */
const boardSchema = z.object({
  queues: z.array(
    z.object({
      name: z.string(),
      jobs: z.array(z.object({ name: z.string(), data: z.unknown(), returnValue: z.unknown() })),
    }),
  ),
})

describe('Bull Board', () => {
  let redis: TestRedis | undefined
  let api: TestApi
  let worker: TestProcess
  let browser: Browser | undefined
  let adminToken: string
  let showtimeId: string

  const db = sharedDatabase()
  beforeAll(async () => {
    if (hasRedis()) redis = await startRedis()
    const environment = { DATABASE_URL: db.url, ...(redis !== undefined && { QUEUE_URL: redis.url }) }
    ;[api, worker] = await Promise.all([startProcess('api', environment), startProcess('worker', environment)])
    if (chromiumPath !== null) {
      browser = await chromium.launch({ executablePath: chromiumPath, args: CHROMIUM_ARGS, timeout: 50_000 })
    }
    adminToken = await signTestToken('admin')
    showtimeId = (await givenShowtime(db.database, { lane: 0 })).showtimeId
    await givenShowtime(db.database, { lane: 1 })
    await book(showtimeId, 'A1')
    await book(showtimeId, 'A1')
    const database = openLifecyclePool(db.url, 1, testLogger)
    const reason = 'a test'
    const by = { actor: 'admin:1', requestId: 'r', keyed: null }
    await changeLane(database, { lane: 1, lanes: TEST_LANES, action: 'pause', reason, ...by })
    await database.close()
  })

  afterAll(async () => {
    await browser?.close()
    await Promise.all([api.stop(), worker.stop()])
    await redis?.stop()
  })

  async function book(showtimeId: string, seat: string): Promise<void> {
    const response = await fetch(`${api.url}/v1/booking-requests`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${await signTestToken('customer')}`,
        'Content-Type': 'application/json',
        Prefer: 'wait=20',
      },
      body: JSON.stringify({
        resource: { type: 'showtime', id: showtimeId },
        seats: [seat],
        customer: { name: 'Ada Lovelace-Byron', email: 'ada@example.org' },
      }),
    })
    expect(response.status).toBe(200)
    await response.body?.cancel()
  }

  /** Signs in as a person does. Fails if the browser reports an error or asks another host for anything. */
  async function visit(path: string, work: (page: Page) => Promise<void>): Promise<void> {
    if (browser === undefined) throw new Error('there is no browser')
    const context = await browser.newContext({
      httpCredentials: { username: 'admin', password: adminToken },
      viewport: { width: 1_280, height: 900 },
    })
    const complaints: string[] = []
    try {
      const page = await context.newPage()
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
      })
      page.on('pageerror', (error) => void complaints.push(error.message))
      page.on('request', (request) => {
        if (!request.url().startsWith(api.url)) complaints.push(`asked for ${request.url()}`)
        if (!['GET', 'HEAD'].includes(request.method())) complaints.push(`sent ${request.method()} ${request.url()}`)
      })
      page.on('response', (response) => {
        // The first call has no password yet; the browser asks for it then.
        if (response.status() >= 400 && response.status() !== 401)
          complaints.push(`${response.status()} ${response.url()}`)
      })
      await page.goto(`${api.url}${path}`)
      await work(page)
    } finally {
      await context.close()
    }
    expect(complaints).toEqual([])
  }

  it.runIf(chromiumPath !== null)(
    'lists the lanes by name, says how each is, and asks nobody else for anything',
    async () => {
      await visit('/admin/queues', async (page) => {
        await page.getByText('Lane 00').first().waitFor()
        await page.getByText('Periodic work').first().waitFor()
        await page.getByText('Lane 01 · paused').first().waitFor()
        if (process.env['SCREENSHOTS'] !== undefined) {
          await page.screenshot({ path: `${process.env['SCREENSHOTS']}/bull-board-lanes.png` })
        }
      })
    },
  )

  it.runIf(chromiumPath !== null)('shows the jobs of a lane with their outcome, and nobody by name', async () => {
    await visit('/admin/queues/queue/bookings-00', async (page) => {
      await page.getByText('A Film · One · 1 request').first().waitFor()
      await page.getByText('0 requests waiting, 1 showtime or event').first().waitFor()
      if (process.env['SCREENSHOTS'] !== undefined) {
        await page.screenshot({ path: `${process.env['SCREENSHOTS']}/bull-board-lane.png` })
      }
      const text = await page.content()
      expect(text).not.toContain('Lovelace')
      expect(text).not.toContain('ada@example.org')
    })
  })

  it('names a job by its showtime and says which part of its line it notifies of', async () => {
    const answer = await fetch(`${api.url}/admin/queues/api/queues?activeQueue=bookings-00&status=completed&page=1`, {
      headers: { Authorization: `Basic ${btoa(`admin:${adminToken}`)}` },
    })
    expect(answer.status).toBe(200)
    const text = await answer.text()
    expect(text).not.toContain('Lovelace')
    const { queues } = boardSchema.parse(JSON.parse(text))
    const lane = queues.find(({ name }) => name === 'bookings-00')
    const shown = lane?.jobs.map(({ name, data, returnValue }) => ({ name, data, returnValue }))
    const ofPlace = (place: number, returnValue: object) => ({
      name: 'A Film · One · 1 request',
      data: {
        v: 1,
        lines: [{ id: showtimeId, name: 'A Film · One', from: place, to: place }],
        requestIds: [expect.any(String)],
      },
      returnValue,
    })
    // The newest first.
    expect(shown).toEqual([ofPlace(2, { seat_unavailable: 1 }), ofPlace(1, { booked: 1 })])
  })

  it('answers nobody but admins, and changes nothing for them either', async () => {
    const call = (method: string, token: string | null) =>
      fetch(`${api.url}/admin/queues/api/queues/bookings-00/pause`, {
        method,
        headers: token === null ? {} : { Authorization: `Basic ${btoa(`admin:${token}`)}` },
      })
    expect((await call('GET', null)).status).toBe(401)
    expect((await call('PUT', await signTestToken('organizer'))).status).toBe(403)
    expect((await call('PUT', adminToken)).status).toBe(405)
  })
})
