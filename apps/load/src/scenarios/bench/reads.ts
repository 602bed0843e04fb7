import { givenShowtimes } from '../../catalogue/put-on-sale.ts'
import { benchScenario } from './bench-context.ts'
import { runLoad, streamOf } from './run-load.ts'

const HALL = { rows: 15, seatsPerRow: 20 }
const AIM = 8_000

export const reads = benchScenario(
  'reads',
  'How often availability is answered to those who have seen the newest already, while somebody books.',
  async (context) => {
    const { clients, rounds } = context
    const names = Array.from({ length: rounds }, (_, index) => `reads_${index + 1}`)
    const runs = []
    for (const name of names) {
      const run = await runLoad(context, {
        name,
        prepare: async (database) => {
          const [showtimeId = ''] = await givenShowtimes(database, HALL, 1)
          const seats = [{ showtimeId, hall: HALL }]
          return {
            streams: [
              {
                headline: true,
                name: 'readers',
                arrivals: { shape: 'closed', clients },
                journey: { kind: 'read-availability', tickets: [], seats, ownTags: true },
              },
              {
                headline: true,
                name: 'buyers',
                arrivals: { shape: 'steady', perSecond: 1 },
                journey: { kind: 'book-seats', sales: seats, seats: 1, choice: 'next' },
              },
            ],
          }
        },
      })
      const { accept, statuses } = streamOf(run, 'readers')
      const unchanged = (statuses['304'] ?? 0) / Math.max(1, (statuses['200'] ?? 0) + (statuses['304'] ?? 0))
      const rate = Math.round(accept.count / run.seconds)
      context.say(`${name}: ${rate}/s, p99 ${accept.p99} ms`)
      runs.push({ name, accept, unchanged, rate, verified: run.verified, timeSpent: run.timeSpent })
    }
    return {
      tables: [
        {
          title: 'Availability reads',
          about: [`${clients} clients with If-None-Match, one API process, a booking a second beside them`],
          header: ['', 'answers/s', '304', 'p50 ms', 'p99 ms'],
          rows: runs.map(({ name, rate, unchanged, accept }) => [
            name,
            String(rate),
            `${(unchanged * 100).toFixed(2)} %`,
            String(accept.p50),
            String(accept.p99),
          ]),
        },
        ...runs.flatMap(({ timeSpent }) => timeSpent),
      ],
      aims: [{ what: 'answers/s', value: Math.max(...runs.map(({ rate }) => rate)), relation: 'at least', aim: AIM }],
      runs: runs.map(({ verified }) => verified),
    }
  },
)
