import { givenEvent } from '../../catalogue/put-on-sale.ts'
import type { Results, StreamOutcome } from '../../results/results.ts'
import { paceOf } from './pace.ts'
import type { Stream } from '../../generator/plan.ts'
import type { CrowdScenario, Size } from './crowd-scenario.ts'

const HONEST = 'honest buyers'
const BOTS = 'bots'
const BOT_COUNT = 20
/** Calls of all bots together for each call of an honest buyer. */
const BOT_CALLS = 13
/** Share of the time before the bots come: a process that has just been started is slow for everybody, bots or not. */
const QUIET_SHARE = 0.2
const HONEST_P99_MS = 250

export const bots: CrowdScenario = {
  name: 'bots',
  about: 'Twenty bots far over their rate limit join honest buyers, whose p99 must stay below 250 ms.',
  defaults: { rate: 150, durationMs: 20_000, clients: 1_000, scale: 1 },
  settings: {
    LIMITS: 'on',
    TRUSTED_PROXIES: 'loopback',
    // Calls a minute; less than the defaults, so that also a run of a second or two is over them.
    RATE_LIMIT_CALLER: '30',
    RATE_LIMIT_ADDRESS: '300',
  },
  prepare: async (context) => {
    const { database, size, customers } = context
    if (customers.length < 2 * BOT_COUNT)
      throw new Error(`${BOT_COUNT} bots need more than ${customers.length} customers`)
    const pace = paceOf(size)
    // Enough for everybody: what is shown is who gets an answer, not who gets a ticket.
    const sale = await givenEvent(database, 2 * pace.crowd + 1_000)
    const journey = { kind: 'book-tickets', sales: [sale] } as const
    const streams: Stream[] = [
      {
        name: HONEST,
        headline: true,
        address: '10.1.0.{n}',
        customers: { from: BOT_COUNT, count: customers.length - BOT_COUNT },
        arrivals: { shape: 'poisson', perSecond: pace.perSecond },
        journey: { ...journey, quantity: 2 },
      },
      {
        name: BOTS,
        headline: false,
        // All from one address, as from one rented server.
        address: '203.0.113.7',
        customers: { from: 0, count: BOT_COUNT },
        arrivals: { shape: 'steady', perSecond: pace.perSecond * BOT_CALLS, fromMs: pace.durationMs * QUIET_SHARE },
        journey: { ...journey, quantity: 10, follow: 'accept' },
      },
    ]
    return { streams, resourceIds: [sale.eventId] }
  },
  verdict: judgeBots,
}

/** Judges that the limits stop the bots and nobody else; how fast honest buyers were is judged at full scale only. */
function judgeBots({ streams }: Results['outcome'], { scale }: Size): string[] {
  const honest = streams.find(({ name }) => name === HONEST)
  const hammering = streams.find(({ name }) => name === BOTS)
  if (honest === undefined || hammering === undefined) return ['The run had no honest buyers, or no bots.']
  const sentences: string[] = []
  if (turnedAway(honest) > 0) sentences.push(`${turnedAway(honest)} honest buyers were told that they call too often.`)
  if (honest.booked === 0) sentences.push('No honest buyer got a ticket.')
  if (turnedAway(hammering) * 2 < hammering.sent) {
    sentences.push(`Only ${turnedAway(hammering)} of ${hammering.sent} calls of bots were turned away.`)
  }
  if (scale === 1 && honest.total.p99 > HONEST_P99_MS) {
    sentences.push(`The p99 of honest buyers was ${honest.total.p99} ms, more than ${HONEST_P99_MS} ms.`)
  }
  return sentences
}

const turnedAway = ({ statuses }: StreamOutcome): number => statuses['429'] ?? 0
