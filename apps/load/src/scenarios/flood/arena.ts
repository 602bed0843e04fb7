import { givenShowtimes } from '../../catalogue/put-on-sale.ts'
import { paceOf, scaledHall } from './pace.ts'
import type { Stream } from '../../generator/plan.ts'
import type { CrowdScenario } from './crowd-scenario.ts'

const HALL = { rows: 100, seatsPerRow: 200 }
/** Everyone who buys looks at the map before; one in so many looks at it now, and the others have it from a cache. */
const BUYERS_PER_LOOK = 50

export const arena: CrowdScenario = {
  name: 'arena',
  about: 'One showtime of 20,000 seats, sold one by one until none is left, while people look at its map.',
  defaults: { rate: 1_500, durationMs: 15_000, clients: 1_000, scale: 1 },
  settings: {},
  prepare: async (context) => {
    const { database, size } = context
    const pace = paceOf(size)
    const hall = scaledHall(HALL, size.scale)
    const [showtimeId = ''] = await givenShowtimes(database, hall, 1)
    const sales = [{ showtimeId, hall }]
    const streams: Stream[] = [
      {
        name: 'buyers',
        headline: true,
        arrivals: { shape: 'poisson', perSecond: pace.perSecond },
        journey: { kind: 'book-seats', sales, seats: 1, choice: 'next', probes: 0.1 },
      },
      {
        name: 'lookers',
        headline: false,
        arrivals: { shape: 'poisson', perSecond: pace.perSecond / BUYERS_PER_LOOK },
        journey: { kind: 'read-availability', tickets: [], seats: sales },
      },
    ]
    return { streams, resourceIds: [showtimeId], drawn: { showtimeId, title: 'The arena' } }
  },
}
