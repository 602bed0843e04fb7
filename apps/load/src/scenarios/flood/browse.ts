import { paceOf, scaled, scaledHall } from './pace.ts'
import type { Stream } from '../../generator/plan.ts'
import { createProgramme } from '../../catalogue/programme.ts'
import type { CrowdScenario } from './crowd-scenario.ts'

const HALL = { rows: 15, seatsPerRow: 20 }
const OF_EACH = 10
const CAPACITY = 1_000
const WATCHERS = 500
/** Looking is what most people do. */
const READS_PER_BOOKING = 15

export const browse: CrowdScenario = {
  name: 'browse',
  about: 'Crowds that read availability, by ETag and by event stream, while others book.',
  defaults: { rate: 3_000, durationMs: 15_000, clients: 500, scale: 1 },
  settings: {},
  prepare: async (context) => {
    const { database, lanes, size } = context
    const pace = paceOf(size)
    const { tickets, seats, resourceIds } = await createProgramme(database, {
      lanes,
      events: scaled(OF_EACH, size.scale, 2),
      capacity: scaled(CAPACITY, size.scale, 10),
      showtimes: { count: scaled(OF_EACH, size.scale, 2), hall: scaledHall(HALL, size.scale) },
    })
    const bookings = { shape: 'poisson', perSecond: pace.perSecond / READS_PER_BOOKING / 2 } as const
    const streams: Stream[] = [
      {
        name: 'readers',
        headline: true,
        arrivals: { shape: 'poisson', perSecond: pace.perSecond },
        journey: { kind: 'read-availability', tickets, seats },
      },
      {
        name: 'ticket buyers',
        headline: false,
        arrivals: bookings,
        journey: { kind: 'book-tickets', sales: tickets, quantity: 2, probes: 0.1 },
      },
      {
        name: 'seat buyers',
        headline: false,
        arrivals: bookings,
        journey: { kind: 'book-seats', sales: seats, seats: 2, choice: 'best', probes: 0.1 },
      },
    ]
    const watchers = { count: scaled(WATCHERS, size.scale, 8), tickets, seats }
    return { streams, watchers, resourceIds }
  },
}
