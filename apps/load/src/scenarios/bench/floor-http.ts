import type { Database } from '@boxoffice/core/db/connect.ts'
import type { FloorAnswer } from '../../baselines/floor-answer.ts'
import { startHttpFloor } from '../../target/contenders.ts'
import type { RunningProcesses } from '../../target/processes.ts'
import { type BenchContext, onFreshDatabase, type VerifiedRun } from './bench-context.ts'
import { microsOf } from './floor-cost.ts'
import { hotClients, type Kind } from './hot.ts'
import { streamOf } from './run-load.ts'
import { failuresOf, sendLoad } from './send-load.ts'

/** Headers that Node adds by itself. */
const OWN_HEADERS = new Set(['date', 'connection', 'keep-alive', 'content-length', 'transfer-encoding'])

export interface HttpFloor {
  readonly answersPerSecond: number
  /** Processor time of the server for each answer. */
  readonly micros: number
  readonly verified: VerifiedRun
}

/** Returns the answer that the API gives to the client of a booking who has waited for it. */
export async function answerOf(
  { sign }: BenchContext,
  { url }: RunningProcesses,
  { pool }: Database,
): Promise<FloorAnswer> {
  const { rows } = await pool.query<{ id: string; owner: string }>(
    `select id, owner from booking_requests where state = 'booked' order by decided_at desc limit 1`,
  )
  const [booked] = rows
  if (booked === undefined) throw new Error('nothing was booked')
  const path = `/v1/booking-requests/${booked.id}`
  const token = await sign(booked.owner, 'customer', null)
  const answer = await fetch(url + path, { headers: { authorization: `Bearer ${token}`, prefer: 'wait=25' } })
  if (answer.status !== 200) throw new Error(`the API answered ${answer.status}`)
  const headers = [...answer.headers].filter(([name]) => !OWN_HEADERS.has(name))
  // The one header that only the call itself is answered with.
  return { headers: [...headers, ['location', path]], body: await answer.text() }
}

/** Measures the HTTP floor under the load of the hot showtime or event, of which nothing is booked. */
export function runHttpFloor(
  context: BenchContext,
  kind: Kind,
  round: number,
  answer: FloorAnswer,
): Promise<HttpFloor> {
  const name = `floor_http_${kind}_${round}`
  return onFreshDatabase(context, name, async ({ database, options }) => {
    const streams = [await hotClients(context, database, kind)]
    const running = await startHttpFloor(answer, options)
    try {
      const sent = await sendLoad(context, running, { streams })
      const clients = streamOf(sent, 'clients')
      const { count } = clients.total
      const answersPerSecond = Math.round((count * 1_000) / context.durationMs)
      context.say(`${kind}, round ${round}, HTTP floor: ${answersPerSecond} answers/s`)
      return {
        answersPerSecond,
        micros: microsOf(context, sent.processes, 'api', count),
        verified: { run: name, checks: [], violations: failuresOf(clients, true) },
      }
    } finally {
      await running.stop()
    }
  })
}
