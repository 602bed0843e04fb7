/**
 * Turning booking requests away while the process has more than it can soon put into the line, before their bodies are read
 * and before Express sees them: telling most of those who come to come back must cost next to nothing, or nobody is served.
 *
 * Keeps: I11, as far as one process goes. Only booking requests are turned away, new and repeated ones: whoever asks after
 * theirs, by polls and streams, is answered, and so is everything else.
 *
 * The tempting wrong way is to let everybody in and be slow for all: then they wait without being told, and come again.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import * as bookingRequests from '@boxoffice/contract/operations/booking-requests.ts'
import { Problem } from '@boxoffice/core/use-case/problem.ts'
import { problemBody } from '../problems/problem.ts'
import type { Logger } from '@boxoffice/core/runtime/logger.ts'
import type { IntakeGate } from './intake-gate.ts'

const { path: PATH } = bookingRequests.create

/** They come back spread over this, in seconds. */
const RETRY_AFTER_S = { least: 1, most: 4 } as const

const TURNED_AWAY = new Problem('overloaded', {
  detail: 'More came at once than can be put in line, so this was not looked at. Send it again with the same key.',
})

const ANY_ID = '00000000-0000-0000-0000-000000000000'
const BODY = problemBody(TURNED_AWAY, ANY_ID)
const CONTENT_LENGTH = String(Buffer.byteLength(BODY))

/** Booking requests that are on their way into the line, each with how to leave the gate. */
const inside = new WeakMap<IncomingMessage, (isDone: boolean) => void>()

/**
 * Tells the gate that the request is in line, or is answered. An answer may wait for others before it on its connection, so
 * that its end is no sign.
 */
export function noteDone(request: IncomingMessage): void {
  inside.get(request)?.(true)
}

/** A warning in so long says all there is to say. */
const WARN_EVERY_MS = 10_000

interface TurnAwayOptions {
  readonly gate: IntakeGate
  /** Origins whose pages may read that they were turned away; `*` is everybody's. */
  readonly origins: readonly string[]
  readonly logger: Logger
}

/** Returns a listener that turns away what the gate does not let in, and passes everything else on to `app`. */
export function turnAwayBefore(app: RequestListener, { gate, origins, logger }: TurnAwayOptions): RequestListener {
  let warnedAt = Number.NEGATIVE_INFINITY
  const warn = () => {
    const now = performance.now()
    if (now - warnedAt < WARN_EVERY_MS) return
    warnedAt = now
    logger.warn(
      { inside: gate.inside, turnedAway: gate.turnedAway },
      'booking requests are turned away: there are too many',
    )
  }
  return (request, response) => {
    if (request.method !== 'POST' || !FOR_NEW_PLACE.test(request.url ?? '')) {
      app(request, response)
      return
    }
    const address = addressOf(request)
    if (gate.enter(address, performance.now())) {
      passThrough(request, response, { gate, address })
      app(request, response)
    } else {
      turnAway(request, response, origins)
      warn()
    }
  }
}

/** Path of booking requests as Express finds the route: in any case, with a slash at the end, and where the whole address is sent. */
const FOR_NEW_PLACE = new RegExp(`^(?:https?://[^/]*)?${PATH}/?(?:[?#]|$)`, 'i')

/** Returns the client's address, which Express knows of requests that it has not seen yet too, as far as proxies are trusted. */
const addressOf = (request: IncomingMessage): string =>
  ('ip' in request && typeof request.ip === 'string' ? request.ip : request.socket.remoteAddress) ?? ''

interface Entered {
  readonly gate: IntakeGate
  readonly address: string
}

function passThrough(request: IncomingMessage, response: ServerResponse, { gate, address }: Entered): void {
  const leave = (isDone: boolean) => {
    if (inside.delete(request)) gate.leave(address, performance.now(), isDone)
  }
  inside.set(request, leave)
  // Most bodies come with their headers. Until a slow one is there its request is no work, and keeps nobody out.
  setImmediate(() => {
    if (request.complete || !inside.has(request)) return
    leave(false)
    request.once('end', () => {
      if (response.closed || response.writableEnded) return
      gate.add(address)
      inside.set(request, leave)
    })
  })
  response.once('close', () => leave(false))
}

/** Answers at the least cost: what is the same for all is made once, and headers are not looked at again by Node. */
function turnAway(request: IncomingMessage, response: ServerResponse, origins: readonly string[]): void {
  const requestId = randomUUID()
  const { least, most } = RETRY_AFTER_S
  response.sendDate = false
  response.writeHead(503, [
    'Content-Type',
    'application/problem+json',
    'Content-Length',
    CONTENT_LENGTH,
    'Cache-Control',
    'no-store',
    'Retry-After',
    String(least + Math.floor(Math.random() * (most - least + 1))),
    'X-Content-Type-Options',
    'nosniff',
    'X-Request-Id',
    requestId,
    ...allowedOrigin(request.headers.origin, origins),
  ])
  response.end(BODY.replace(ANY_ID, requestId))
}

const NO_HEADERS: readonly string[] = []

function allowedOrigin(origin: string | undefined, origins: readonly string[]): readonly string[] {
  if (origin === undefined || origins.length === 0) return NO_HEADERS
  const readable = ['Access-Control-Expose-Headers', 'Retry-After,X-Request-Id']
  if (origins.includes('*')) return [...readable, 'Access-Control-Allow-Origin', '*']
  if (!origins.includes(origin)) return ['Vary', 'Origin']
  return [...readable, 'Access-Control-Allow-Origin', origin, 'Vary', 'Origin']
}
