import { setTimeout as pause } from 'node:timers/promises'
import { givenEvent } from '../../catalogue/put-on-sale.ts'
import { residentKb } from '../../measure/process-usage.ts'
import { changeLines } from '../../target/change-lines.ts'
import { startContender } from '../../target/contenders.ts'
import { API, startProcesses } from '../../target/processes.ts'
import { redisCommand } from '../../target/servers.ts'
import { verifyRun } from '../../verify/verify-run.ts'
import { type BenchContext, benchScenario, onFreshDatabase, type VerifiedRun } from './bench-context.ts'
import { rounded } from './cells.ts'
import { drainLine } from './drain-line.ts'
import { followLastRequests, sendRequests } from './line-over-http.ts'

const CLIENTS = { full: 2_000, quick: 200 }
const REQUESTS = { full: 50_000, quick: 2_000 }
const PLENTY = 1_000_000
const SETTLE_MS = 2_000
const AIMS = { kbPerClient: 30, bytesPerRequest: 500 }

export const waiting = benchScenario(
  'waiting',
  'What waiting costs: memory of the API for each client, and of Redis for each request.',
  async (context) => {
    const clients = await memoryPerClient(context)
    const requests = await redisPerRequest(context)
    const [kb, bytes] = [rounded(clients.each, 1), Math.round(requests.each)]
    return {
      tables: [
        {
          title: 'What waiting costs',
          about: ['streams of requests in a paused line; requests that no worker takes'],
          header: ['', 'how many', 'before', 'after', 'each'],
          rows: [
            ['API, MB for open streams', ...cellsOf(clients, 1_024), `${clients.each.toFixed(1)} KB`],
            ['Redis, MB for requests', ...cellsOf(requests, 1_048_576), `${bytes} bytes`],
          ],
        },
      ],
      aims: [
        { what: 'KB of the API for a waiting client', value: kb, relation: 'under', aim: AIMS.kbPerClient },
        { what: 'bytes of Redis for a waiting request', value: bytes, relation: 'under', aim: AIMS.bytesPerRequest },
      ],
      runs: [clients.verified, requests.verified],
    }
  },
)

interface Growth {
  readonly count: number
  readonly before: number
  readonly after: number
  readonly each: number
  readonly verified: VerifiedRun
}

const cellsOf = ({ count, before, after }: Growth, unit: number) => [
  String(count),
  (before / unit).toFixed(1),
  (after / unit).toFixed(1),
]

/** Measures the memory of a waiting client, in KB. */
function memoryPerClient(context: BenchContext): Promise<Growth> {
  const count = context.quick ? CLIENTS.quick : CLIENTS.full
  return onFreshDatabase(context, 'waiting_clients', async ({ database, options }) => {
    const event = await givenEvent(database, PLENTY)
    const running = await startContender('c', options)
    const api = running.watched.find(({ name }) => name === 'api')?.pid ?? 0
    try {
      const operator = { url: running.url, admin: await context.sign('load-admin', 'admin', null) }
      await changeLines(operator, [event.eventId], 'pause')
      const observations = await sendRequests(context, running, { event, quantity: 1, count })
      await pause(SETTLE_MS)
      const before = residentKb(api)
      let outcomes = 0
      const streams = await followLastRequests(context, running, database, { count, onOutcome: () => outcomes++ })
      let after: number
      try {
        await pause(SETTLE_MS)
        after = residentKb(api)
        await changeLines(operator, [event.eventId], 'resume')
        await Promise.race([streams.ended, running.failed])
      } finally {
        await streams.close()
      }
      context.say(`waiting: ${count} streams take ${Math.round((after - before) / 1_024)} MB`)
      const { checks, violations } = await verifyRun({
        database,
        ...observations,
        bookings: count,
        settleWithinMs: null,
      })
      const missing = outcomes === count ? [] : [`${outcomes} of ${count} streams told their outcome`]
      const verified = { run: 'waiting clients', checks, violations: [...missing, ...violations] }
      return { count, before, after, each: (after - before) / count, verified }
    } finally {
      await running.stop()
    }
  })
}

/** Measures what a waiting request takes in Redis, in bytes. */
function redisPerRequest(context: BenchContext): Promise<Growth> {
  const count = context.quick ? REQUESTS.quick : REQUESTS.full
  const { queueUrl } = context.embedded.servers
  if (queueUrl === null) throw new Error('there is no Redis to measure')
  return onFreshDatabase(context, 'waiting_requests', async (fresh) => {
    const { database, options } = fresh
    const event = await givenEvent(database, PLENTY)
    const running = await startProcesses([{ name: 'api', path: API }], options)
    let grown: Pick<Growth, 'before' | 'after'> & Awaited<ReturnType<typeof sendRequests>>
    try {
      const before = await redisBytes(queueUrl)
      const observations = await sendRequests(context, running, { event, quantity: 1, count })
      await pause(SETTLE_MS)
      grown = { before, after: await redisBytes(queueUrl), ...observations }
    } finally {
      await running.stop()
    }
    await drainLine(context, fresh, 'waiting')
    const { before, after, ...observations } = grown
    context.say(`waiting: ${count} requests take ${Math.round((after - before) / 1_024)} KB of Redis`)
    const verification = await verifyRun({ database, ...observations, bookings: count, settleWithinMs: null })
    return {
      count,
      before,
      after,
      each: (after - before) / count,
      verified: { run: 'waiting requests', ...verification },
    }
  })
}

/** Returns `used_memory` of INFO. */
async function redisBytes(url: string): Promise<number> {
  const answer = await redisCommand(Number(new URL(url).port), 'INFO memory')
  return Number(/^used_memory:(\d+)\r$/m.exec(answer)?.[1])
}
