import { fillLane, findAnalyzed, ticketsFor, turnAutovacuumOff } from '../../../catalogue/fill-lane.ts'
import { createSeller, putEventOnSale } from '../../../catalogue/put-on-sale.ts'
import { followLine } from '../../../measure/line.ts'
import type { Disturbance } from './disturbance.ts'

const PAUSED_LANE = 7

/** Tables that were loaded in bulk and never analyzed: a long line waits in a lane that is paused. */
export const neverAnalyzed: Disturbance = {
  name: 'never-analyzed, bulk-loaded tables',
  countsCatchingUp: false,
  begin: async ({ context, database }) => {
    const requests = context.quick ? 2_000 : 200_000
    const setPaused = (paused: boolean) =>
      database.pool.query('update lanes set paused = $2 where id = $1', [PAUSED_LANE, paused])
    await turnAutovacuumOff(database)
    await setPaused(true)
    const organizerId = await createSeller(database, 'A Patient Promoter')
    const event = await putEventOnSale(
      database,
      { organizerId, lane: PAUSED_LANE },
      { title: 'A Far-off Festival', capacity: ticketsFor(requests) },
    )
    await fillLane(database.pool, PAUSED_LANE, event, requests)
    // What was loaded is written out before, so that its write-back is no part of the run.
    await database.pool.query('checkpoint')
    return {
      end: async ({ failed }) => {
        const analyzed = await findAnalyzed(database)
        const { rows } = await database.pool.query<{ waiting: number }>(
          `select count(*) as waiting from booking_requests where lane = $1 and state = 'queued'`,
          [PAUSED_LANE],
        )
        const waiting = rows[0]?.waiting ?? 0
        // The verification wants every request decided, these too.
        await setPaused(false)
        await followLine(database, failed, { lanes: [PAUSED_LANE] })
        return {
          remark: `${waiting} requests waited in lane ${PAUSED_LANE}`,
          problems: [
            ...analyzed,
            ...(waiting === requests ? [] : [`of ${requests} in the paused lane only ${waiting} still waited`]),
          ],
        }
      },
    }
  },
}
