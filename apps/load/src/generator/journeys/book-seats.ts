import type { SeatSale } from '../../catalogue/hall.ts'
import { bestSeats, nextSeats, seatsInTurn } from '../best-seats.ts'
import type { Journey, JourneyContext } from '../journey-context.ts'
import type { Journey as Plan } from '../plan.ts'
import { pick, type Random } from '../random.ts'
import { requestBooking } from '../request-booking.ts'

type BookSeats = Extract<Plan, { kind: 'book-seats' }>

/** Books some seats side by side. */
export function bookSeats(plan: BookSeats, context: JourneyContext, random: Random): Journey {
  const choose = chooserOf(plan, random)
  return async (visit) => {
    const chosen = choose()
    if (chosen === null) {
      visit.tally.failed('there are no seats left to ask for')
      return
    }
    const { sale, seats } = chosen
    const follow = random() < (plan.probes ?? 0) ? 'accept-then-wait' : (plan.follow ?? 'wait')
    const wanted = { resource: { type: 'showtime', id: sale.showtimeId }, ...wishOf(plan, seats) } as const
    const { delays } = context
    if (delays.since === 'sent') delays.seatsSold(sale.showtimeId, seats, context.now())
    const booking = await requestBooking(context, visit, wanted, { follow, returns: plan.returns ?? false })
    if (booking !== null && delays.since === 'outcome') delays.seatsSold(sale.showtimeId, seats, booking.atMs)
  }
}

function wishOf({ orBest = false }: BookSeats, seats: readonly string[]) {
  if (!orBest) return { seats }
  const best = { quantity: seats.length }
  return { wishes: [{ seats }, { best }, { best: { ...best, together: false } }] }
}

function chooserOf(
  { choice, seats, sales }: BookSeats,
  random: Random,
): () => { readonly sale: SeatSale; readonly seats: readonly string[] } | null {
  switch (choice) {
    case 'best':
      return () => {
        const sale = pick(random, sales)
        return { sale, seats: bestSeats(sale.hall, seats, random) }
      }
    case 'next': {
      const next = new Map(sales.map((sale) => [sale, nextSeats(sale.hall, seats)]))
      return () => {
        const sale = pick(random, sales)
        return { sale, seats: next.get(sale)?.() ?? [] }
      }
    }
    case 'in-turn':
      return seatsInTurn(sales, seats)
  }
}
