import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { latencyOf, openHistogram, recordMs } from '../measure/latency.ts'
import { customersOf } from './customers.ts'
import { Dispatcher } from './dispatcher.ts'
import { Http } from './http.ts'
import type { Customer, Journey, JourneyContext } from './journey-context.ts'
import { openJourney } from './journeys/open-journey.ts'
import type { GeneratorMessage, GeneratorOutcome, Phase } from './outcome.ts'
import type { LoadPlan, Stream } from './plan.ts'
import { derivedSeed, seededRandom } from './random.ts'
import { type Schedule, scheduleOf } from './schedule.ts'
import { Seconds } from './seconds.ts'
import { Tally } from './tally.ts'
import { WatcherDelays } from './watcher-delays.ts'
import { Watchers } from './watchers.ts'

const SECOND_MS = 1_000
/** Apart from the seeds of the arrivals. */
const CHOICES_SEED = 1_000
const LAST_MESSAGES_WITHIN_MS = 1_000
const WARM_UP_ROUNDS = 3
const WARM_CONNECTIONS = 100
/** A server that turns everybody away must not be asked in a busy loop. */
const PAUSE_AFTER_FAILURE_MS = 50

/**
 * Drives the crowd of a plan and resolves with what it saw, at the latest `graceMs` after the last arrival was intended.
 * The first half of that is for arrivals that found no free client in time, the rest for answers. `tell` hears of the
 * start, of every second, and of both ends of the measured time.
 */
export async function generate(
  plan: LoadPlan,
  tell: (message: Exclude<GeneratorMessage, { type: 'part' | 'done' }>) => void,
): Promise<GeneratorOutcome> {
  const schedule = scheduleOf(plan.streams, plan.durationMs, plan.seed)
  const seconds = new Seconds()
  let startMs = performance.now()
  const now = () => performance.now() - startMs
  const { fromMs, untilMs } = plan.measured ?? { fromMs: 0, untilMs: Number.POSITIVE_INFINITY }
  const isMeasured = () => now() >= fromMs && now() < untilMs
  const delays = new WatcherDelays(countedTicketTypes(plan.streams), plan.watchers?.since)
  const deadlineMs = plan.durationMs + plan.graceMs
  const http = new Http(plan.url, plan.clients)
  const context: JourneyContext = {
    url: plan.url,
    http,
    observations: { requests: [], references: [] },
    delays,
    staff: plan.staff ?? null,
    deadlineMs,
    runId: randomUUID(),
    now,
    pause: (ms) => pause(Math.max(0, Math.min(ms, deadlineMs - now()))),
  }
  const crowd = new Crowd(
    plan,
    schedule,
    context,
    plan.streams.map((stream) => new Tally(stream, seconds, isMeasured)),
  )
  const watchers = plan.watchers === undefined ? null : new Watchers(plan.url, plan.watchers, delays, now)
  let second = 0
  const timers: NodeJS.Timeout[] = []
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
    const tellPhase = (type: Phase, atMs: number) =>
      new Promise<void>((resolve) => {
        timers.push(setTimeout(() => resolve(tell({ type })), atMs))
      })
    // Nobody may come in the last part of it, and its end is told all the same.
    let measured = Promise.resolve()
    timers.push(setInterval(tick, SECOND_MS))
    if (plan.measured !== undefined) {
      void tellPhase('measuring', fromMs)
      const end = tellPhase('measured', untilMs)
      if (untilMs <= plan.durationMs) measured = end
    }
    // What is not answered by then rejects, and is counted as broken.
    timers.push(setTimeout(() => void http.close(), deadlineMs))
    await Promise.all([dispatcher.run(), crowd.runClosedLoops(plan.durationMs), measured])
    // Without it the last sales would have no message: nobody knows of how many one is still to come.
    if (watchers !== null) await pause(LAST_MESSAGES_WITHIN_MS)
    for (const timer of timers) clearTimeout(timer)
    tick()
    return {
      streams: crowd.outcomes(),
      ticks: seconds.ticks,
      watchers: watchers?.outcome() ?? null,
      lag: latencyOf(crowd.lag),
      ownLag: latencyOf(crowd.ownLag),
      ...context.observations,
    }
  } finally {
    for (const timer of timers) clearTimeout(timer)
    await Promise.all([http.close(), watchers?.close()])
  }
}

