import { Pool } from 'undici'
import { auditDatabase } from '@boxoffice/load-rig/audit.ts'
import { givenEvent, LANE } from '@boxoffice/load-rig/catalogue.ts'
import { acceptRequests, ticketsOf } from '../accept-requests.ts'
import { startContender } from '../contenders.ts'
import { type BenchContext, processOptions } from '../context.ts'
import type { Figures } from '../figures.ts'
import { setPaused } from '../lane-state.ts'
import { followStreams } from '../sse.ts'

/** Bookings that there is room for, and requests that come after the last of them. */
const FULL = { sold: 1_000, late: 10_000 }
const QUICK = { sold: 50, late: 500 }
const TICKETS_EACH = 2
const AIM_MS = 1_000

/** How long those who come too late wait for their answer once the last ticket is sold. */
export async function measureSoldOut(context: BenchContext): Promise<Figures> {
  const { sold, late } = context.options.quick ? QUICK : FULL
  const count = sold + late
  const bench = await context.stack.prepare('bench_sold_out')
  try {
    const event = await givenEvent(bench.database, sold * TICKETS_EACH)
    await setPaused(bench.database, LANE, true)
    const running = await startContender('c', processOptions(context, bench, 'sold_out'))
    const sending = new Pool(running.url, { connections: 100, pipelining: 1 })
    const following = new Pool(running.url, { connections: count, pipelining: 1, bodyTimeout: 0 })
    let lastAnswerAt = 0
    let ids: string[]
    try {
      const accepted = await acceptRequests(sending, context.tokens, count, () => ticketsOf(event, TICKETS_EACH))
      ids = accepted.map(({ id }) => id)
      const streams = followStreams(
        following,
        accepted.map(({ id, token }) => ({
          path: `/v1/booking-requests/${id}/stream`,
          token,
          onEvent: (name) => {
            if (name === 'outcome') lastAnswerAt = Date.now()
          },
        })),
      )
      await Promise.race([streams.opened, running.failed])
      context.say(`sold-out: ${count} clients wait`)
      await setPaused(bench.database, LANE, false)
      await Promise.race([streams.ended, running.failed])
    } finally {
      await Promise.all([sending.destroy(), following.destroy()])
      await running.stop()
    }
    // One machine, one clock.
    const { rows } = await bench.database.pool.query<{ firstMs: number; lastSaleMs: number; lastMs: number }>(
      `select (extract(epoch from min(decided_at)) * 1000)::float8 as "firstMs",
         (extract(epoch from max(decided_at) filter (where state = 'booked')) * 1000)::float8 as "lastSaleMs",
         (extract(epoch from max(decided_at)) * 1000)::float8 as "lastMs"
       from booking_requests`,
    )
    const { firstMs = 0, lastSaleMs = 0, lastMs = 0 } = rows[0] ?? {}
    const tail = Math.round(lastAnswerAt - lastSaleMs)
    return {
      title: `Sold out: ${sold} bookings, and ${late} requests in line behind them, each with an open stream`,
      about: ['from the decision of the last sale'],
      header: ['', 'ms'],
      rows: [
        ['first decision to last sale', String(Math.round(lastSaleMs - firstMs))],
        ['last sale to last decision', String(Math.round(lastMs - lastSaleMs))],
        ['last sale to last answer at a client', String(tail)],
      ],
      aims: [{ what: 'ms until everybody is answered', value: tail, relation: 'under', aim: AIM_MS }],
      problems: await auditDatabase(bench.database, { requestIds: ids, booked: sold, preallocated: 0 }),
    }
  } finally {
    await bench.drop()
  }
}
