import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { signToken } from '@boxoffice/core/access/tokens.ts'
import { auditDatabase } from '@boxoffice/load-rig/audit.ts'
import { givenEvent, LANE } from '@boxoffice/load-rig/catalogue.ts'
import { type Child, startChild } from '@boxoffice/load-rig/child-process.ts'
import { API, JWT_SECRET, startProcesses } from '@boxoffice/load-rig/product.ts'
import { startWorker } from '../../contenders.ts'
import { type BenchContext, processOptions } from '../../context.ts'
import { followDrain, type Progress } from '../../lane-progress.ts'
import type { StreamMessage, StreamPlan, StreamTotals } from '../../stream-plan.ts'
import { fillLane, ticketsFor } from '../fill-backlog.ts'

const STREAM_PROCESS = fileURLToPath(new URL('../../stream-process.ts', import.meta.url))

export interface StreamsRun {
  readonly decidedPerSecond: number
  readonly remark: string
  readonly problems: readonly string[]
}

export interface StreamsSize {
  readonly requests: number
  readonly streams: number
}

/** How fast a line is drained while those near its end watch their position; `streams` may be none. */
export async function drainBesideStreams(
  context: BenchContext,
  { requests, streams }: StreamsSize,
  name: string,
): Promise<StreamsRun> {
  const bench = await context.stack.prepare(`bench_${name}`)
  const { database } = bench
  try {
    const event = await givenEvent(database, ticketsFor(requests))
    await fillLane(database.pool, LANE, event, requests)
    await database.pool.query('checkpoint')
    const started = processOptions(context, bench, name)
    const api = await startProcesses([{ name: 'api', path: API }], started)
    const audience = startChild({ name: 'the streaming process', args: [STREAM_PROCESS] })
    try {
      const failed = Promise.race([api.failed, audience.failed])
      failed.catch(() => {})
      // The worker starts last: nobody is decided before everybody watches.
      const watching = await Promise.race([openStreams(audience, database, api.url, streams), failed])
      const worker = await startWorker(started)
      let seen: Progress[]
      try {
        seen = await followDrain(database, Promise.race([worker.failed, failed]))
        // What is still on its way to the streams is theirs.
        await worker.stop()
      } catch (error) {
        await worker.stop()
        throw error
      }
      const totals = await Promise.race([closeStreams(audience), failed])
      return {
        decidedPerSecond: drainRate(seen, requests),
        remark: streams === 0 ? '' : `${watching} open, ${totals.events} events sent, ${totals.ended} ended by the API`,
        problems: [
          ...totals.problems,
          ...(watching === streams ? [] : [`only ${watching} of ${streams} streams were opened`]),
          ...(streams === 0 || totals.events > 0 ? [] : ['the streams told nothing']),
          ...(await auditDatabase(database, { requestIds: [], booked: requests, preallocated: 0 })),
        ].map((problem) => `position streams, ${streams}: ${problem}`),
      }
    } finally {
      await audience.stop()
      await api.stop()
    }
  } finally {
    await bench.drop()
  }
}

/** From when the first request was under way to the last one decided. */
function drainRate(seen: readonly Progress[], requests: number): number {
  const from = seen.findLast(({ watermark }) => watermark === 0)?.atMs ?? seen[0]?.atMs ?? 0
  const until = seen.at(-1)?.atMs ?? 0
  return Math.round(requests / ((until - from) / 1_000))
}

/** Resolves with how many streams are open. */
async function openStreams(audience: Child, database: Database, url: string, streams: number): Promise<number> {
  const plan: StreamPlan = { url, streams: await lastInLine(database, streams) }
  const opened = nextMessage(audience)
  audience.process.send(plan)
  const message = await opened
  if (message.type !== 'opened') throw new Error(`the streaming process said ${message.type} first`)
  return message.opened
}

async function closeStreams(audience: Child): Promise<StreamTotals> {
  const closed = nextMessage(audience)
  audience.process.send('close')
  const message = await closed
  if (message.type !== 'closed') throw new Error(`the streaming process said ${message.type} last`)
  return message.totals
}

const nextMessage = async (child: Child): Promise<StreamMessage> => {
  const [message] = await once(child.process, 'message')
  return message as StreamMessage
}

/** The last of the line, each with a token of its owner. */
async function lastInLine({ pool }: Database, count: number): Promise<StreamPlan['streams']> {
  const { rows } = await pool.query<{ id: string; owner: string }>(
    'select id, owner from booking_requests where lane = $1 order by seq desc limit $2',
    [LANE, count],
  )
  return Promise.all(rows.map(async ({ id, owner }) => ({ id, token: await signOwner(owner) })))
}

function signOwner(subject: string): Promise<string> {
  return signToken({ subject, role: 'customer', organizerId: null, ttlSeconds: 86_400 }, JWT_SECRET, {
    JWT_AUDIENCE: 'boxoffice',
    JWT_ISSUER: undefined,
  })
}