/**
 * Opens connections and has code compiled before the clock starts, on both sides, as they are in a shop that has been
 * up for a while. Probes are counted in no limit. Throws if the server does not answer.
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

/** A stream of the plan at work. */
interface OpenStream {
  readonly stream: Stream
  readonly tally: Tally
  readonly journey: Journey
  readonly customerAt: (turn: number) => Customer
  /** Arrivals so far. */
  turn: number
}

/** Everybody who arrives. */
class Crowd {
  readonly lag = openHistogram()
  readonly ownLag = openHistogram()
  readonly #schedule: Schedule
  readonly #context: JourneyContext
  readonly #streams: readonly OpenStream[]
  /** Numbers of the arrivals that have no place in the schedule follow those that have. */
  #nextNumber: number

  constructor(plan: LoadPlan, schedule: Schedule, context: JourneyContext, tallies: readonly Tally[]) {
    this.#schedule = schedule
    this.#context = context
    this.#nextNumber = schedule.atMs.length
    this.#streams = plan.streams.flatMap((stream, index) => {
      const tally = tallies[index]
      if (tally === undefined) return []
      const random = seededRandom(derivedSeed(plan.seed, CHOICES_SEED + index))
      const journey = openJourney(stream.journey, context, random)
      return [{ stream, tally, journey, customerAt: customersOf(plan, stream), turn: 0 }]
    })
  }

  async send(number: number, lagMs: number, ownLagMs: number): Promise<void> {
    const stream = this.#streams[this.#schedule.stream[number] ?? 0]
    if (stream === undefined) throw new RangeError(`arrival ${number} belongs to no stream`)
    recordMs(this.lag, lagMs)
    recordMs(this.ownLag, ownLagMs)
    const { tally, journey, customerAt } = stream
    tally.sent()
    const customer = customerAt(stream.turn++)
    await journey({ number, intendedMs: this.#schedule.atMs[number] ?? 0, customer, tally })
  }

  /** Resolves when every client of a closed loop has its last answer. */
  async runClosedLoops(durationMs: number): Promise<void> {
    await Promise.all(
      this.#streams.flatMap((open) => {
        const { arrivals } = open.stream
        if (arrivals.shape !== 'closed') return []
        return Array.from({ length: arrivals.clients }, (_, client) => this.#runClient(open, client, durationMs))
      }),
    )
  }

  async #runClient({ tally, journey, customerAt }: OpenStream, client: number, durationMs: number): Promise<void> {
    const { now } = this.#context
    const customer = customerAt(client)
    while (now() < durationMs) {
      const { failures } = tally
      tally.sent()
      await journey({ number: this.#nextNumber++, intendedMs: now(), customer, tally })
      if (tally.failures > failures) await pause(PAUSE_AFTER_FAILURE_MS)
    }
  }

  outcomes(): GeneratorOutcome['streams'] {
    return this.#streams.map(({ stream, tally }, index) =>
      tally.outcome(stream.arrivals.shape === 'closed' ? undefined : (this.#schedule.intended[index] ?? 0)),
    )
  }
}

/** Returns the ticket types whose sales can be counted: every outcome is followed, and nothing is released again. */
function countedTicketTypes(streams: readonly Stream[]): Set<string> {
  const counted = new Set<string>()
  const uncounted = new Set<string>()
  for (const { journey } of streams) {
    if (journey.kind === 'book-tickets') {
      const into = journey.follow === 'accept' ? uncounted : counted
      for (const { ticketTypeId } of journey.sales) into.add(ticketTypeId)
    } else if (journey.kind === 'lifecycle') {
      for (const { ticketTypeId } of journey.sales) uncounted.add(ticketTypeId)
    }
  }
  return new Set([...counted].filter((ticketTypeId) => !uncounted.has(ticketTypeId)))
}
