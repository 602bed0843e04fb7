import { changeLanes } from './change-lanes.ts'
import { paceOf } from './pace.ts'
import { planOf } from './plan-of.ts'
import { stageProgramme } from './programme.ts'
import type { Scenario } from './scenario.ts'

/** In a lane each. */
const EVENTS = 4

export const backlog: Scenario = {
  name: 'backlog',
  about: 'The line is filled while nothing is decided, then drained.',
  defaults: { rate: 2_000, durationMs: 10_000, clients: 1_000, scale: 1 },
  settings: {},
  stage: async (theatre) => {
    const { database, lanes, size } = theatre
    const pace = paceOf(size)
    const events = Math.min(EVENTS, lanes)
    const { tickets, resourceIds } = await stageProgramme(database, {
      lanes,
      events,
      capacity: pace.crowd,
      showtimes: 0,
      hall: { rows: 0, seatsPerRow: 0 },
    })
    const paused = Array.from({ length: events }, (_, lane) => lane)
    await changeLanes(theatre, paused, 'pause')
    const plan = planOf(theatre, pace, [
      {
        name: 'buyers',
        headline: true,
        address: null,
        arrivals: { shape: 'steady', perSecond: pace.perSecond },
        errand: { kind: 'book-tickets', sales: tickets, quantity: 2, exact: false, follow: 'accept', probes: 0 },
      },
    ])
    return {
      plan,
      resourceIds,
      drawn: null,
      afterArrivals: () => changeLanes(theatre, paused, 'resume'),
      holdsExpire: false,
    }
  },
}
