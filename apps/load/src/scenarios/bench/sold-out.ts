import { givenEvent } from '../../catalogue/put-on-sale.ts'
import { startContender } from '../../target/contenders.ts'
import { changeLines } from '../../target/change-lines.ts'
import { verifyRun } from '../../verify/verify-run.ts'
import { benchScenario, onFreshDatabase } from './bench-context.ts'
import { followLastRequests, sendRequests } from './line-over-http.ts'

/** Bookings that there is room for, and requests that come after the last of them. */
const FULL = { sold: 1_000, late: 10_000 }
const QUICK = { sold: 50, late: 500 }
const TICKETS_EACH = 2
const AIM_MS = 1_000

export const soldOut = benchScenario(
  'sold-out',
  'How long those who come too late wait for their answer once the last ticket is sold.',
  async (context) => {
    const { sold, late } = context.quick ? QUICK : FULL
    const count = sold + late
    return onFreshDatabase(context, 'sold_out', async ({ database, options }) => {
      const event = await givenEvent(database, sold * TICKETS_EACH)
      const running = await startContender('c', options)
      let lastAnswerAt = 0
      let observations: Awaited<ReturnType<typeof sendRequests>>
      try {
        const operator = { url: running.url, admin: await context.sign('load-admin', 'admin', null) }
        await changeLines(operator, [event.eventId], 'pause')
        observations = await sendRequests(context, running, { event, quantity: TICKETS_EACH, count })
        const onOutcome = () => (lastAnswerAt = Date.now())
        const streams = await followLastRequests(context, running, database, { count, onOutcome })
        try {
          context.say(`sold-out: ${count} clients wait`)
          await changeLines(operator, [event.eventId], 'resume')
          await Promise.race([streams.ended, running.failed])
        } finally {
          await streams.close()
        }
      } finally {
        await running.stop()
      }
      // One machine, one clock.
      const { rows } = await database.pool.query<{ firstMs: number; lastSaleMs: number; lastMs: number }>(
        `select (extract(epoch from min(decided_at)) * 1000)::float8 as "firstMs",
           (extract(epoch from max(decided_at) filter (where state = 'booked')) * 1000)::float8 as "lastSaleMs",
           (extract(epoch from max(decided_at)) * 1000)::float8 as "lastMs"
         from booking_requests`,
      )
      const { firstMs = 0, lastSaleMs = 0, lastMs = 0 } = rows[0] ?? {}
      const tail = Math.round(lastAnswerAt - lastSaleMs)
      const verification = await verifyRun({ database, ...observations, bookings: sold, settleWithinMs: null })
      return {
        tables: [
          {
            title: `Sold out: ${sold} bookings, and ${late} requests in line behind them, each with an open stream`,
            about: ['from the decision of the last sale'],
            header: ['', 'ms'],
            rows: [
              ['first decision to last sale', String(Math.round(lastSaleMs - firstMs))],
              ['last sale to last decision', String(Math.round(lastMs - lastSaleMs))],
              ['last sale to last answer at a client', String(tail)],
            ],
          },
        ],
        aims: [{ what: 'ms until everybody is answered', value: tail, relation: 'under', aim: AIM_MS }],
        runs: [{ run: 'sold-out', ...verification }],
      }
    })
  },
)
