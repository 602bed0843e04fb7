import { createSeller, putShowtimesOnSale } from '@boxoffice/load-rig/stage.ts'
import { onlyOne } from './only-one.ts'
import { paceOf, scaledHall } from './pace.ts'
import { planOf } from './plan-of.ts'
import type { Scenario } from './scenario.ts'

const HALL = { rows: 100, seatsPerRow: 200 }
/** Everyone who buys looks at the map before; one in so many looks at it now, and the others have it from a cache. */
const BUYERS_PER_LOOK = 50

export const arena: Scenario = {
  name: 'arena',
  about: 'One showtime of 20,000 seats, sold one by one until none is left, while people look at its map.',
  defaults: { rate: 1_500, durationMs: 15_000, clients: 1_000, scale: 1 },
  settings: {},
  stage: async (theatre) => {
    const { database, size } = theatre
    const pace = paceOf(size)
    const hall = scaledHall(HALL, size.scale)
    const organizerId = await createSeller(database, 'An Arena')
    const showtimeId = onlyOne(await putShowtimesOnSale(database, hall, organizerId, [{ lane: 0 }]))
    const sales = [{ showtimeId, hall }]
    const plan = planOf(theatre, pace, [
      {
        name: 'buyers',
        headline: true,
        address: null,
        arrivals: { shape: 'poisson', perSecond: pace.perSecond },
        errand: { kind: 'book-seats', sales, seats: 1, choice: 'next', follow: 'wait', probes: 0.1 },
      },
      {
        name: 'lookers',
        headline: false,
        address: null,
        arrivals: { shape: 'poisson', perSecond: pace.perSecond / BUYERS_PER_LOOK },
        errand: { kind: 'read-availability', tickets: [], seats: sales },
      },
    ])
    return { plan, resourceIds: [showtimeId], drawn: { showtimeId, title: 'The arena' }, holdsExpire: false }
  },
}
