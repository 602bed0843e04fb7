import type { Database } from '@boxoffice/core/db/connect.ts'
import { inTransaction } from '@boxoffice/core/db/transaction.ts'
import type { EventOnSale } from '@boxoffice/load-rig/stage.ts'
import { ADVANCE, insertRequests } from '../fill-backlog.ts'

const TICKETS_EACH = 2

/** How many tickets an event needs for `requests` of a filled line. */
export const ticketsFor = (requests: number): number => requests * TICKETS_EACH

/**
 * Puts `requests` at the end of a lane's line, each for two tickets of the event. In one transaction, for the lane may
 * be drained meanwhile.
 */
export function fillLane(
  database: Database,
  lane: number,
  requests: number,
  { eventId, ticketTypeId }: EventOnSale,
): Promise<void> {
  return inTransaction(database, async ({ client }) => {
    const { rows } = await client.query<{ next: number }>('select next from lane_intake where lane = $1 for update', [
      lane,
    ])
    const first = rows[0]?.next
    if (first === undefined) throw new Error(`there is no lane ${lane}`)
    await client.query(
      insertRequests(`
        select n, $4::uuid as resource_id, jsonb_build_object('tickets',
          jsonb_build_array(jsonb_build_object('ticketTypeId', $5::uuid, 'quantity', $6::int))) as wants
        from generate_series($2::int, $3::int) as n`),
      [lane, first, first + requests - 1, eventId, ticketTypeId, TICKETS_EACH],
    )
    await client.query(ADVANCE, [lane, first + requests])
  })
}
