import { describe, expect, it } from 'vitest'
import { givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { startProcess } from '../support/process.ts'
import { hasRedis, startRedis } from '../support/redis.ts'
import { shared } from '../support/shared.ts'
import { signTestToken } from '../support/tokens.ts'
import { type ReceivedSpan, startTraceReceiver } from '../support/trace-receiver.ts'

const db = sharedDatabase()
const receiver = shared(startTraceReceiver, (opened) => opened.close())

/** The kinds of spans in OTLP. */
const SERVER = 2
const CLIENT = 3
const PRODUCER = 4
const CONSUMER = 5

/** Sends one booking request with this trace as its parent, and stops both processes, which sends their spans. */
async function traceOneRequest(traceparent: string, lane: number, environment: Readonly<Record<string, string>>) {
  const settings = {
    DATABASE_URL: db.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    ...environment,
  }
  const api = await startProcess('api', settings)
  const worker = await startProcess('worker', settings)
  try {
    const { showtimeId } = await givenShowtime(db.database, { lane })
    const response = await fetch(`${api.url}/v1/booking-requests`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${await signTestToken('customer')}`,
        'Content-Type': 'application/json',
        Prefer: 'wait=20',
        'X-Request-Id': `traced-${lane}`,
        traceparent,
      },
      body: JSON.stringify({
        resource: { type: 'showtime', id: showtimeId },
        seats: ['A1'],
        customer: { name: 'Ada Lovelace-Byron', email: 'ada@example.org' },
      }),
    })
    expect(await response.json()).toMatchObject({ state: 'booked' })
  } finally {
    await Promise.all([api.stop(), worker.stop()])
  }
  return receiver.spans.filter((span) => traceparent.includes(span.traceId))
}

function expectOneStory(spans: readonly ReceivedSpan[], lane: number) {
  const byId = new Map(spans.map((span) => [span.spanId, span]))
  const pick = (kind: number, name: string | RegExp) => {
    const found = spans.find(
      (span) => span.kind === kind && (typeof name === 'string' ? span.name === name : name.test(span.name)),
    )
    if (found === undefined)
      throw new Error(`no span ${String(name)} among ${spans.map((span) => span.name).join(', ')}`)
    return found
  }
  const descends = (span: ReceivedSpan, from: ReceivedSpan): boolean => {
    const parent = byId.get(span.parentSpanId)
    return span.parentSpanId === from.spanId || (parent !== undefined && descends(parent, from))
  }
  const http = pick(SERVER, 'POST /v1/booking-requests')
  expect(http).toMatchObject({ service: 'boxoffice-api', parentSpanId: '00f067aa0ba902b7' })
  expect(http.attributes).toMatchObject({
    'boxoffice.request_id': `traced-${lane}`,
    'http.route': '/v1/booking-requests',
    'boxoffice.location': expect.stringMatching(/^\/v1\/booking-requests\/[0-9a-f-]{36}$/),
  })
  const intake = pick(CLIENT, 'insert-booking-requests')
  expect(descends(intake, http)).toBe(true)
  const added = pick(PRODUCER, /^add /)
  expect(descends(added, http)).toBe(true)
  const job = pick(CONSUMER, /^process /)
  expect(job.service).toBe('boxoffice-worker')
  expect(descends(job, http)).toBe(true)
  for (const name of ['begin', 'lock-free-lines', 'read-undecided', 'write-decisions', 'commit']) {
    const statement = spans.find((span) => span.name === name && descends(span, job))
    expect({ name, ...statement }).toMatchObject({ name, kind: CLIENT, service: 'boxoffice-worker' })
  }
}

describe("a booking request's trace", () => {
  it('goes from HTTP through the queue to SQL, on PostgreSQL', async () => {
    const spans = await traceOneRequest('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', 1, {})
    expectOneStory(spans, 1)
  })

  // Its caller does not keep the trace (the last digit), and has no say in whether we do.
  it.runIf(hasRedis())('goes from HTTP through the queue to SQL, on Redis', async () => {
    const redis = await startRedis()
    try {
      const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4737-00f067aa0ba902b7-00'
      expectOneStory(await traceOneRequest(traceparent, 2, { QUEUE_URL: redis.url }), 2)
    } finally {
      await redis.stop()
    }
  })

  it('is not recorded where none are to be, though its caller keeps it', async () => {
    const before = receiver.spans.length
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4738-00f067aa0ba902b7-01'
    await traceOneRequest(traceparent, 3, { OTEL_TRACES_SAMPLER: 'parentbased_always_off' })
    expect(receiver.spans.slice(before)).toEqual([])
  })

  it('holds nothing of who ordered, and of the process nothing but its name', () => {
    expect(receiver.spans.length).toBeGreaterThan(10)
    for (const secret of ['Lovelace', 'ada@example.org', 'Bearer', 'postgres://']) {
      expect(receiver.text()).not.toContain(secret)
    }
  })

  it('is not among thousands that polling would make', () => {
    const roots = receiver.spans.filter(({ parentSpanId }) => parentSpanId === '')
    // The readiness probe of the tests, and requests like it.
    expect(new Set(roots.map(({ kind }) => kind))).toEqual(new Set([SERVER]))
  })
})
