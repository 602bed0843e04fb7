import { changeLines } from '../../target/change-lines.ts'
import { paceOf } from './pace.ts'
import type { Stream } from '../../generator/plan.ts'
import { createProgramme } from '../../catalogue/programme.ts'
import type { CrowdScenario } from './crowd-scenario.ts'

/** Number of events, each with its line. */
const EVENTS = 4

export const backlog: CrowdScenario = {
  name: 'backlog',
  about: 'Lines are filled while nothing is decided, then drained.',
  defaults: { rate: 2_000, durationMs: 10_000, clients: 1_000, scale: 1 },
  settings: {},
  prepare: async (context) => {
    const { database, lanes, size } = context
    const pace = paceOf(size)
    const { tickets, resourceIds } = await createProgramme(database, {
      lanes,
      events: EVENTS,
      capacity: pace.crowd,
    })
    await changeLines(context, resourceIds, 'pause')
    const streams: Stream[] = [
      {
        name: 'buyers',
        headline: true,
        arrivals: { shape: 'steady', perSecond: pace.perSecond },
        journey: { kind: 'book-tickets', sales: tickets, quantity: 2, follow: 'accept' },
      },
    ]
    return {
      streams,
      resourceIds,
      afterArrivals: () => changeLines(context, resourceIds, 'resume'),
    }
  },
}
