import { countOther, readItems, readText, textIn } from '../answers.ts'
import { headersOf, send, type Visit, type JourneyContext } from '../journey-context.ts'

/** Fetches the tickets of a confirmed booking as their owner, and scans them at the door. */
export async function checkIn(context: JourneyContext, visit: Visit, reference: string): Promise<void> {
  const { staff } = context
  if (staff === null) {
    visit.tally.failed('the plan has nobody at the door')
    return
  }
  const answer = await send(context, visit, {
    method: 'GET',
    path: `/v1/bookings/${reference}/tickets`,
    headers: headersOf(visit),
  })
  if (answer === null) return
  if (answer.status !== 200) {
    countOther(visit.tally, answer, 'GET /v1/bookings/{reference}/tickets')
    return
  }
  for (const [index, ticket] of readItems(answer.body).entries()) {
    const token = textIn(ticket, 'token')
    if (token === null) visit.tally.failed(`a ticket without a token: ${JSON.stringify(ticket)}`)
    else await scan(context, visit, { staff, token, nonce: `${context.runId}-${visit.number}-${index}` })
  }
}

async function scan(
  context: JourneyContext,
  visit: Visit,
  { staff, token, nonce }: { readonly staff: string; readonly token: string; readonly nonce: string },
): Promise<void> {
  const answer = await send(context, visit, {
    method: 'POST',
    path: '/v1/check-ins',
    headers: { ...headersOf(visit), authorization: `Bearer ${staff}`, 'content-type': 'application/json' },
    body: JSON.stringify({ token, nonce, gate: 'Main door' }),
  })
  if (answer === null) return
  const result = answer.status === 200 ? readText(answer.body, 'result') : null
  if (result === 'admitted') visit.tally.step('checked in')
  else if (result === null) countOther(visit.tally, answer, 'POST /v1/check-ins')
  else visit.tally.failed(`a paid ticket was not let in: ${answer.body}`)
}
