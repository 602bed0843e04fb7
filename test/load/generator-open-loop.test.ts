import { afterEach, describe, expect, it } from 'vitest'
import { generate } from '../../apps/load/src/generator/generate.ts'
import { planOf, type StandIn, startStandIn } from './generator-stand-in.ts'

const FROZEN_MS = 1_000
const PER_SECOND = 200
const ARRIVALS = 500

let standIn: StandIn | undefined

afterEach(async () => {
  await standIn?.close()
})

/** Starts a server that freezes for a second when the hundredth request has come. */
async function startFreezing() {
  const frozen = { fromMs: 0, untilMs: Number.POSITIVE_INFINITY }
  standIn = await startStandIn({
    onBooking: (server) => {
      if (server.bookings.length !== 100) return
      server.freeze()
      frozen.fromMs = performance.now()
      setTimeout(() => {
        frozen.untilMs = performance.now()
        server.thaw()
      }, FROZEN_MS)
    },
  })
  return { server: standIn, frozen }
}

/** Plans 500 buyers in two and a half seconds. */
const planFor = (url: string, clients: number, durationMs = (ARRIVALS / PER_SECOND) * 1_000) =>
  planOf(
    url,
    { kind: 'book-tickets', sales: [{ eventId: 'event', ticketTypeId: 'type' }], quantity: 1, exact: true },
    { arrivals: { shape: 'steady', perSecond: PER_SECOND } },
    { durationMs, graceMs: 20_000, clients },
  )

const run = (url: string, clients: number) => generate(planFor(url, clients), () => {})

describe('the measured time', () => {
  it('has an end that is told, however long before it the last one came', async () => {
    standIn = await startStandIn()
    const told: string[] = []
    const plan = planOf(
      standIn.url,
      { kind: 'book-tickets', sales: [{ eventId: 'event', ticketTypeId: 'type' }], quantity: 1, exact: true },
      { arrivals: { shape: 'steady', perSecond: PER_SECOND, untilMs: 50 } },
      { durationMs: 400, measured: { fromMs: 0, untilMs: 400 }, graceMs: 20_000, clients: 10 },
    )
    const { streams } = await generate(plan, ({ type }) => told.push(type))
    expect(streams[0]?.total.count).toBe((PER_SECOND * 50) / 1_000)
    expect(told.filter((type) => type !== 'tick')).toEqual(['started', 'measuring', 'measured'])
  })
})

describe('a server that freezes for a second', () => {
  it('does not stop the sending', async () => {
    const { server, frozen } = await startFreezing()
    await run(server.url, 1_000)
    const meanwhile = server.bookings.filter(({ atMs }) => atMs > frozen.fromMs && atMs < frozen.untilMs)
    // 200 were intended. In a closed loop it would have been one for each client, of which there had been work for one.
    expect(meanwhile.length).toBeGreaterThan(150)
  })

  it('is in the latency of every arrival of that second', async () => {
    const { server } = await startFreezing()
    const { streams, ticks } = await run(server.url, 1_000)
    const total = streams[0]?.total
    expect(total?.count).toBe(ARRIVALS)
    expect(total?.max).toBeGreaterThan(FROZEN_MS * 0.98)
    // Of 500 arrivals 200 fell into the frozen second, evenly: the worst 25 waited for seven eighths of it or more.
    expect(total?.p95).toBeGreaterThan(FROZEN_MS * 0.8)
    expect(ticks.reduce((sum, { booked }) => sum + booked, 0)).toBe(ARRIVALS)
  })

  it('is in them all the same where ten clients are all there are, while times from the sending hide it', async () => {
    const { server } = await startFreezing()
    const { streams, requests, lag } = await run(server.url, 10)
    const fromSending = requests.filter(({ sentMs, decidedMs }) => (decidedMs ?? 0) - sentMs > FROZEN_MS / 2)
    // The control: this is what a closed loop sees of the freeze.
    expect(fromSending.length).toBeLessThanOrEqual(10)
    const stream = streams[0]
    expect(stream).toMatchObject({ sent: ARRIVALS, unsent: 0, booked: ARRIVALS, errors: 0 })
    expect(stream?.total.p95).toBeGreaterThan(FROZEN_MS * 0.8)
    // The rest of their wait was for a client.
    expect(lag.p95).toBeGreaterThan(FROZEN_MS * 0.7)
  })

  it('and never thaws is an error of each request, and what was not sent is reported', async () => {
    const server = await startStandIn()
    standIn = server
    const outcome = await generate({ ...planFor(server.url, 5, 500), graceMs: 1_000 }, ({ type }) => {
      if (type === 'started') server.freeze()
    })
    expect(outcome.streams[0]).toMatchObject({ intended: 100, sent: 5, unsent: 95, errors: 5, statuses: { '0': 5 } })
    expect(outcome.streams[0]?.total.count).toBe(0)
    expect(outcome.lag.count).toBe(5)
  })
})
