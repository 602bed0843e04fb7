import type { BoxofficeClient } from './client.ts'
import { followStream } from './follow-stream.ts'
import type { AnswerOf, CallOptions } from './types.ts'

export type BookingRequest = AnswerOf<'createBookingRequest'>
export type BookingRequestBody = CallOptions<'createBookingRequest'>['body']

/** A request that has its outcome: it never changes any more. */
export type DecidedRequest = BookingRequest &
  (
    | { readonly state: 'booked'; readonly booking: NonNullable<BookingRequest['booking']>; readonly refusal: null }
    | { readonly state: 'refused'; readonly booking: null; readonly refusal: NonNullable<BookingRequest['refusal']> }
  )

export interface BookOptions {
  /** Made up unless given. Keep your own to go on after a page was reloaded: the same key is the same request. */
  readonly idempotencyKey?: string
  /** Told while the request waits, about once a second: `ahead` places, `etaMs` milliseconds. */
  readonly onPosition?: (request: BookingRequest) => void
  readonly signal?: AbortSignal
}

/** Time that one call waits for the outcome; below what proxies usually allow. */
const WAIT_SECONDS = 20

/**
 * Stands in line and waits for the outcome, over broken connections and an overloaded service: the request is sent again
 * under its idempotency key, so it is never booked twice.
 *
 * A refusal (sold out, seat taken) is an outcome and is returned.
 *
 * @throws RefusedError when the request itself was not accepted
 */
export async function book(
  client: BoxofficeClient,
  body: BookingRequestBody,
  { idempotencyKey = newKey(), onPosition, signal }: BookOptions = {},
): Promise<DecidedRequest> {
  const withSignal = signal === undefined ? {} : { signal }
  // With somebody watching, the first answer is wanted at once.
  const waitSeconds = onPosition === undefined ? WAIT_SECONDS : 0
  let request = await client.callPatiently('createBookingRequest', { body, idempotencyKey, waitSeconds, ...withSignal })
  if (isDecided(request)) return request
  if (onPosition !== undefined) {
    for await (const position of followRequest(client, request.id, signal)) {
      if (isDecided(position)) return position
      onPosition(position)
    }
  }
  for (;;) {
    request = await client.callPatiently('getBookingRequest', {
      params: { id: request.id },
      waitSeconds: WAIT_SECONDS,
      ...withSignal,
    })
    if (isDecided(request)) return request
  }
}

/**
 * Returns a new idempotency key. `randomUUID` would not do: browsers do not offer it to pages that came over plain
 * http.
 */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

export function isDecided(request: BookingRequest): request is DecidedRequest {
  return request.state !== 'queued'
}

/**
 * Yields the request each time its place changes, the last one with its outcome. Reconnects if the stream breaks;
 * rejects with the reason of `signal` if that aborts.
 */
export async function* followRequest(
  client: BoxofficeClient,
  id: string,
  signal?: AbortSignal,
): AsyncGenerator<BookingRequest> {
  for await (const { event, data } of followStream(client, 'streamBookingRequest', id, signal)) {
    yield JSON.parse(data) as BookingRequest
    if (event === 'outcome') return
  }
}
