import { paceOf, scaled, scaledHall } from './pace.ts'
import type { Stream } from '../../generator/plan.ts'
import { byPopularity } from './popularity.ts'
import { createProgramme } from '../../catalogue/programme.ts'
import type { CrowdScenario } from './crowd-scenario.ts'

const HALL = { rows: 15, seatsPerRow: 20 }
const OF_EACH = 40
const CAPACITY = 1_000
/** The share of those who book; the others want seats. */
const WANT_TICKETS = 5 / 8

export const festival: CrowdScenario = {
  name: 'festival',
  about:
    '40 events and 40 showtimes over all lanes, some far more wanted than others, with as many looking as booking.',
  defaults: { rate: 400, durationMs: 20_000, clients: 500, scale: 1 },
  settings: {},
  prepare: async (context) => {
    const { database, lanes, size } = context
    const pace = paceOf(size)
    const programme = await createProgramme(database, {
      lanes,
      // Each lane has something on sale, however small the run is.
      events: scaled(OF_EACH, size.scale, lanes),
      capacity: scaled(CAPACITY, size.scale, 10),
      showtimes: { count: scaled(OF_EACH, size.scale, lanes), hall: scaledHall(HALL, size.scale) },
    })
    const tickets = byPopularity(programme.tickets)
    const seats = byPopularity(programme.seats)
    const poisson = (share: number) => ({ shape: 'poisson', perSecond: pace.perSecond * share }) as const
    const streams: Stream[] = [
      {
        name: 'ticket buyers',
        headline: true,
        arrivals: poisson(WANT_TICKETS),
        journey: { kind: 'book-tickets', sales: tickets, quantity: 3, probes: 0.1 },
      },
      {
        name: 'seat buyers',
        headline: true,
        arrivals: poisson(1 - WANT_TICKETS),
        journey: { kind: 'book-seats', sales: seats, seats: 2, choice: 'best', probes: 0.1 },
      },
      {
        name: 'readers',
        headline: false,
        arrivals: poisson(1),
        journey: { kind: 'read-availability', tickets: programme.tickets, seats: programme.seats },
      },
    ]
    const [{ showtimeId } = { showtimeId: null }] = programme.seats
    return {
      streams,
      resourceIds: programme.resourceIds,
      ...(showtimeId !== null && { drawn: { showtimeId, title: 'The most wanted showtime' } }),
    }
  },
}
