import { createServer } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { givenEvent } from '../../catalogue/put-on-sale.ts'
import type { TicketSale } from '../../catalogue/hall.ts'
import { CountedCrowd, rawBookingRequest } from '../../generator/counted-crowd.ts'
import { followLine } from '../../measure/line.ts'
import type { Aim, Table } from '../../results/results.ts'
import { API, startProcesses, WORKER } from '../../target/processes.ts'
import { verifyRun } from '../../verify/verify-run.ts'
import { type BenchContext, benchScenario, onFreshDatabase, type VerifiedRun } from './bench-context.ts'
import { mean, rounded } from './cells.ts'

const FIRST = 5
/** Seconds after the first ones, whose mean is the steady rate. */
const STEADY = 7
const QUICK = { first: 1, steady: 1 }
const CAPACITY = 100_000_000
const WAIT_S = 20
const PRACTICE_MS = 3_000
const AIMS = { ofSteady: 0.8, longerMs: 1_500 }

interface FirstSecondsRun {
  readonly warmUp: 'on' | 'off'
  readonly round: number
  /** Decided in each second, from the first one. */
  readonly bySecond: readonly number[]
  readonly readyMs: number
  readonly verified: VerifiedRun
}

export const firstSeconds = benchScenario(
  'first-seconds',
  'What fresh processes decide in each of their first seconds, and how long they take to be ready, warmed up and not.',
  async (context) => {
    const runs: FirstSecondsRun[] = []
    await practise(context)
    for (let round = 1; round <= context.rounds; round++) {
      for (const warmUp of ['off', 'on'] as const) runs.push(await runOnce(context, warmUp, round))
    }
    return { tables: [tableOf(context, runs)], aims: aimsOf(context, runs), runs: runs.map(({ verified }) => verified) }
  },
)

/** Has the crowd's own code compiled first, against a server that does nothing. */
async function practise({ clients, quick }: BenchContext): Promise<void> {
  const server = createServer((request, response) => {
    request.resume()
    response.end('{"state":"booked"}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const nothing: TicketSale = { eventId: 'none', ticketTypeId: 'none' }
  const crowd = new CountedCrowd(
    port,
    Array.from({ length: clients }, () => rawBookingRequest('none', nothing, WAIT_S)),
  )
  await pause(quick ? 100 : PRACTICE_MS)
  crowd.close()
  server.closeAllConnections()
  server.close()
}

async function runOnce(context: BenchContext, warmUp: 'on' | 'off', round: number): Promise<FirstSecondsRun> {
  const name = `first_seconds_${warmUp}_${round}`
  const { first, steady } = lengthOf(context)
  return onFreshDatabase(context, name, async ({ database, options }) => {
    const sale = await givenEvent(database, CAPACITY)
    const since = performance.now()
    const running = await startProcesses(
      [
        { name: 'worker', path: WORKER },
        { name: 'api', path: API },
      ],
      { ...options, settings: { ...options.settings, WARM_UP: warmUp } },
    )
    const readyMs = performance.now() - since
    let bySecond: readonly number[]
    let others: number
    try {
      const requests = context.tokens.map((token) => rawBookingRequest(token, sale, WAIT_S))
      const crowd = new CountedCrowd(Number(new URL(running.url).port), requests)
      await Promise.race([pause((first + steady) * 1_000 + 50), running.failed])
      ;({ bySecond, others } = crowd)
      crowd.close()
      await followLine(database, running.failed)
    } finally {
      await running.stop()
    }
    const { checks, violations } = await verifyRun({ database, settleWithinMs: null })
    const told = others === 0 ? [] : [`${others} requests were not answered with an outcome`]
    context.say(`first-seconds, warm-up ${warmUp}: ready after ${Math.round(readyMs)} ms, then ${bySecond.join(' ')}`)
    return { warmUp, round, bySecond, readyMs, verified: { run: name, checks, violations: [...told, ...violations] } }
  })
}

const lengthOf = ({ quick }: BenchContext) => (quick ? QUICK : { first: FIRST, steady: STEADY })

/** Returns each of the first seconds, as a share of the steady rate. */
function shares(context: BenchContext, { bySecond }: FirstSecondsRun): number[] {
  const { first } = lengthOf(context)
  const steady = mean(bySecond.slice(first))
  return bySecond.slice(0, first).map((decided) => rounded(decided / steady))
}

function tableOf(context: BenchContext, runs: readonly FirstSecondsRun[]): Table {
  const { first, steady } = lengthOf(context)
  return {
    title: 'The first seconds of a process',
    about: [
      `${context.clients} clients over raw sockets, warmed up themselves, each waits for its outcome; one hot event`,
      `decided in each second; the steady rate is the mean of the ${steady} seconds after the first ${first}`,
    ],
    header: [
      'warm-up',
      'ready ms',
      ...Array.from({ length: first }, (_, second) => `second ${second + 1}`),
      'steady',
      'least share',
    ],
    rows: runs.map((run) => [
      `${run.warmUp}, round ${run.round}`,
      String(Math.round(run.readyMs)),
      ...run.bySecond.slice(0, first).map(String),
      String(Math.round(mean(run.bySecond.slice(first)))),
      String(Math.min(...shares(context, run))),
    ]),
  }
}

function aimsOf(context: BenchContext, runs: readonly FirstSecondsRun[]): Aim[] {
  const warm = runs.filter(({ warmUp }) => warmUp === 'on')
  const readyMs = (which: readonly FirstSecondsRun[]) => mean(which.map((run) => run.readyMs))
  return [
    {
      what: 'least share of the steady rate in the first seconds',
      value: Math.min(...warm.flatMap((run) => shares(context, run))),
      relation: 'at least',
      aim: AIMS.ofSteady,
    },
    {
      what: 'start-up longer by, ms',
      value: Math.round(readyMs(warm) - readyMs(runs.filter(({ warmUp }) => warmUp === 'off'))),
      relation: 'at most',
      aim: AIMS.longerMs,
    },
  ]
}
