import { createServer, type Server } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { laneFor } from '@boxoffice/core/domain/lane.ts'
import { runCheck } from '../../apps/load/src/verify/check.ts'
import { PRODUCT_CHECKS } from '../../apps/load/src/verify/checks/product.ts'
import { seatCount } from '../../apps/load/src/catalogue/hall.ts'
import type { Journey, LoadPlan, Stream } from '../../apps/load/src/generator/plan.ts'
import type { Results, StreamOutcome } from '../../apps/load/src/results/results.ts'
import { CROWDS } from '../../apps/load/src/scenarios/flood/crowds.ts'
import type {
  CrowdScenario,
  Prepared,
  PrepareContext,
  Size,
} from '../../apps/load/src/scenarios/flood/crowd-scenario.ts'
import { paceOf, scaledHall, sizeOf } from '../../apps/load/src/scenarios/flood/pace.ts'
import { planOf } from '../../apps/load/src/scenarios/flood/plan-of.ts'
import { byPopularity } from '../../apps/load/src/scenarios/flood/popularity.ts'
import { LANES } from '../../apps/load/src/target/processes.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { givenEmptyResults, givenStream, NO_LATENCY } from './report-fixture.ts'

const NAMES = [
  'on-sale',
  'hot-showtime',
  'arena',
  'festival',
  'browse',
  'lifecycle',
  'backlog',
  'bots',
  'hostile',
] as const
const QUICK = 0.02

let db: TestDatabase
/** Stands in for the API where a scenario calls it before its run. */
let server: Server
let url: string
let calls: string[] = []
let status = 200
beforeAll(async () => {
  db = await createTestDatabase()
  server = createServer((request, response) => {
    calls.push(`${request.method} ${request.url} ${request.headers.authorization}`)
    const [type, body] =
      status === 200
        ? ['application/json', {}]
        : ['application/problem+json', { status, code: 'forbidden', detail: 'No.' }]
    const headers = { 'Content-Type': type }
    request.resume().once('end', () => response.writeHead(status, headers).end(JSON.stringify(body)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  url = address instanceof Object ? `http://127.0.0.1:${address.port}` : ''
})
afterEach(() => {
  calls = []
  status = 200
})
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve))
  await db.drop()
})

function scenario(name: (typeof NAMES)[number]): CrowdScenario {
  const found = CROWDS.find((each) => each.name === name)
  if (found === undefined) throw new Error(`there is no scenario ${name}`)
  return found
}

type PreparedRun = Prepared & { readonly plan: LoadPlan }

async function prepare({ defaults, prepare: set }: CrowdScenario, own: Partial<Size> = {}): Promise<PreparedRun> {
  const context: PrepareContext = {
    database: db.database,
    url,
    lanes: LANES,
    size: sizeOf(defaults, own),
    customers: Array.from({ length: 200 }, (_, index) => `customer ${index}`),
    signWorker: (role, organizerId) => Promise.resolve(`${role} of ${organizerId}`),
    admin: 'an-admin',
  }
  const prepared = await set(context)
  return { ...prepared, plan: planOf(context, prepared, 1) }
}

const prepareNamed = (name: (typeof NAMES)[number], own: Partial<Size> = {}) => prepare(scenario(name), own)

/** Counts how many arrivals a stream has in all, on average. */
function arrivalsOf({ arrivals }: Stream, durationMs: number): number {
  if (arrivals.shape === 'rush') return arrivals.count
  if (arrivals.shape === 'closed') throw new Error('nobody knows how many will come')
  const { perSecond, fromMs = 0, untilMs = durationMs } = arrivals
  return (perSecond * (untilMs - fromMs)) / 1_000
}

function streamOf({ plan }: PreparedRun, name: string): Stream {
  const stream = plan.streams.find((each) => each.name === name)
  if (stream === undefined) throw new Error(`there is no stream ${name}`)
  return stream
}

