import { countOther, readText } from '../answers.ts'
import { headersOf, send, type Visit, type JourneyContext } from '../journey-context.ts'

/** A buyer who is back from the provider looks this often whether the booking is confirmed. */
const LOOK_EVERY_MS = 200
const SANDBOX = '/sandbox/checkouts/'

/** Pays on the sandbox's page and waits until the booking is confirmed. Returns whether it is. */
export async function pay(context: JourneyContext, visit: Visit, reference: string): Promise<boolean> {
  const started = await send(context, visit, {
    method: 'POST',
    path: `/v1/bookings/${reference}/payments`,
    headers: {
      ...headersOf(visit),
      'content-type': 'application/json',
      'idempotency-key': `${context.runId}-${visit.number}-pay`,
    },
    body: '{}',
  })
  if (started === null) return false
  if (started.status !== 200 && started.status !== 201) {
    countOther(visit.tally, started, 'POST /v1/bookings/{reference}/payments')
    return false
  }
  if (readText(started.body, 'status') === 'failed') {
    // The hold ended while the provider's page was being made.
    visit.tally.step('too late to pay')
    return false
  }
  const path = checkoutPath(readText(started.body, 'checkoutUrl'))
  if (path === null) {
    visit.tally.failed(`the checkout page is not the sandbox's, so nothing was paid: ${started.body}`)
    return false
  }
  const { authorization: _, ...headers } = headersOf(visit)
  const played = await send(context, visit, {
    method: 'POST',
    path,
    headers: { ...headers, accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
    body: 'action=approve',
  })
  if (played === null) return false
  if (played.status !== 200) {
    countOther(visit.tally, played, 'the checkout page')
    return false
  }
  visit.tally.step('paid')
  return await isConfirmed(context, visit, reference)
}

async function isConfirmed(context: JourneyContext, visit: Visit, reference: string): Promise<boolean> {
  while (context.now() < context.deadlineMs) {
    const answer = await send(context, visit, {
      method: 'GET',
      path: `/v1/bookings/${reference}`,
      headers: headersOf(visit),
    })
    if (answer === null) return false
    const status = answer.status === 200 ? readText(answer.body, 'status') : null
    if (status === null) countOther(visit.tally, answer, 'GET /v1/bookings/{reference}')
    if (status === 'confirmed' || status === 'cancelled') {
      // Paid too late, and the place was gone: the money goes back.
      visit.tally.step(status === 'confirmed' ? 'confirmed' : 'cancelled although paid')
      return status === 'confirmed'
    }
    await context.pause(LOOK_EVERY_MS)
  }
  visit.tally.failed(`booking ${reference} was paid and not confirmed when the run was over`)
  return false
}

/**
 * Returns the path of the sandbox's page on the server under test: whatever host the address names, nothing is sent
 * there. `null` for pages of others.
 */
export function checkoutPath(url: string | null): string | null {
  if (url === null || !URL.canParse(url)) return null
  const { pathname } = new URL(url)
  return pathname.startsWith(SANDBOX) ? pathname : null
}
