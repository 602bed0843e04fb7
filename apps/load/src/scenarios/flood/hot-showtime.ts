import { givenShowtimes } from '../../catalogue/put-on-sale.ts'
import { paceOf, scaledHall } from './pace.ts'
import type { Stream } from '../../generator/plan.ts'
import type { CrowdScenario } from './crowd-scenario.ts'

const HALL = { rows: 15, seatsPerRow: 20 }

export const hotShowtime: CrowdScenario = {
  name: 'hot-showtime',
  about: 'One showtime of 300 seats; everyone wants two of the best, and would take the best that are left.',
  defaults: { rate: 1_000, durationMs: 3_000, clients: 1_000, scale: 1 },
  settings: {},
  prepare: async (context) => {
    const { database, size } = context
    const pace = paceOf(size)
    const hall = scaledHall(HALL, size.scale)
    const [showtimeId = ''] = await givenShowtimes(database, hall, 1)
    const streams: Stream[] = [
      {
        name: 'buyers',
        headline: true,
        arrivals: { shape: 'rush', count: pace.crowd, withinMs: pace.durationMs },
        journey: {
          kind: 'book-seats',
          sales: [{ showtimeId, hall }],
          seats: 2,
          choice: 'best',
          orBest: true,
          probes: 0.1,
        },
      },
    ]
    return { streams, resourceIds: [showtimeId], drawn: { showtimeId, title: 'The premiere' } }
  },
}
