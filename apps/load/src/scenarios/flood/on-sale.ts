import { givenEvent } from '../../catalogue/put-on-sale.ts'
import { paceOf } from './pace.ts'
import type { Stream } from '../../generator/plan.ts'
import type { CrowdScenario } from './crowd-scenario.ts'

const TICKETS_EACH = 2
const DEMAND_TIMES_CAPACITY = 10

export const onSale: CrowdScenario = {
  name: 'on-sale',
  about: 'One event, ten times more demand than tickets, all at once.',
  defaults: { rate: 5_000, durationMs: 2_000, clients: 2_000, scale: 1 },
  settings: {},
  prepare: async (context) => {
    const { database, size } = context
    const pace = paceOf(size)
    const capacity = Math.max(TICKETS_EACH, Math.round((pace.crowd * TICKETS_EACH) / DEMAND_TIMES_CAPACITY))
    const sale = await givenEvent(database, capacity)
    const streams: Stream[] = [
      {
        name: 'buyers',
        headline: true,
        arrivals: { shape: 'rush', count: pace.crowd, withinMs: pace.durationMs },
        journey: { kind: 'book-tickets', sales: [sale], quantity: TICKETS_EACH, exact: true, probes: 0.1 },
      },
    ]
    return { streams, resourceIds: [sale.eventId] }
  },
}