function journeyOf<Kind extends Journey['kind']>(
  prepared: PreparedRun,
  stream: string,
  kind: Kind,
): Extract<Journey, { kind: Kind }> {
  const { journey } = streamOf(prepared, stream)
  const is = (one: Journey): one is Extract<Journey, { kind: Kind }> => one.kind === kind
  if (!is(journey)) throw new Error(`stream ${stream} is of ${journey.kind}`)
  return journey
}

async function numberOf(text: string, values: unknown[]): Promise<number> {
  const { rows } = await db.database.pool.query<{ number: number }>(text, values)
  return rows[0]?.number ?? Number.NaN
}

const capacityOf = (eventIds: readonly string[]) =>
  numberOf(
    `select sum(capacity) as number from ticket_types t join ticket_type_state s on s.ticket_type_id = t.id
     where event_id = any ($1)`,
    [eventIds],
  )

const seatsOf = (showtimeId: string) =>
  numberOf('select count(*) as number from showtimes s join seats using (layout_id) where s.id = $1', [showtimeId])

const lanesOf = (resourceIds: readonly string[]): number[] =>
  [...new Set(resourceIds.map((id) => laneFor(id, LANES)))].toSorted((a, b) => a - b)

describe('the scenarios', () => {
  it('are those of the documentation, each under its name', () => {
    expect(CROWDS.map(({ name }) => name)).toEqual(NAMES)
    for (const { about } of CROWDS) expect(about).toMatch(/^[A-Z0-9].*\.$/)
  })

  it.each(CROWDS.map((each) => [each.name, each] as const))(
    '%s is over in a second or two when it is quick, and somebody comes',
    async (_, each) => {
      const { plan, resourceIds } = await prepare(each, { scale: QUICK })
      expect(plan.durationMs).toBeLessThanOrEqual(2_000)
      expect(plan.durationMs).toBeGreaterThanOrEqual(1_000)
      for (const stream of plan.streams) expect(arrivalsOf(stream, plan.durationMs)).toBeGreaterThanOrEqual(5)
      expect(plan.streams.some(({ headline }) => headline)).toBe(true)
      expect(resourceIds.length).toBeGreaterThan(0)
    },
  )

  it.each(CROWDS.map((each) => [each.name, each] as const))(
    '%s has as many arrivals at full scale as its rate and duration say, and twice as many in twice the time',
    async (_, each) => {
      const { rate, durationMs } = each.defaults
      for (const times of [1, 2]) {
        const { plan } = await prepare(each, { durationMs: times * durationMs })
        expect(plan.durationMs).toBe(times * durationMs)
        const headline = plan.streams.filter((stream) => stream.headline)
        const arrivals = headline.reduce((sum, stream) => sum + arrivalsOf(stream, plan.durationMs), 0)
        expect(arrivals).toBeCloseTo((rate * times * durationMs) / 1_000, 6)
      }
    },
  )

  it('leave nothing behind that a verification would find before anybody has come', async () => {
    for (const each of CROWDS) await prepare(each, { scale: QUICK })
    for (const check of PRODUCT_CHECKS) {
      expect(await runCheck(db.database.pool, check)).toMatchObject({ name: check.name, count: 0 })
    }
  })
})

describe('on-sale', () => {
  it.each([1, 0.1, QUICK])('has ten times more demand than tickets at scale %d', async (scale) => {
    const prepared = await prepareNamed('on-sale', { scale })
    const { quantity, exact } = journeyOf(prepared, 'buyers', 'book-tickets')
    expect(exact).toBe(true)
    const demand = arrivalsOf(streamOf(prepared, 'buyers'), prepared.plan.durationMs) * quantity
    expect(demand / (await capacityOf(prepared.resourceIds))).toBeCloseTo(10, 6)
  })
})

