import { bestSeats, nextSeats } from '../best-seats.ts'
import type { Errand as Plan, SeatSale } from '../plan.ts'
import { pick, type Random } from '../random.ts'
import { requestBooking } from '../request-booking.ts'
import type { Errand, World } from '../world.ts'

/** Some seats side by side. */
export function bookSeats(plan: Extract<Plan, { kind: 'book-seats' }>, world: World, random: Random): Errand {
  const choose = chooserOf(plan, random)
  return async (visit) => {
    const sale = pick(random, plan.sales)
    const seats = choose(sale)
    const follow = random() < plan.probes ? 'accept-then-wait' : plan.follow
    const wanted = { resource: { type: 'showtime', id: sale.showtimeId }, seats } as const
    const booking = await requestBooking(world, visit, wanted, { follow, returns: plan.returns ?? false })
    if (booking !== null) world.news.seatsSold(sale.showtimeId, seats, booking.atMs)
  }
}

function chooserOf(
  { choice, seats, sales }: Extract<Plan, { kind: 'book-seats' }>,
  random: Random,
): (sale: SeatSale) => string[] {
  switch (choice) {
    case 'best':
      return ({ hall }) => bestSeats(hall, seats, random)
    case 'next': {
      const next = new Map(sales.map(({ showtimeId, hall }) => [showtimeId, nextSeats(hall, seats)]))
      return ({ showtimeId }) => next.get(showtimeId)?.() ?? []
    }
  }
}
