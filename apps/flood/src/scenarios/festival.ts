import { paceOf, scaled, scaledHall } from './pace.ts'
import { planOf } from './plan-of.ts'
import { byPopularity } from './popularity.ts'
import { stageProgramme } from './programme.ts'
import type { Scenario } from './scenario.ts'

const HALL = { rows: 15, seatsPerRow: 20 }
const OF_EACH = 40
const CAPACITY = 1_000
/** Of those who book: the others want seats. */
const WANT_TICKETS = 5 / 8

export const festival: Scenario = {
  name: 'festival',
  about:
    '40 events and 40 showtimes over all lanes, some far more wanted than others, with as many looking as booking.',
  defaults: { rate: 400, durationMs: 20_000, clients: 500, scale: 1 },
  settings: {},
  stage: async (theatre) => {
    const { database, lanes, size } = theatre
    const pace = paceOf(size)
    const programme = await stageProgramme(database, {
      lanes,
      // Each lane has something on sale, however small the run is.
      events: scaled(OF_EACH, size.scale, lanes),
      capacity: scaled(CAPACITY, size.scale, 10),
      showtimes: scaled(OF_EACH, size.scale, lanes),
      hall: scaledHall(HALL, size.scale),
    })
    const tickets = byPopularity(programme.tickets)
    const seats = byPopularity(programme.seats)
    const poisson = (share: number) => ({ shape: 'poisson', perSecond: pace.perSecond * share }) as const
    const plan = planOf(theatre, pace, [
      {
        name: 'ticket buyers',
        headline: true,
        address: null,
        arrivals: poisson(WANT_TICKETS),
        errand: { kind: 'book-tickets', sales: tickets, quantity: 3, exact: false, follow: 'wait', probes: 0.1 },
      },
      {
        name: 'seat buyers',
        headline: true,
        address: null,
        arrivals: poisson(1 - WANT_TICKETS),
        errand: { kind: 'book-seats', sales: seats, seats: 2, choice: 'best', follow: 'wait', probes: 0.1 },
      },
      {
        name: 'readers',
        headline: false,
        address: null,
        arrivals: poisson(1),
        errand: { kind: 'read-availability', tickets: programme.tickets, seats: programme.seats },
      },
    ])
    const [{ showtimeId } = { showtimeId: null }] = programme.seats
    return {
      plan,
      resourceIds: programme.resourceIds,
      drawn: showtimeId === null ? null : { showtimeId, title: 'The most wanted showtime' },
      holdsExpire: false,
    }
  },
}
