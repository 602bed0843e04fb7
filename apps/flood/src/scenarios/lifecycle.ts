import { paceOf, scaled } from './pace.ts'
import { planOf } from './plan-of.ts'
import { stageProgramme } from './programme.ts'
import type { Scenario } from './scenario.ts'

const EVENTS = 8
/** Long enough to pay, short enough that those who do not are seen to lose their places. */
const HOLD_TTL_MS = 6_000
/** Doors open a day before the start. */
const STARTS_IN_MS = 60 * 60 * 1_000

export const lifecycle: Scenario = {
  name: 'lifecycle',
  about: 'Book, then pay, cancel or let the hold expire; some of those who paid come to the door.',
  defaults: { rate: 100, durationMs: 20_000, clients: 500, scale: 1 },
  settings: {},
  stage: async (theatre) => {
    const { database, lanes, size } = theatre
    const pace = paceOf(size)
    const { organizerId, tickets, resourceIds } = await stageProgramme(database, {
      lanes,
      events: scaled(EVENTS, size.scale, 2),
      capacity: pace.crowd,
      showtimes: 0,
      hall: { rows: 0, seatsPerRow: 0 },
      holdTtlMs: HOLD_TTL_MS,
      startsAt: new Date(Date.now() + STARTS_IN_MS),
    })
    const plan = planOf(
      theatre,
      pace,
      [
        {
          name: 'visitors',
          headline: true,
          address: null,
          arrivals: { shape: 'poisson', perSecond: pace.perSecond },
          errand: { kind: 'live', sales: tickets, pay: 0.6, cancel: 0.15, checkIn: 0.7 },
        },
      ],
      { staff: await theatre.signWorker('staff', organizerId) },
    )
    return { plan, resourceIds, drawn: null, holdsExpire: true }
  },
}