describe('hot-showtime', () => {
  it('has 300 seats for 3,000 people who want two each, and far too few when it is quick', async () => {
    const full = await prepareNamed('hot-showtime')
    expect(await seatsOf(full.resourceIds[0] ?? '')).toBe(300)
    expect(streamOf(full, 'buyers').arrivals).toMatchObject({ shape: 'rush', count: 3_000 })
    expect(journeyOf(full, 'buyers', 'book-seats')).toMatchObject({ choice: 'best', orBest: true, seats: 2 })
    const quick = await prepareNamed('hot-showtime', { scale: QUICK })
    const people = arrivalsOf(streamOf(quick, 'buyers'), quick.plan.durationMs)
    expect(people * 2).toBeGreaterThan(3 * (await seatsOf(quick.resourceIds[0] ?? '')))
  })
})

describe('arena', () => {
  it('has 20,000 seats, and more people than seats at any scale', async () => {
    expect(await seatsOf((await prepareNamed('arena')).resourceIds[0] ?? '')).toBe(20_000)
    for (const scale of [1, 0.3, QUICK]) {
      const prepared = await prepareNamed('arena', { scale })
      const seats = await seatsOf(prepared.resourceIds[0] ?? '')
      const [sale] = journeyOf(prepared, 'buyers', 'book-seats').sales
      expect(sale === undefined ? 0 : seatCount(sale.hall)).toBe(seats)
      expect(arrivalsOf(streamOf(prepared, 'buyers'), prepared.plan.durationMs)).toBeGreaterThan(seats)
      expect(prepared.drawn).toMatchObject({ showtimeId: sale?.showtimeId })
    }
  })
})

describe('festival', () => {
  it.each([1, QUICK])('uses every lane at scale %d, with some far more wanted than others', async (scale) => {
    const prepared = await prepareNamed('festival', { scale })
    expect(lanesOf(prepared.resourceIds)).toEqual(Array.from({ length: LANES }, (_, lane) => lane))
    const { sales } = journeyOf(prepared, 'ticket buyers', 'book-tickets')
    const first = sales.filter(({ eventId }) => eventId === sales[0]?.eventId)
    const last = sales.filter(({ eventId }) => eventId === sales.at(-1)?.eventId)
    expect(first.length).toBeGreaterThanOrEqual(5 * last.length)
  })

  it('has 40 events and 40 showtimes', async () => {
    expect((await prepareNamed('festival')).resourceIds).toHaveLength(80)
  })
})

describe('browse', () => {
  it('has 500 watchers and 3,000 reads a second beside 200 bookings', async () => {
    const { plan } = await prepareNamed('browse')
    expect(plan.watchers).toMatchObject({ count: 500 })
    const perSecond = plan.streams.map((stream) => arrivalsOf(stream, 1_000))
    expect(perSecond).toEqual([3_000, 100, 100])
  })
})

describe('lifecycle', () => {
  it('lets holds end within seconds, and has its doors open and somebody at them', async () => {
    const prepared = await prepareNamed('lifecycle')
    expect(prepared.holdsExpire).toBe(true)
    expect(prepared.plan.staff).toMatch(/^staff of [0-9a-f-]{36}$/)
    const open = await numberOf(
      `select count(*) as number from resources r join events e using (id)
       where id = any ($1) and hold_ttl_ms <= 10000
         and now() between starts_at - make_interval(secs => check_in_opens_ms / 1000) and starts_at`,
      [prepared.resourceIds],
    )
    expect(open).toBe(prepared.resourceIds.length)
    const { pay, cancel } = journeyOf(prepared, 'visitors', 'lifecycle')
    expect(pay + cancel).toBeLessThan(1)
  })

  it('has a place for everybody', async () => {
    const prepared = await prepareNamed('lifecycle')
    const [least] = prepared.resourceIds
    expect(await capacityOf([least ?? ''])).toBeGreaterThanOrEqual(2_000)
  })
})

