import type { TicketSale } from '../../catalogue/hall.ts'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { EventStreams } from '../../generator/event-streams.ts'
import type { Observations } from '../../generator/outcome.ts'
import { startGenerator } from '../../generator/start-generator.ts'
import type { RunningProcesses } from '../../target/processes.ts'
import type { BenchContext } from './bench-context.ts'

const CONNECTIONS = 100
const SENT_WITHIN_MS = 600_000

/** Puts `count` requests for tickets of an event into the line, over HTTP, without waiting for their outcomes. */
export async function sendRequests(
  { tokens, seed }: BenchContext,
  { url, failed }: RunningProcesses,
  { event, quantity, count }: { readonly event: TicketSale; readonly quantity: number; readonly count: number },
): Promise<Observations> {
  const generator = startGenerator(
    {
      url,
      customers: tokens,
      streams: [
        {
          name: 'requests',
          headline: true,
          arrivals: { shape: 'rush', count, withinMs: 1 },
          journey: { kind: 'book-tickets', sales: [event], quantity, exact: true, follow: 'accept' },
        },
      ],
      durationMs: 1,
      graceMs: SENT_WITHIN_MS,
      clients: CONNECTIONS,
      seed,
    },
    {},
  )
  try {
    const { requests, references } = await Promise.race([generator.outcome, generator.failed, failed])
    if (requests.length !== count) throw new Error(`${requests.length} of ${count} requests were accepted`)
    return { requests, references }
  } finally {
    await generator.stop()
  }
}

/** Streams of the last requests of the line, each followed by its owner. */
export interface FollowedRequests {
  /** The number of streams that were opened. */
  readonly opened: number
  /** Events so far, of all streams. */
  readonly events: () => number
  /** Resolves when the server has ended all of them. */
  readonly ended: Promise<void>
  close(): Promise<void>
}

/** Resolves when all are open. Throws where one is not answered. */
export async function followLastRequests(
  { sign }: BenchContext,
  { url, failed }: RunningProcesses,
  database: Database,
  { count, onOutcome = () => {} }: { readonly count: number; onOutcome?(): void },
): Promise<FollowedRequests> {
  const { rows } = await database.pool.query<{ id: string; owner: string }>(
    'select id, owner from booking_requests order by seq desc limit $1',
    [count],
  )
  const tokens = new Map<string, Promise<string>>()
  const tokenOf = (owner: string) => {
    const token = tokens.get(owner) ?? sign(owner, 'customer', null)
    tokens.set(owner, token)
    return token
  }
  let events = 0
  const onEvent = (event: string) => {
    events++
    if (event === 'outcome') onOutcome()
  }
  const wanted = await Promise.all(
    rows.map(async ({ id, owner }) => ({
      path: `/v1/booking-requests/${id}/stream`,
      token: await tokenOf(owner),
      onEvent,
    })),
  )
  const streams = new EventStreams(url, Math.max(1, count))
  try {
    const { ended } = await Promise.race([streams.openAll(wanted), failed])
    return { opened: wanted.length, events: () => events, ended, close: () => streams.close() }
  } catch (error) {
    await streams.close()
    throw error
  }
}
