import type { Journey as Plan } from '../plan.ts'
import { openHostile } from './hostile/acts.ts'
import type { Random } from '../random.ts'
import type { Journey, JourneyContext } from '../journey-context.ts'
import { bookSeats } from './book-seats.ts'
import { bookTickets } from './book-tickets.ts'
import { confirm } from './confirm.ts'
import { lifecycle } from './lifecycle.ts'
import { readAvailability } from './read-availability.ts'

/** Returns the journey that the arrivals of a stream make. `random` is the stream's own. */
export function openJourney(plan: Plan, context: JourneyContext, random: Random): Journey {
  switch (plan.kind) {
    case 'book-tickets':
      return bookTickets(plan, context, random)
    case 'book-seats':
      return bookSeats(plan, context, random)
    case 'read-availability':
      return readAvailability(plan, context, random)
    case 'lifecycle':
      return lifecycle(plan, context, random)
    case 'confirm':
      return confirm(plan, context)
    case 'hostile':
      return openHostile(plan.act, context)
  }
}