describe('backlog', () => {
  it('pauses the lines of what it sells as an admin, and lets them go on when nobody comes any more', async () => {
    const prepared = await prepareNamed('backlog', { scale: QUICK })
    const sold = prepared.resourceIds
    expect(sold.length).toBeGreaterThan(1)
    expect(calls).toEqual(sold.map((id) => `POST /v1/events/${id}/pause Bearer an-admin`))
    calls = []
    await prepared.afterArrivals?.()
    expect(calls).toEqual(sold.map((id) => `POST /v1/events/${id}/resume Bearer an-admin`))
  })

  it('does not go on where a line was not paused', async () => {
    status = 403
    await expect(prepareNamed('backlog', { scale: QUICK })).rejects.toMatchObject({ code: 'forbidden' })
  })
})

describe('bots', () => {
  const { settings, verdict } = scenario('bots')
  const quiet = { statuses: {}, booked: 0, total: NO_LATENCY }

  const outcome = (honest: Partial<StreamOutcome>, bots: Partial<StreamOutcome>): Results['outcome'] => ({
    ...givenEmptyResults().outcome,
    streams: [
      givenStream({ name: 'honest buyers', sent: 100, ...quiet, ...honest }),
      givenStream({ name: 'bots', sent: 100, ...quiet, ...bots }),
    ],
  })

  const size = { rate: 150, durationMs: 20_000, clients: 1_000, scale: 1 }

  it('has bots far over the limits and honest buyers far below, also when it is quick', async () => {
    for (const scale of [1, QUICK]) {
      const prepared = await prepareNamed('bots', { scale })
      const calls = (name: string) => arrivalsOf(streamOf(prepared, name), prepared.plan.durationMs)
      const [perCaller, perAddress] = [Number(settings['RATE_LIMIT_CALLER']), Number(settings['RATE_LIMIT_ADDRESS'])]
      expect(calls('bots')).toBeGreaterThan(2 * perAddress)
      const honest = streamOf(prepared, 'honest buyers')
      // Everybody of the 200 customers in turn; a full run has 5,000 of them.
      const people = scale === 1 ? 4_980 : (honest.customers?.count ?? 0)
      expect(calls('honest buyers') / people).toBeLessThan(perCaller / 2)
      expect(calls('honest buyers') / Math.min(people, 250)).toBeLessThan(perAddress / 2)
    }
  })

  it('keeps bots and honest buyers apart', async () => {
    const prepared = await prepareNamed('bots')
    const [honest, hammering] = [streamOf(prepared, 'honest buyers'), streamOf(prepared, 'bots')]
    expect(hammering.customers).toEqual({ from: 0, count: 20 })
    expect(honest.customers).toEqual({ from: 20, count: 180 })
    expect(honest.address).not.toBe(hammering.address)
  })

  it('is well where bots are turned away and honest buyers are not', () => {
    const fast = { ...NO_LATENCY, count: 100, p99: 20 }
    const good = outcome({ booked: 100, total: fast }, { statuses: { '202': 10, '429': 90 } })
    expect(verdict?.(good, size)).toEqual([])
  })

  it('is not where bots get through, or honest buyers are turned away or wait', () => {
    const slow = { ...NO_LATENCY, count: 100, p99: 300 }
    const bad = outcome({ statuses: { '429': 3 }, total: slow }, { statuses: { '202': 90, '429': 10 } })
    expect(verdict?.(bad, size)).toEqual([
      '3 honest buyers were told that they call too often.',
      'No honest buyer got a ticket.',
      'Only 10 of 100 calls of bots were turned away.',
      'The p99 of honest buyers was 300 ms, more than 250 ms.',
    ])
    const quick = outcome({ booked: 1, total: slow }, { statuses: { '429': 90 } })
    expect(verdict?.(quick, { ...size, scale: QUICK })).toEqual([])
  })
})

