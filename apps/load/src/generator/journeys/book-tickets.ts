import type { Journey as Plan } from '../plan.ts'
import { numberBelow, pick, type Random } from '../random.ts'
import { requestBooking } from '../request-booking.ts'
import type { Journey, JourneyContext } from '../journey-context.ts'

/** Makes a journey that books some tickets of one type. */
export function bookTickets(
  plan: Extract<Plan, { kind: 'book-tickets' }>,
  context: JourneyContext,
  random: Random,
): Journey {
  return async (visit) => {
    const { eventId, ticketTypeId } = pick(random, plan.sales)
    const quantity = plan.exact === true ? plan.quantity : 1 + numberBelow(random, plan.quantity)
    const follow = random() < (plan.probes ?? 0) ? 'accept-then-wait' : (plan.follow ?? 'wait')
    const wanted = { resource: { type: 'event', id: eventId }, tickets: [{ ticketTypeId, quantity }] } as const
    const booking = await requestBooking(context, visit, wanted, { follow, returns: plan.returns ?? false })
    if (booking !== null) context.delays.ticketsSold(ticketTypeId, quantity, booking.atMs)
  }
}
