import { paceOf, scaled } from './pace.ts'
import type { Stream } from '../../generator/plan.ts'
import { createProgramme } from '../../catalogue/programme.ts'
import type { CrowdScenario } from './crowd-scenario.ts'

const EVENTS = 8
/** Long enough to pay, short enough that those who do not are seen to lose their places. */
const HOLD_TTL_MS = 6_000
/** Doors open a day before the start. */
const STARTS_IN_MS = 60 * 60 * 1_000

export const lifecycle: CrowdScenario = {
  name: 'lifecycle',
  about: 'Book, then pay, cancel or let the hold expire; some of those who paid come to the door.',
  defaults: { rate: 100, durationMs: 20_000, clients: 500, scale: 1 },
  settings: {},
  prepare: async (context) => {
    const { database, lanes, size } = context
    const pace = paceOf(size)
    const { organizerId, tickets, resourceIds } = await createProgramme(database, {
      lanes,
      events: scaled(EVENTS, size.scale, 2),
      capacity: pace.crowd,
      holdTtlMs: HOLD_TTL_MS,
      startsAt: new Date(Date.now() + STARTS_IN_MS),
    })
    const streams: Stream[] = [
      {
        name: 'visitors',
        headline: true,
        arrivals: { shape: 'poisson', perSecond: pace.perSecond },
        journey: { kind: 'lifecycle', sales: tickets, pay: 0.6, cancel: 0.15, checkIn: 0.7 },
      },
    ]
    const staff = await context.signWorker('staff', organizerId)
    return { streams, staff, resourceIds, holdsExpire: true }
  },
}
