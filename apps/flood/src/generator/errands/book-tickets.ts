import type { Errand as Plan } from '../plan.ts'
import { numberBelow, pick, type Random } from '../random.ts'
import { requestBooking } from '../request-booking.ts'
import type { Errand, World } from '../world.ts'

/** Some tickets of one type. */
export function bookTickets(plan: Extract<Plan, { kind: 'book-tickets' }>, world: World, random: Random): Errand {
  return async (visit) => {
    const { eventId, ticketTypeId } = pick(random, plan.sales)
    const quantity = plan.exact ? plan.quantity : 1 + numberBelow(random, plan.quantity)
    const follow = random() < plan.probes ? 'accept-then-wait' : plan.follow
    const wanted = { resource: { type: 'event', id: eventId }, tickets: [{ ticketTypeId, quantity }] } as const
    const booking = await requestBooking(world, visit, wanted, { follow, returns: plan.returns ?? false })
    if (booking !== null) world.news.ticketsSold(ticketTypeId, quantity, booking.atMs)
  }
}
