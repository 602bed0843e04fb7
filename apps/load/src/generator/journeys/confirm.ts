import { countOther } from '../answers.ts'
import { type Journey, type JourneyContext, send } from '../journey-context.ts'
import type { Journey as Plan } from '../plan.ts'

/** Confirms the next of the bookings by hand, as staff do at the counter. Does nothing when there is none left. */
export function confirm({ references, token }: Extract<Plan, { kind: 'confirm' }>, context: JourneyContext): Journey {
  const left = references.values()
  return async (visit) => {
    const { value: reference } = left.next()
    if (reference === undefined) return
    const answer = await send(context, visit, {
      method: 'POST',
      path: `/v1/bookings/${reference}/status`,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ status: 'confirmed', reason: 'paid at the counter' }),
    })
    if (answer === null) return
    if (answer.status === 200) visit.tally.step('confirmed')
    else countOther(visit.tally, answer, 'POST /v1/bookings/{reference}/status')
  }
}
