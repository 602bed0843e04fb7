import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { Pool } from 'undici'
import { auditDatabase } from '@boxoffice/load-rig/audit.ts'
import { givenEvent, LANE } from '@boxoffice/load-rig/catalogue.ts'
import { API, startProcesses } from '@boxoffice/load-rig/product.ts'
import { acceptRequests, ticketsOf } from '../accept-requests.ts'
import { startContender, startWorker } from '../contenders.ts'
import { type BenchContext, processOptions } from '../context.ts'
import type { Figures } from '../figures.ts'
import { followDrain } from '../lane-progress.ts'
import { setPaused } from '../lane-state.ts'
import { followStreams } from '../sse.ts'

const CLIENTS = { full: 2_000, quick: 200 }
const REQUESTS = { full: 50_000, quick: 2_000 }
const PLENTY = 1_000_000
const SETTLE_MS = 2_000
const AIMS = { kbPerClient: 30, bytesPerRequest: 500 }

/** What waiting costs: memory of the API for each client with an open stream, and of Redis for each request in line. */
export async function measureWaiting(context: BenchContext): Promise<Figures> {
  const clients = await memoryPerClient(context)
  const requests = await redisPerRequest(context)
  return {
    title: 'What waiting costs',
    about: ['streams of requests in a paused lane; requests that no worker takes'],
    header: ['', 'how many', 'before', 'after', 'each'],
    rows: [
      ['API, MB for open streams', ...cellsOf(clients, 1_024), `${clients.each.toFixed(1)} KB`],
      ['Redis, MB for requests', ...cellsOf(requests, 1_048_576), `${Math.round(requests.each)} bytes`],
    ],
    aims: [
      {
        what: 'KB of the API for a waiting client',
        value: tenth(clients.each),
        relation: 'under',
        aim: AIMS.kbPerClient,
      },
      {
        what: 'bytes of Redis for a waiting request',
        value: Math.round(requests.each),
        relation: 'under',
        aim: AIMS.bytesPerRequest,
      },
    ],
    problems: [...clients.problems, ...requests.problems],
  }
}

interface Growth {
  readonly count: number
  readonly before: number
  readonly after: number
  readonly each: number
  readonly problems: readonly string[]
}

const cellsOf = ({ count, before, after }: Growth, unit: number) => [
  String(count),
  (before / unit).toFixed(1),
  (after / unit).toFixed(1),
]
const tenth = (value: number) => Math.round(value * 10) / 10

/** In KB. */
async function memoryPerClient(context: BenchContext): Promise<Growth> {
  const count = context.options.quick ? CLIENTS.quick : CLIENTS.full
  const bench = await context.stack.prepare('bench_waiting_clients')
  try {
    const event = await givenEvent(bench.database, PLENTY)
    await setPaused(bench.database, LANE, true)
    const running = await startContender('c', processOptions(context, bench, 'waiting_clients'))
    const pool = new Pool(running.url, { connections: count, pipelining: 1, bodyTimeout: 0 })
    const sending = new Pool(running.url, { connections: 100, pipelining: 1 })
    const api = running.watched.find(({ name }) => name === 'api')?.pid ?? 0
    let outcomes = 0
    try {
      const accepted = await acceptRequests(sending, context.tokens, count, () => ticketsOf(event, 1))
      await pause(SETTLE_MS)
      const before = residentKb(api)
      const streams = followStreams(
        pool,
        accepted.map(({ id, token }) => ({
          path: `/v1/booking-requests/${id}/stream`,
          token,
          onEvent: (name) => {
            if (name === 'outcome') outcomes++
          },
        })),
      )
      await Promise.race([streams.opened, running.failed])
      await pause(SETTLE_MS)
      const after = residentKb(api)
      await setPaused(bench.database, LANE, false)
      await Promise.race([streams.ended, running.failed])
      context.say(`waiting: ${count} streams take ${Math.round((after - before) / 1_024)} MB`)
      const problems = await auditDatabase(bench.database, {
        requestIds: accepted.map(({ id }) => id),
        booked: count,
        preallocated: 0,
      })
      if (outcomes !== count) problems.push(`${outcomes} of ${count} streams told their outcome`)
      return { count, before, after, each: (after - before) / count, problems }
    } finally {
      await Promise.all([pool.destroy(), sending.destroy()])
      await running.stop()
    }
  } finally {
    await bench.drop()
  }
}

/** In bytes. */
async function redisPerRequest(context: BenchContext): Promise<Growth> {
  const count = context.options.quick ? REQUESTS.quick : REQUESTS.full
  const { queueUrl } = context.stack
  const bench = await context.stack.prepare('bench_waiting_requests')
  try {
    const event = await givenEvent(bench.database, PLENTY)
    const options = processOptions(context, bench, 'waiting_requests')
    const running = await startProcesses([{ name: 'api', path: API }], options)
    const pool = new Pool(running.url, { connections: 100, pipelining: 1 })
    let grown: { before: number; after: number; ids: string[] }
    try {
      const before = await redisBytes(queueUrl)
      const accepted = await acceptRequests(pool, context.tokens, count, () => ticketsOf(event, 1))
      await pause(SETTLE_MS)
      grown = { before, after: await redisBytes(queueUrl), ids: accepted.map(({ id }) => id) }
    } finally {
      await pool.destroy()
      await running.stop()
    }
    const worker = await startWorker(options)
    try {
      await followDrain(bench.database, worker.failed)
    } finally {
      await worker.stop()
    }
    const { before, after, ids } = grown
    context.say(`waiting: ${count} requests take ${Math.round((after - before) / 1_024)} KB of Redis`)
    const problems = await auditDatabase(bench.database, { requestIds: ids, booked: count, preallocated: 0 })
    return { count, before, after, each: (after - before) / count, problems }
  } finally {
    await bench.drop()
  }
}

/** The resident set now (proc(5)). */
function residentKb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
}

/** `used_memory` of INFO. */
function redisBytes(url: string): Promise<number> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) })
    let text = ''
    socket.once('error', reject)
    socket.on('data', (chunk) => {
      text += chunk.toString()
      const found = /^used_memory:(\d+)\r$/m.exec(text)?.[1]
      if (found === undefined) return
      resolve(Number(found))
      socket.destroy()
    })
    socket.write('INFO memory\r\n')
  })
}
