import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { latencyOf, openHistogram } from '@boxoffice/load-rig/latency.ts'
import { Dispatcher } from './dispatcher.ts'
import { openErrand } from './errands/open-errand.ts'
import { recordMs } from './histogram.ts'
import { Http } from './http.ts'
import { Ledger } from './ledger.ts'
import { News } from './news.ts'
import type { GeneratorMessage, GeneratorOutcome } from './outcome.ts'
import type { FloodPlan, Stream } from './plan.ts'
import { derivedSeed, seededRandom } from './random.ts'
import { type Schedule, scheduleOf } from './schedule.ts'
import { Seconds } from './seconds.ts'
import { Tally } from './tally.ts'
import { customersOf } from './customers.ts'
import { Watchers } from './watchers.ts'
import type { Errand, Visit, World } from './world.ts'

const SECOND_MS = 1_000
/** Apart from the seeds of the arrivals. */
const CHOICES_SEED = 1_000
const LAST_NEWS_WITHIN_MS = 1_000
const WARM_UP_ROUNDS = 3
const WARM_CONNECTIONS = 100

/**
 * Drives the crowd of a plan and resolves with what it saw, at the latest `graceMs` after the last arrival was intended.
 * The first half of that is for arrivals that found no free client in time, the rest for answers. `tell` hears of the
 * start and of every second.
 */
export async function generate(
  plan: FloodPlan,
  tell: (message: Extract<GeneratorMessage, { type: 'started' | 'tick' }>) => void,
): Promise<GeneratorOutcome> {
  const schedule = scheduleOf(plan.streams, plan.durationMs, plan.seed)
  const seconds = new Seconds()
  const tallies = plan.streams.map((stream) => new Tally(stream, seconds))
  const news = new News(countedTicketTypes(plan.streams))
  let startMs = performance.now()
  const now = () => performance.now() - startMs
  const deadlineMs = plan.durationMs + plan.graceMs
  const http = new Http(plan.url, plan.clients)
  const ledger = new Ledger()
  const world: World = {
    url: plan.url,
    http,
    ledger,
    news,
    staff: plan.staff,
    deadlineMs,
    runId: randomUUID(),
    now,
    pause: (ms) => pause(Math.max(0, Math.min(ms, deadlineMs - now()))),
  }
  const crowd = new Crowd(plan, schedule, world, tallies)
  const watchers = plan.watchers === null ? null : new Watchers(plan.url, plan.watchers, news, now)
  let second = 0
  let ticking: NodeJS.Timeout | undefined
  let breakingOff: NodeJS.Timeout | undefined
  try {
    await warmUp(http, plan.clients)
    await watchers?.open()
    startMs = performance.now()
    tell({ type: 'started' })
    const dispatcher = new Dispatcher({
      atMs: schedule.atMs,
      clients: plan.clients,
      sendUntilMs: plan.durationMs + plan.graceMs / 2,
      now,
      send: (index, lagMs, ownLagMs) => crowd.send(index, lagMs, ownLagMs),
    })
    const tick = () => tell({ type: 'tick', tick: seconds.end(++second), waiting: dispatcher.waiting })
    ticking = setInterval(tick, SECOND_MS)
    // What is not answered by then rejects, and is counted as broken.
    breakingOff = setTimeout(() => void http.close(), deadlineMs)
    await dispatcher.run()
    // Without it the last sales would have no news: nobody knows of how many it is still to come.
    if (watchers !== null) await pause(LAST_NEWS_WITHIN_MS)
    clearInterval(ticking)
    tick()
    return {
      streams: tallies.map((tally, index) => tally.outcome(schedule.intended[index] ?? 0)),
      ticks: seconds.ticks,
      watchers: watchers?.outcome() ?? null,
      lag: latencyOf(crowd.lag),
      ownLag: latencyOf(crowd.ownLag),
      sightings: ledger.sightings,
      references: ledger.references,
    }
  } finally {
    clearInterval(ticking)
    clearTimeout(breakingOff)
    await Promise.all([http.close(), watchers?.close()])
  }
}

/**
 * Before the clock starts: connections are open and code is compiled, on both sides, as they are in a shop that has been
 * up for a while. Probes are counted in no limit. Throws where the server does not answer.
 */
async function warmUp(http: Http, clients: number): Promise<void> {
  for (let round = 0; round < WARM_UP_ROUNDS; round++) {
    const probes = Array.from({ length: Math.min(clients, WARM_CONNECTIONS) }, () =>
      http.send({ method: 'GET', path: '/livez', headers: {} }),
    )
    for (const { status, body } of await Promise.all(probes)) {
      if (status !== 200) throw new Error(`GET /livez was answered ${status}: ${body}`)
    }
  }
}

/** Everybody who arrives. */
class Crowd {
  readonly lag = openHistogram()
  readonly ownLag = openHistogram()
  readonly #schedule: Schedule
  readonly #streams: readonly {
    readonly tally: Tally
    readonly errand: Errand
    readonly nextCustomer: () => Visit['customer']
  }[]

  constructor(plan: FloodPlan, schedule: Schedule, world: World, tallies: readonly Tally[]) {
    this.#schedule = schedule
    this.#streams = plan.streams.flatMap((stream, index) => {
      const tally = tallies[index]
      if (tally === undefined) return []
      const random = seededRandom(derivedSeed(plan.seed, CHOICES_SEED + index))
      return [{ tally, errand: openErrand(stream.errand, world, random), nextCustomer: customersOf(plan, stream) }]
    })
  }

  async send(number: number, lagMs: number, ownLagMs: number): Promise<void> {
    const stream = this.#streams[this.#schedule.stream[number] ?? 0]
    if (stream === undefined) throw new RangeError(`arrival ${number} belongs to no stream`)
    recordMs(this.lag, lagMs)
    recordMs(this.ownLag, ownLagMs)
    const { tally, errand, nextCustomer } = stream
    tally.sent()
    await errand({ number, intendedMs: this.#schedule.atMs[number] ?? 0, customer: nextCustomer(), tally })
  }
}

/** Ticket types whose sales can be counted: every outcome is followed, and nothing is released again. */
function countedTicketTypes(streams: readonly Stream[]): Set<string> {
  const counted = new Set<string>()
  const uncounted = new Set<string>()
  for (const { errand } of streams) {
    if (errand.kind === 'book-tickets') {
      const into = errand.follow === 'accept' ? uncounted : counted
      for (const { ticketTypeId } of errand.sales) into.add(ticketTypeId)
    } else if (errand.kind === 'live') {
      for (const { ticketTypeId } of errand.sales) uncounted.add(ticketTypeId)
    }
  }
  return new Set([...counted].filter((ticketTypeId) => !uncounted.has(ticketTypeId)))
}
