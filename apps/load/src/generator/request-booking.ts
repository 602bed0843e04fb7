import type { SentWish } from '@boxoffice/core/domain/wish.ts'
import { countOther, readRequest, type SeenRequest } from './answers.ts'
import type { Answer, Call } from './http.ts'
import type { Follow } from './plan.ts'
import { headersOf, send, type Visit, waitSeconds, type JourneyContext } from './journey-context.ts'

const PATH = '/v1/booking-requests'
/** Pause before asking again for an outcome that could not be had. */
const ASK_AGAIN_AFTER_MS = 500
/** A buyer who is told to come back does so this often at most. */
const MOST_RETURNS = 2

/** The selection in the body of a booking request. */
export interface Wanted {
  readonly resource: { readonly type: 'event' | 'showtime'; readonly id: string }
  readonly tickets?: readonly { readonly ticketTypeId: string; readonly quantity: number }[]
  readonly seats?: readonly string[]
  readonly wishes?: readonly SentWish[]
}

/** The behaviour of a buyer. */
export interface Manner {
  readonly follow: Follow
  /** `true` for a buyer who comes back after `Retry-After` when turned away (429, 503). */
  readonly returns: boolean
}

/**
 * Puts a request into the line, under an idempotency key as a shop would, and follows it as far as `follow` says.
 * Returns the reference and time of its booking; `null` where there is none, or it is not known.
 */
export async function requestBooking(
  context: JourneyContext,
  visit: Visit,
  wanted: Wanted,
  { follow, returns }: Manner,
): Promise<{ readonly reference: string; readonly atMs: number } | null> {
  const { tally, intendedMs } = visit
  const waitS = follow === 'wait' ? waitSeconds(context) : 0
  const call = {
    method: 'POST',
    path: PATH,
    headers: {
      ...headersOf(visit),
      'content-type': 'application/json',
      'idempotency-key': `${context.runId}-${visit.number}`,
      ...(waitS > 0 && { prefer: `wait=${waitS}` }),
    },
    body: JSON.stringify({ ...wanted, customer: customerOf(visit) }),
  } as const
  const { answer, sentMs } = await sendAgain(context, visit, call, returns ? MOST_RETURNS : 0)
  const atMs = context.now()
  if (answer === null) return null
  const seen = answer.status === 200 || answer.status === 202 ? readRequest(answer.body) : null
  if (seen === null) {
    countOther(tally, answer, `POST ${PATH}`)
    return null
  }

  const resourceId = wanted.resource.id
  if (seen.state !== 'queued') {
    tally.acceptedUnseen()
    tally.decided(atMs - intendedMs, null)
    note(context, visit, { seen, resourceId, sentMs, acceptedMs: null, decidedMs: atMs })
    return bookingOf(seen, atMs)
  }
  const followed = follow !== 'accept'
  tally.accepted(atMs - intendedMs, followed)
  const outcome = followed ? await awaitOutcome(context, visit, seen.id) : null
  if (outcome === null) {
    if (followed) tally.undecided()
    note(context, visit, { seen, resourceId, sentMs, acceptedMs: atMs, decidedMs: null })
    return null
  }
  tally.decided(outcome.atMs - intendedMs, outcome.atMs - atMs)
  note(context, visit, { seen: outcome.seen, resourceId, sentMs, acceptedMs: atMs, decidedMs: outcome.atMs })
  return bookingOf(outcome.seen, outcome.atMs)
}

/**
 * Sends a call, and again as often as its sender returns and is told to come back. Every time that they are is counted as
 * a refusal: the caller counts the last one.
 */
async function sendAgain(
  context: JourneyContext,
  visit: Visit,
  call: Call,
  returns: number,
): Promise<{ readonly answer: Answer | null; readonly sentMs: number }> {
  for (let left = returns; ; left--) {
    const sentMs = context.now()
    const answer = await send(context, visit, call)
    if (answer === null || answer.retryAfterS === null || left === 0 || answer.status < 400) return { answer, sentMs }
    const backMs = context.now() + answer.retryAfterS * 1_000
    if (backMs > context.deadlineMs) return { answer, sentMs }
    countOther(visit.tally, answer, `POST ${PATH}`)
    visit.tally.step('came back')
    await context.pause(answer.retryAfterS * 1_000)
  }
}

/** Asks until there is an outcome. `null` where there was none when the run was over. */
async function awaitOutcome(
  context: JourneyContext,
  visit: Visit,
  id: string,
): Promise<{ readonly seen: SeenRequest; readonly atMs: number } | null> {
  for (let waitS = waitSeconds(context); waitS > 0; waitS = waitSeconds(context)) {
    const answer = await send(context, visit, {
      method: 'GET',
      path: `${PATH}/${id}`,
      headers: { ...headersOf(visit), prefer: `wait=${waitS}` },
    })
    const atMs = context.now()
    if (answer === null) return null
    const seen = answer.status === 200 ? readRequest(answer.body) : null
    if (seen !== null && seen.state !== 'queued') return { seen, atMs }
    if (seen === null) {
      countOther(visit.tally, answer, `GET ${PATH}/{id}`)
      await context.pause(ASK_AGAIN_AFTER_MS)
    }
  }
  return null
}

export interface Noted {
  readonly seen: SeenRequest
  readonly resourceId: string
  readonly sentMs: number
  readonly acceptedMs: number | null
  readonly decidedMs: number | null
}

/** Keeps what a client saw of a request for the report and the verification. */
export function note(
  context: JourneyContext,
  { tally }: Visit,
  { seen, resourceId, sentMs, acceptedMs, decidedMs }: Noted,
): void {
  const { id, state, reference, refusalCode } = seen
  if (reference !== null) {
    tally.booked()
    context.observations.references.push(reference)
  }
  if (refusalCode !== null) tally.refused(refusalCode)
  const outcome = state === 'queued' ? null : state
  context.observations.requests.push({ requestId: id, resourceId, sentMs, acceptedMs, decidedMs, outcome })
}

const bookingOf = ({ reference }: SeenRequest, atMs: number) => (reference === null ? null : { reference, atMs })

const customerOf = ({ customer }: Visit) => ({
  name: 'Ada Lovelace',
  email: `buyer-${customer.index}@example.org`,
})
