import { createSeller, putEventOnSale } from '@boxoffice/load-rig/stage.ts'
import { paceOf } from './pace.ts'
import { planOf } from './plan-of.ts'
import type { Scenario } from './scenario.ts'

const TICKETS_EACH = 2
const DEMAND_TIMES_CAPACITY = 10

export const onSale: Scenario = {
  name: 'on-sale',
  about: 'One event, ten times more demand than tickets, all at once.',
  defaults: { rate: 5_000, durationMs: 2_000, clients: 2_000, scale: 1 },
  settings: {},
  stage: async (theatre) => {
    const { database, size } = theatre
    const pace = paceOf(size)
    const organizerId = await createSeller(database, 'A Promoter')
    const capacity = Math.max(TICKETS_EACH, Math.round((pace.crowd * TICKETS_EACH) / DEMAND_TIMES_CAPACITY))
    const sale = await putEventOnSale(database, { organizerId, lane: 0 }, { title: 'The Reunion', capacity })
    const plan = planOf(theatre, pace, [
      {
        name: 'buyers',
        headline: true,
        address: null,
        arrivals: { shape: 'rush', count: pace.crowd, withinMs: pace.durationMs },
        errand: {
          kind: 'book-tickets',
          sales: [sale],
          quantity: TICKETS_EACH,
          exact: true,
          follow: 'wait',
          probes: 0.1,
        },
      },
    ])
    return { plan, resourceIds: [sale.eventId], drawn: null, holdsExpire: false }
  },
}
