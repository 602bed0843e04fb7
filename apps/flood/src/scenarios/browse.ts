import { paceOf, scaled, scaledHall } from './pace.ts'
import { planOf } from './plan-of.ts'
import { stageProgramme } from './programme.ts'
import type { Scenario } from './scenario.ts'

const HALL = { rows: 15, seatsPerRow: 20 }
const OF_EACH = 10
const CAPACITY = 1_000
const WATCHERS = 500
/** Looking is what most people do. */
const READS_PER_BOOKING = 15

export const browse: Scenario = {
  name: 'browse',
  about: 'Crowds that read availability, by ETag and by event stream, while others book.',
  defaults: { rate: 3_000, durationMs: 15_000, clients: 500, scale: 1 },
  settings: {},
  stage: async (theatre) => {
    const { database, lanes, size } = theatre
    const pace = paceOf(size)
    const { tickets, seats, resourceIds } = await stageProgramme(database, {
      lanes,
      events: scaled(OF_EACH, size.scale, 2),
      capacity: scaled(CAPACITY, size.scale, 10),
      showtimes: scaled(OF_EACH, size.scale, 2),
      hall: scaledHall(HALL, size.scale),
    })
    const bookings = { shape: 'poisson', perSecond: pace.perSecond / READS_PER_BOOKING / 2 } as const
    const plan = planOf(
      theatre,
      pace,
      [
        {
          name: 'readers',
          headline: true,
          address: null,
          arrivals: { shape: 'poisson', perSecond: pace.perSecond },
          errand: { kind: 'read-availability', tickets, seats },
        },
        {
          name: 'ticket buyers',
          headline: false,
          address: null,
          arrivals: bookings,
          errand: { kind: 'book-tickets', sales: tickets, quantity: 2, exact: false, follow: 'wait', probes: 0.1 },
        },
        {
          name: 'seat buyers',
          headline: false,
          address: null,
          arrivals: bookings,
          errand: { kind: 'book-seats', sales: seats, seats: 2, choice: 'best', follow: 'wait', probes: 0.1 },
        },
      ],
      { watchers: { count: scaled(WATCHERS, size.scale, 8), tickets, seats } },
    )
    return { plan, resourceIds, drawn: null, holdsExpire: false }
  },
}
