import type { Errand as Plan } from '../plan.ts'
import { openHostile } from '../hostile/open-hostile.ts'
import type { Random } from '../random.ts'
import type { Errand, World } from '../world.ts'
import { bookSeats } from './book-seats.ts'
import { bookTickets } from './book-tickets.ts'
import { live } from './live.ts'
import { readAvailability } from './read-availability.ts'

/** What the arrivals of a stream do. `random` is the stream's own. */
export function openErrand(plan: Plan, world: World, random: Random): Errand {
  switch (plan.kind) {
    case 'book-tickets':
      return bookTickets(plan, world, random)
    case 'book-seats':
      return bookSeats(plan, world, random)
    case 'read-availability':
      return readAvailability(plan, world, random)
    case 'live':
      return live(plan, world, random)
    case 'hostile':
      return openHostile(plan.act, world)
  }
}
