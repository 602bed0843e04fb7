import type pg from 'pg'
import { run } from '../../db/transaction.ts'

const FIND = {
  name: 'find-lost-seats',
  text: `
    select a.seat_label as label
    from seat_allocations a
    left join seats t on t.layout_id = $2::uuid and t.label = a.seat_label
    where a.showtime_id = $1::uuid and (t.label is null or t.disabled)
    order by length(a.seat_label), a.seat_label`,
}

/** Seats of a showtime that are held or sold and that the layout does not have, or does not sell. */
export async function findLostSeats(
  executor: pg.Pool | pg.PoolClient,
  showtimeId: string,
  layoutId: string,
): Promise<string[]> {
  const rows = await run<{ label: string }>(executor, FIND, [showtimeId, layoutId])
  return rows.map(({ label }) => label)
}
