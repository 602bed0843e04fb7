import type { Histogram } from 'hdr-histogram-js'
import { latencyOf, openHistogram } from '@boxoffice/load-rig/latency.ts'
import { Pool } from 'undici'
import { seatCount, seatLabel } from '@boxoffice/load-rig/layout.ts'
import type { LoadMessage, LoadPlan, LoadResult, Target } from './load-plan.ts'

const PATH = '/v1/booking-requests'
const WAIT_S = 25
const MAX_ERROR_SAMPLES = 5
/** A server that answers nothing but errors must not be asked in a busy loop. */
const PAUSE_AFTER_ERROR_MS = 50

interface Answer {
  readonly status: number
  readonly body: string
}

/**
 * Drives the crowd and resolves with what it saw. `notify` is called when measuring begins and ends. Latencies are
 * measured by the client, from before a request is sent to its whole answer, and count when that falls into the
 * measured time.
 */
export async function runLoad(
  plan: LoadPlan,
  notify: (message: Extract<LoadMessage, { type: 'measuring' | 'measured' }>) => void,
): Promise<LoadResult> {
  const timeouts = { headersTimeout: (WAIT_S + 10) * 1_000, bodyTimeout: (WAIT_S + 10) * 1_000 }
  const crowd = new Pool(plan.url, { connections: plan.clients, pipelining: 1, ...timeouts })
  // Connections of their own, so that a probe never queues behind the crowd inside the load process.
  const probes = new Pool(plan.url, { pipelining: 1, ...timeouts })
  const bodies = bodiesFor(plan.target)
  const latency = openHistogram()
  const acceptLatency = openHistogram()
  const perSecond = Array.from({ length: Math.ceil(plan.measuredMs / 1_000) }, () => 0)
  const count = { booked: 0, refused: 0, accepted: 0, answered: 0, errors: 0 }
  const requestIds: string[] = []
  const errorSamples: string[] = []

  const measureFromMs = performance.now() + plan.warmUpMs
  const endMs = measureFromMs + plan.measuredMs

  const fail = (what: string) => {
    count.errors++
    if (errorSamples.length < MAX_ERROR_SAMPLES) errorSamples.push(what.slice(0, 300))
  }

  /** Sends one request; `false` where it failed or there was nothing left to ask for. */
  const send = async (pool: Pool, client: number, prefer: boolean, times: Histogram): Promise<boolean> => {
    const body = bodies.next(client)
    if (body === null) {
      fail('there are no seats left to ask for')
      return false
    }
    const headers: Record<string, string> = {
      authorization: `Bearer ${plan.tokens[client % plan.tokens.length] ?? ''}`,
      'content-type': 'application/json',
    }
    if (prefer) headers['prefer'] = `wait=${WAIT_S}`
    const sentMs = performance.now()
    try {
      const { status, body: text } = await post(pool, headers, body)
      const nowMs = performance.now()
      if (!note(status, text)) return false
      if (nowMs < measureFromMs || nowMs >= endMs) return true
      times.recordValue(Math.round((nowMs - sentMs) * 1_000))
      if (times === latency) {
        count.answered++
        const second = Math.floor((nowMs - measureFromMs) / 1_000)
        perSecond[second] = (perSecond[second] ?? 0) + 1
      }
      return true
    } catch (error) {
      fail(error instanceof Error ? error.message : String(error))
      return false
    }
  }

  const note = (status: number, text: string): boolean => {
    if (status !== 200 && status !== 201 && status !== 202 && status !== 409) {
      fail(`status ${status}: ${text}`)
      return false
    }
    const answer = JSON.parse(text) as { id?: string; state?: string; booking?: unknown }
    if (answer.id !== undefined) requestIds.push(answer.id)
    if (answer.state === 'queued') count.accepted++
    else if (answer.booking != null) count.booked++
    else count.refused++
    return true
  }

  const client = async (index: number) => {
    while (performance.now() < endMs) {
      const sent = await send(crowd, index, plan.until === 'outcome', latency)
      if (!sent) await new Promise((resolve) => void setTimeout(resolve, PAUSE_AFTER_ERROR_MS))
    }
  }

  const measuring = setTimeout(() => notify({ type: 'measuring' }), plan.warmUpMs)
  const measured = setTimeout(() => notify({ type: 'measured' }), plan.warmUpMs + plan.measuredMs)
  const probing: Promise<unknown>[] = []
  const probeTimer =
    plan.probeEveryMs === null
      ? undefined
      : setInterval(() => {
          if (performance.now() < endMs) probing.push(send(probes, probing.length, false, acceptLatency))
        }, plan.probeEveryMs)
  try {
    await Promise.all(Array.from({ length: plan.clients }, (_, index) => client(index)))
    clearInterval(probeTimer)
    await Promise.all(probing)
  } finally {
    clearInterval(probeTimer)
    clearTimeout(measuring)
    clearTimeout(measured)
    await Promise.all([crowd.destroy(), probes.destroy()])
  }
  return {
    ...count,
    measuredMs: plan.measuredMs,
    latency: latencyOf(latency),
    acceptLatency: acceptLatency.totalCount === 0 ? null : latencyOf(acceptLatency),
    perSecond,
    requestIds,
    errorSamples,
  }
}

/** By `dispatch`: undici's leanest way, for the load generator shares the machine with what it measures. */
function post(pool: Pool, headers: Record<string, string>, body: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let status = 0
    let text = ''
    pool.dispatch(
      { path: PATH, method: 'POST', headers, body },
      {
        // Without it undici takes the handler for one of its older kind.
        onRequestStart: () => {},
        onResponseStart: (_controller, statusCode) => {
          status = statusCode
        },
        // Everything in these answers is ASCII, so a chunk never ends within a character.
        onResponseData: (_controller, chunk) => {
          text += chunk.toString('latin1')
        },
        onResponseEnd: () => resolve({ status, body: text }),
        onResponseError: (_controller, error) => reject(error),
      },
    )
  })
}

/** The bodies of all requests, from one counter: no two ask for the same seat. `null` when there is nothing left. */
function bodiesFor(target: Target): { next(client: number): string | null } {
  let next = 0
  const customer = (client: number) => ({ name: 'Ada Lovelace', email: `buyer-${client}@example.org` })
  if (target.kind === 'event') {
    const resource = { type: 'event', id: target.eventId }
    const tickets = [{ ticketTypeId: target.ticketTypeId, quantity: target.quantity }]
    return { next: (client) => JSON.stringify({ resource, tickets, customer: customer(client) }) }
  }
  const { showtimeIds, hall, seatsPerBooking } = target
  const bookingsPerShowtime = Math.floor(seatCount(hall) / seatsPerBooking)
  return {
    next: (client) => {
      const id = showtimeIds[Math.floor(next / bookingsPerShowtime)]
      if (id === undefined) return null
      const first = (next % bookingsPerShowtime) * seatsPerBooking
      next++
      const seats = Array.from({ length: seatsPerBooking }, (_, offset) => seatLabel(hall, first + offset))
      return JSON.stringify({ resource: { type: 'showtime', id }, seats, customer: customer(client) })
    },
  }
}