describe('hostile', () => {
  it('has some hundred hostile addresses, and honest buyers with an address and an account each', async () => {
    const { plan } = await prepareNamed('hostile', { scale: 0.2 })
    const addresses = (headline: boolean) =>
      plan.streams
        .filter((stream) => stream.headline === headline)
        .map(({ localAddress, customers }) => ({ localAddress, count: customers?.count ?? 0, from: customers?.from }))
    const attacking = addresses(false)
    const honest = addresses(true)
    expect(attacking.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThan(200)
    expect(new Set(honest.map(({ from }) => from)).size).toBe(6)
    const nets = [...attacking, ...honest.slice(0, 3)].map(({ localAddress }) => localAddress)
    for (const net of nets) expect(net).toMatch(/^127\.\d+\.\{m\}\.\{n\}$/)
  })

  it('asks for more tickets than sellers may have at any scale, and for as many as they may', async () => {
    for (const scale of [1, QUICK]) {
      const prepared = await prepareNamed('hostile', { scale })
      const [tooMany, most] = ['too large', 'largest allowed'].map((name) => {
        const { act } = journeyOf(prepared, `stuffed batches, ${name}`, 'hostile')
        return act.name === 'stuff-batches' ? act.quantity * act.ticketTypeIds.length : 0
      })
      expect(tooMany).toBeGreaterThan(1_000)
      expect(most).toBe(1_000)
    }
  })

  it('is refused for another machine', async () => {
    const { defaults, prepare: set } = scenario('hostile')
    const elsewhere = set({
      database: db.database,
      url: 'http://tickets.example.com',
      lanes: LANES,
      size: defaults,
      customers: [],
      signWorker: () => Promise.resolve(''),
      admin: '',
    })
    await expect(elsewhere).rejects.toThrow(
      'hostile is sent to an address in 127.0.0.0/8 only, and not to tickets.example.com.',
    )
  })
})

describe('a smaller scale', () => {
  const own = { rate: 1_000, durationMs: 10_000, clients: 7, scale: 1 }
  const paced = (asked: Partial<typeof own>) => paceOf(sizeOf(own, asked))

  it('is the same crowd for a shorter time, and then a smaller crowd', () => {
    expect(paced({})).toEqual({ durationMs: 10_000, perSecond: 1_000, crowd: 10_000 })
    expect(paced({ scale: 0.5 })).toEqual({ durationMs: 5_000, perSecond: 1_000, crowd: 5_000 })
    expect(paced({ scale: 0.015 })).toEqual({ durationMs: 1_500, perSecond: 100, crowd: 150 })
  })

  it('leaves what was asked for as it is', () => {
    expect(sizeOf(own, { scale: 0.02, rate: 10, durationMs: 4_000, clients: 3 })).toEqual({
      scale: 0.02,
      rate: 10,
      durationMs: 4_000,
      clients: 3,
    })
    expect(sizeOf(own, { scale: 0.02, rate: 10 })).toEqual({ scale: 0.02, rate: 10, durationMs: 1_500, clients: 7 })
    expect(sizeOf(own, { scale: 0.02, durationMs: 500 })).toMatchObject({ rate: 1_000, durationMs: 500 })
  })

  it('never makes a run longer than the scenario is', () => {
    expect(sizeOf({ ...own, durationMs: 500 }, { scale: 0.1 })).toMatchObject({ durationMs: 500, rate: 100 })
  })

  it('keeps the shape of a hall as far as there are rows to keep', () => {
    expect(scaledHall({ rows: 100, seatsPerRow: 200 }, 1)).toEqual({ rows: 100, seatsPerRow: 200 })
    expect(scaledHall({ rows: 100, seatsPerRow: 200 }, 0.25)).toEqual({ rows: 50, seatsPerRow: 100 })
    expect(scaledHall({ rows: 15, seatsPerRow: 20 }, 0.01)).toEqual({ rows: 3, seatsPerRow: 6 })
  })
})

describe('popularity', () => {
  it('makes the second half as wanted as the first, the third a third', () => {
    const counts = new Map<string, number>()
    for (const name of byPopularity(['a', 'b', 'c', 'd', 'e', 'f'])) counts.set(name, (counts.get(name) ?? 0) + 1)
    expect(Object.fromEntries(counts)).toEqual({ a: 6, b: 3, c: 2, d: 2, e: 1, f: 1 })
  })
})
