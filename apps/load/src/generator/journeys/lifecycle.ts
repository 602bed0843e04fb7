import { countOther } from '../answers.ts'
import type { Journey as Plan } from '../plan.ts'
import { pick, type Random } from '../random.ts'
import { requestBooking } from '../request-booking.ts'
import { type Journey, headersOf, send, type Visit, type JourneyContext } from '../journey-context.ts'
import { checkIn } from './check-in.ts'
import { pay } from './pay.ts'

/**
 * Makes a journey of one ticket and what becomes of it: paid for and maybe used, cancelled, or left until its hold is
 * over. The steps that were reached are counted by name.
 */
export function lifecycle(
  plan: Extract<Plan, { kind: 'lifecycle' }>,
  context: JourneyContext,
  random: Random,
): Journey {
  return async (visit) => {
    const { eventId, ticketTypeId } = pick(random, plan.sales)
    const fate = random()
    const comes = random() < plan.checkIn
    const wanted = { resource: { type: 'event', id: eventId }, tickets: [{ ticketTypeId, quantity: 1 }] } as const
    const booking = await requestBooking(context, visit, wanted, { follow: 'wait', returns: false })
    if (booking === null) return
    if (fate < plan.pay) {
      const confirmed = await pay(context, visit, booking.reference)
      if (confirmed && comes) await checkIn(context, visit, booking.reference)
    } else if (fate < plan.pay + plan.cancel) {
      await cancel(context, visit, booking.reference)
    } else {
      visit.tally.step('left to expire')
    }
  }
}

async function cancel(context: JourneyContext, visit: Visit, reference: string): Promise<void> {
  const answer = await send(context, visit, {
    method: 'POST',
    path: `/v1/bookings/${reference}/cancel`,
    headers: { ...headersOf(visit), 'idempotency-key': `${context.runId}-${visit.number}-cancel` },
  })
  if (answer === null) return
  if (answer.status === 200) visit.tally.step('cancelled')
  else countOther(visit.tally, answer, 'POST /v1/bookings/{reference}/cancel')
}
