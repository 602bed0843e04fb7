import { givenShowtimes } from '../../catalogue/put-on-sale.ts'
import { benchScenario } from './bench-context.ts'
import { runLoad, streamOf } from './run-load.ts'

const WATCHERS = { full: 2_000, quick: 100 }
const HALL = { rows: 20, seatsPerRow: 30 }
const BOOKINGS_PER_SECOND = 10
const AIM_MS = 300

export const watchers = benchScenario(
  'watchers',
  'How long until everybody who watches a showtime knows that a seat is gone.',
  async (context) => {
    const count = context.quick ? WATCHERS.quick : WATCHERS.full
    const run = await runLoad(context, {
      name: 'watchers',
      prepare: async (database) => {
        const [showtimeId = ''] = await givenShowtimes(database, HALL, 1)
        const seats = [{ showtimeId, hall: HALL }]
        return {
          watchers: { count, tickets: [], seats, since: 'sent' },
          streams: [
            {
              name: 'buyers',
              headline: true,
              arrivals: { shape: 'steady', perSecond: BOOKINGS_PER_SECOND, fromMs: context.warmUpMs },
              journey: { kind: 'book-seats', sales: seats, seats: 1, choice: 'next' },
            },
          ],
        }
      },
    })
    const { booked } = streamOf(run, 'buyers')
    const { connected = 0, delay = null } = run.outcome.watchers ?? {}
    const { count: seen, p50, p95, p99, max } = delay ?? { count: 0, p50: 0, p95: 0, p99: 0, max: 0 }
    context.say(`watchers: ${connected} were connected, p99 ${p99} ms`)
    const missed = booked * count - seen
    const { verified } = run
    return {
      tables: [
        {
          title: `${count} watchers of one showtime`,
          about: ['from sending a booking request to the message about its seat at each watcher; deciding is in it'],
          header: ['', 'bookings', 'messages', 'p50 ms', 'p95', 'p99', 'max'],
          rows: [['', ...[booked, seen, p50, p95, p99, max].map(String)]],
        },
        ...run.timeSpent,
      ],
      aims: [{ what: 'p99 of the messages, ms', value: p99, relation: 'under', aim: AIM_MS }],
      runs: [
        {
          ...verified,
          violations: [
            ...(connected === count ? [] : [`only ${connected} of ${count} watchers were connected at the end`]),
            ...(missed > 0 ? [`${missed} messages never came`] : []),
            ...verified.violations,
          ],
        },
      ],
    }
  },
)
