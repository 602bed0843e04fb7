import { createSeller, putShowtimesOnSale } from '@boxoffice/load-rig/stage.ts'
import { onlyOne } from './only-one.ts'
import { paceOf, scaledHall } from './pace.ts'
import { planOf } from './plan-of.ts'
import type { Scenario } from './scenario.ts'

const HALL = { rows: 15, seatsPerRow: 20 }

export const hotShowtime: Scenario = {
  name: 'hot-showtime',
  about: 'One showtime of 300 seats, and everyone wants two of the best.',
  defaults: { rate: 1_000, durationMs: 3_000, clients: 1_000, scale: 1 },
  settings: {},
  stage: async (theatre) => {
    const { database, size } = theatre
    const pace = paceOf(size)
    const hall = scaledHall(HALL, size.scale)
    const organizerId = await createSeller(database, 'A Cinema')
    const showtimeId = onlyOne(await putShowtimesOnSale(database, hall, organizerId, [{ lane: 0 }]))
    const plan = planOf(theatre, pace, [
      {
        name: 'buyers',
        headline: true,
        address: null,
        arrivals: { shape: 'rush', count: pace.crowd, withinMs: pace.durationMs },
        errand: {
          kind: 'book-seats',
          sales: [{ showtimeId, hall }],
          seats: 2,
          choice: 'best',
          follow: 'wait',
          probes: 0.1,
        },
      },
    ])
    return { plan, resourceIds: [showtimeId], drawn: { showtimeId, title: 'The premiere' }, holdsExpire: false }
  },
}
