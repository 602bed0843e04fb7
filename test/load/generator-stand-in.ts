import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { generate } from '../../apps/load/src/generator/generate.ts'
import type { Journey, LoadPlan, Stream } from '../../apps/load/src/generator/plan.ts'
import { listenOnLoopback } from '../support/loopback-server.ts'

/** One booking request that was seen. */
export interface SeenBooking {
  readonly atMs: number
  readonly headers: IncomingMessage['headers']
  readonly body: { readonly resource: { readonly id: string } }
}

type Reply = (request: IncomingMessage, response: ServerResponse) => void

/** A server that answers as Boxoffice would, or as a test wants it to. */
export interface StandIn {
  readonly url: string
  readonly bookings: readonly SeenBooking[]
  /** Stops all answers until `thaw`, though connections are taken. */
  freeze(): void
  thaw(): void
  close(): Promise<void>
}

/**
 * Starts a stand-in. `replies` by `METHOD /path`, the path as far as it goes, take the place of its own. `onBooking`
 * hears of each request.
 */
export async function startStandIn({
  replies = {},
  onBooking = () => {},
}: {
  readonly replies?: Readonly<Record<string, Reply>>
  readonly onBooking?: (standIn: StandIn) => void
} = {}): Promise<StandIn> {
  const bookings: SeenBooking[] = []
  let held: (() => void)[] | null = null
  const own: Record<string, Reply> = {
    'GET /livez': (_, response) => sendJson(response, 200, { status: 'live' }),
    'POST /v1/booking-requests': (request, response) => {
      const waits = request.headers['prefer'] !== undefined
      sendJson(response, waits ? 200 : 202, requestBody(bookings.length, waits ? 'booked' : 'queued'))
    },
    'GET /v1/booking-requests/': (request, response) => {
      sendJson(response, 200, requestBody(Number(request.url?.split('/').at(-1)), 'booked'))
    },
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.once('end', () => {
      const call = `${request.method} ${request.url}`
      const name = [...Object.keys(replies), ...Object.keys(own)].find((start) => call.startsWith(start)) ?? ''
      const reply = replies[name] ?? own[name]
      if (request.method === 'POST' && request.url === '/v1/booking-requests') {
        const body = JSON.parse(Buffer.concat(chunks).toString()) as SeenBooking['body']
        bookings.push({ atMs: performance.now(), headers: request.headers, body })
        onBooking(standIn)
      }
      const answer = () => {
        if (reply === undefined) sendJson(response, 404, { code: 'not_found' })
        else reply(request, response)
      }
      if (held === null) answer()
      else held.push(answer)
    })
  })
  const { url, close } = await listenOnLoopback(server)
  const standIn: StandIn = {
    url,
    bookings,
    freeze: () => {
      held ??= []
    },
    thaw: () => {
      const answers = held ?? []
      held = null
      for (const answer of answers) answer()
    },
    close,
  }
  return standIn
}

export function sendJson(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

/** Returns the booking request with this number. */
export const requestBody = (number: number, state: 'queued' | 'booked' | 'refused', code = 'tickets_unavailable') => ({
  id: String(number),
  state,
  booking: state === 'booked' ? { reference: `REF${number}` } : null,
  refusal: state === 'refused' ? { code } : null,
})

/** Makes a plan of one stream with 20 arrivals, unless told otherwise. */
export const planOf = (
  url: string,
  journey: Journey,
  stream: Partial<Stream> = {},
  own: Partial<LoadPlan> = {},
): LoadPlan => ({
  url,
  customers: ['zero', 'one', 'two', 'three'],
  staff: 'staff',
  streams: [{ name: 'visitors', arrivals: { shape: 'steady', perSecond: 100 }, journey, headline: true, ...stream }],
  durationMs: 200,
  graceMs: 5_000,
  clients: 50,
  seed: 1,
  ...own,
})

/** Runs such a plan. Returns what was seen of its stream beside the rest. */
export async function runPlan(...[url, journey, stream, own]: Parameters<typeof planOf>) {
  const told: string[] = []
  const outcome = await generate(planOf(url, journey, stream, own), ({ type }) => told.push(type))
  const [seen] = outcome.streams
  if (seen === undefined) throw new Error('the run had no stream')
  return { ...outcome, stream: seen, told }
}
