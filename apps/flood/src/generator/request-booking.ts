import { countOther, readRequest, type SeenRequest } from './answers.ts'
import type { Answer, Call } from './http.ts'
import type { Follow } from './plan.ts'
import { headersOf, send, type Visit, waitSeconds, type World } from './world.ts'

const PATH = '/v1/booking-requests'
/** Before asking again for an outcome that could not be had. */
const ASK_AGAIN_AFTER_MS = 500
/** How often a buyer comes back who was told to. */
const MOST_RETURNS = 2

/** What is asked for, as the body of a booking request has it. */
export interface Wanted {
  readonly resource: { readonly type: 'event' | 'showtime'; readonly id: string }
  readonly tickets?: readonly { readonly ticketTypeId: string; readonly quantity: number }[]
  readonly seats?: readonly string[]
}

/** How a buyer behaves. */
export interface Manner {
  readonly follow: Follow
  /** Whether one who is turned away for a while (429, 503) comes back when `Retry-After` is over. */
  readonly returns: boolean
}

/**
 * Puts a request into the line, under an idempotency key as a shop would, and follows it as far as `follow` says.
 * Returns the reference and time of its booking; `null` where there is none, or it is not known.
 */
export async function requestBooking(
  world: World,
  visit: Visit,
  wanted: Wanted,
  { follow, returns }: Manner,
): Promise<{ readonly reference: string; readonly atMs: number } | null> {
  const { tally, intendedMs } = visit
  const waitS = follow === 'wait' ? waitSeconds(world) : 0
  const call = {
    method: 'POST',
    path: PATH,
    headers: {
      ...headersOf(visit),
      'content-type': 'application/json',
      'idempotency-key': `${world.runId}-${visit.number}`,
      ...(waitS > 0 && { prefer: `wait=${waitS}` }),
    },
    body: JSON.stringify({ ...wanted, customer: customerOf(visit) }),
  } as const
  const { answer, sentMs } = await sendAgain(world, visit, call, returns ? MOST_RETURNS : 0)
  const atMs = world.now()
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
    note(world, visit, { seen, resourceId, sentMs, acceptedMs: null, decidedMs: atMs })
    return bookingOf(seen, atMs)
  }
  const followed = follow !== 'accept'
  tally.accepted(atMs - intendedMs, followed)
  const outcome = followed ? await awaitOutcome(world, visit, seen.id) : null
  if (outcome === null) {
    if (followed) tally.undecided()
    note(world, visit, { seen, resourceId, sentMs, acceptedMs: atMs, decidedMs: null })
    return null
  }
  tally.decided(outcome.atMs - intendedMs, outcome.atMs - atMs)
  note(world, visit, { seen: outcome.seen, resourceId, sentMs, acceptedMs: atMs, decidedMs: outcome.atMs })
  return bookingOf(outcome.seen, outcome.atMs)
}

/**
 * Sends a call, and again as often as its sender returns and is told to come back. Every time that they are is counted as
 * a refusal: the caller counts the last one.
 */
async function sendAgain(
  world: World,
  visit: Visit,
  call: Call,
  returns: number,
): Promise<{ readonly answer: Answer | null; readonly sentMs: number }> {
  for (let left = returns; ; left--) {
    const sentMs = world.now()
    const answer = await send(world, visit, call)
    if (answer === null || answer.retryAfterS === null || left === 0 || answer.status < 400) return { answer, sentMs }
    const backMs = world.now() + answer.retryAfterS * 1_000
    if (backMs > world.deadlineMs) return { answer, sentMs }
    countOther(visit.tally, answer, `POST ${PATH}`)
    visit.tally.step('came back')
    await world.pause(answer.retryAfterS * 1_000)
  }
}

/** Asks until there is an outcome. `null` where there was none when the run was over. */
async function awaitOutcome(
  world: World,
  visit: Visit,
  id: string,
): Promise<{ readonly seen: SeenRequest; readonly atMs: number } | null> {
  for (let waitS = waitSeconds(world); waitS > 0; waitS = waitSeconds(world)) {
    const answer = await send(world, visit, {
      method: 'GET',
      path: `${PATH}/${id}`,
      headers: { ...headersOf(visit), prefer: `wait=${waitS}` },
    })
    const atMs = world.now()
    if (answer === null) return null
    const seen = answer.status === 200 ? readRequest(answer.body) : null
    if (seen !== null && seen.state !== 'queued') return { seen, atMs }
    if (seen === null) {
      countOther(visit.tally, answer, `GET ${PATH}/{id}`)
      await world.pause(ASK_AGAIN_AFTER_MS)
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

/** Keeps what a client saw of a request for the report and the audit. */
export function note(world: World, { tally }: Visit, { seen, resourceId, sentMs, acceptedMs, decidedMs }: Noted): void {
  const { id, state, reference, refusalCode } = seen
  if (reference !== null) {
    tally.booked()
    world.ledger.told(reference)
  }
  if (refusalCode !== null) tally.refused(refusalCode)
  const outcome = state === 'queued' ? null : state
  world.ledger.saw({ requestId: id, resourceId, sentMs, acceptedMs, decidedMs, outcome })
}

const bookingOf = ({ reference }: SeenRequest, atMs: number) => (reference === null ? null : { reference, atMs })

const customerOf = ({ customer }: Visit) => ({
  name: 'Ada Lovelace',
  email: `buyer-${customer.index}@example.org`,
})
