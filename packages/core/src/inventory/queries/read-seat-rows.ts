import type pg from 'pg'
import { run } from '../../db/transaction.ts'
import { rowName, seatName } from './place-names.ts'

/** Written by PostgreSQL, which takes no turn of the event loop: a house of 200,000 seats is 30 MB of it. */
const READ_SEAT_ROWS = {
  name: 'read-seat-rows',
  text: `
    select '{"section":' || coalesce(to_json(section)::text, 'null') || ',"label":' || to_json(row_label) || ',"seats":['
             || string_agg('{"label":' || to_json(label) || ',"section":' || coalesce(to_json(section)::text, 'null')
             || ',"row":' || to_json(${rowName('seats')}) || ',"number":' || to_json(${seatName('seats')})
             || ',"x":' || x || ',"y":' || y || ',"category":"' || category_id
             || '","disabled":' || (disabled or category_id = any ($2::uuid[])) || ',"accessible":' || accessible || '}',
             ',' order by position) || ']}' as row
      from seats where layout_id = $1::uuid
     group by section, row_label order by min(position)`,
}

/**
 * Returns the rows of a layout as JSON, one text each: `{"section", "label", "seats": [{"label", "section", "row", "number",
 * "x", "y", "category", "disabled", "accessible"}]}`. Seats of the categories `unpriced` count as disabled.
 */
export async function readSeatRows(
  executor: pg.Pool | pg.PoolClient,
  layoutId: string,
  unpriced: readonly string[],
): Promise<string[]> {
  const rows = await run<{ row: string }>(executor, READ_SEAT_ROWS, [layoutId, unpriced])
  return rows.map(({ row }) => row)
}
