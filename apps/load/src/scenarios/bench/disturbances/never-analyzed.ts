import { fillLine, findAnalyzed, ticketsFor, turnAutovacuumOff } from '../../../catalogue/fill-line.ts'
import { createSeller, putEventOnSale } from '../../../catalogue/put-on-sale.ts'
import { followLine } from '../../../measure/line.ts'
import type { Disturbance } from './disturbance.ts'

/** Tables that were loaded in bulk and never analyzed: a long line waits that is paused. */
export const neverAnalyzed: Disturbance = {
  name: 'never-analyzed, bulk-loaded tables',
  countsCatchingUp: false,
  begin: async ({ context, database }) => {
    const requests = context.quick ? 2_000 : 200_000
    await turnAutovacuumOff(database)
    const organizerId = await createSeller(database, 'A Patient Promoter')
    const event = await putEventOnSale(
      database,
      { organizerId },
      { title: 'A Far-off Festival', capacity: ticketsFor(requests) },
    )
    const { eventId } = event
    const setPaused = (paused: boolean) =>
      database.pool.query('update resource_state set paused = $2 where resource_id = $1', [eventId, paused])
    await setPaused(true)
    await fillLine(database.pool, event, requests)
    // What was loaded is written out before, so that its write-back is no part of the run.
    await database.pool.query('checkpoint')
    return {
      end: async ({ failed }) => {
        const analyzed = await findAnalyzed(database)
        const { rows } = await database.pool.query<{ waiting: number }>(
          `select count(*) as waiting from booking_requests where resource_id = $1 and state = 'queued'`,
          [eventId],
        )
        const waiting = rows[0]?.waiting ?? 0
        // The verification wants every request decided, these too.
        await setPaused(false)
        await followLine(database, failed, { resourceIds: [eventId] })
        return {
          remark: `${waiting} requests waited in a paused line`,
          problems: [
            ...analyzed,
            ...(waiting === requests ? [] : [`of ${requests} in the paused line only ${waiting} still waited`]),
          ],
        }
      },
    }
  },
}
