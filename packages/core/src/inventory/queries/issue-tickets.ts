import { newId } from '../../runtime/new-id.ts'
import { run, type Transaction } from '../../db/transaction.ts'

/*
 * One for each place of the booking's items, in their order, as `write-decisions` does for what is confirmed at once. Of a
 * booking that the version before made, the tickets are there, and void if its hold had ended.
 */
const ISSUE = {
  name: 'issue-tickets',
  text: `
    with place as (
      select i.seat_label, i.area_label, i.ticket_type_id, i.rate, (row_number() over (order by i.position) - 1)::int as ordinal
      from booking_items i cross join lateral generate_series(1, i.quantity) where i.booking_id = $1
    ), issued as (
      insert into tickets as t (id, booking_id, resource_id, ordinal, seat_label, area_label, ticket_type_id, rate)
      select ($3::uuid[])[p.ordinal + 1], $1, $2, p.ordinal, p.seat_label, p.area_label, p.ticket_type_id, p.rate
      from place p
      on conflict (booking_id, ordinal) do update set status = 'issued' where t.status = 'void'
    )
    select count(*)::int as places from place`,
}

/** Issues the tickets of a booking that is being confirmed. Needs its lock. */
export async function issueTickets(
  tx: Transaction,
  { id, resourceId, places }: { readonly id: string; readonly resourceId: string; readonly places: number },
): Promise<void> {
  const ids = Array.from({ length: places }, newId)
  const [row] = await run<{ places: number }>(tx.client, ISSUE, [id, resourceId, ids])
  if (row?.places !== places) throw new Error(`booking ${id} has ${row?.places} places, and not ${places}`)
}
