import { readRequest, readText, type SeenRequest } from '../../answers.ts'
import type { Answer, Call } from '../../http.ts'
import { note, type Wanted } from '../../request-booking.ts'
import type { Visit, JourneyContext } from '../../journey-context.ts'

/**
 * Sends a call and counts its answer by status. Refusals and cut connections are what a hostile caller has to expect;
 * only a failure of the server (5xx other than 503) is an error. Returns `null` for a cut connection.
 */
export async function provoke(context: JourneyContext, { tally, customer }: Visit, call: Call): Promise<Answer | null> {
  let answer: Answer
  try {
    answer = await context.http.send(call, customer.localAddress)
  } catch {
    tally.answered(0)
    tally.step('cut off')
    return null
  }
  const { status, body } = answer
  tally.answered(status)
  if (status >= 500 && status !== 503) tally.failed(`${call.method} ${call.path} was answered ${status}: ${body}`)
  else if (status >= 400) tally.refused(readText(body, 'code') ?? `status ${status}`)
  return answer
}

/**
 * Sends a booking request that waits `waitS` seconds for its outcome. Returns what the answer says of it; `null` where it
 * was not accepted.
 */
export async function requestHostile(
  context: JourneyContext,
  visit: Visit,
  { token, wanted, waitS }: { readonly token: string; readonly wanted: Wanted; readonly waitS: number },
): Promise<SeenRequest | null> {
  const sentMs = context.now()
  const answer = await provoke(context, visit, {
    method: 'POST',
    path: '/v1/booking-requests',
    headers: {
      ...bearer(token),
      'idempotency-key': `${context.runId}-${visit.number}`,
      ...(waitS > 0 && { prefer: `wait=${waitS}` }),
    },
    body: JSON.stringify({ ...wanted, customer: { name: 'Mallory', email: emailOf(visit) } }),
  })
  const atMs = context.now()
  if (answer === null || answer.status >= 400) return null
  const seen = readRequest(answer.body)
  if (seen === null) {
    visit.tally.failed(`POST /v1/booking-requests was answered ${answer.status}: ${answer.body}`)
    return null
  }
  const queued = seen.state === 'queued'
  if (queued) visit.tally.accepted(atMs - visit.intendedMs, false)
  else visit.tally.decided(atMs - visit.intendedMs, null)
  note(context, visit, {
    seen,
    resourceId: wanted.resource.id,
    sentMs,
    acceptedMs: queued ? atMs : null,
    decidedMs: queued ? null : atMs,
  })
  return seen
}

/** Headers of a JSON call with this token. */
export const bearer = (token: string) => ({ authorization: `Bearer ${token}`, 'content-type': 'application/json' })

/** Returns a stranger's address: there are a few dozen, so that each is used many times. */
const emailOf = ({ number }: Visit): string => `stranger-${number % 40}@example.org`
