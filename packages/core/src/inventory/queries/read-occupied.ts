import type pg from 'pg'
import { run } from '../../db/transaction.ts'

/** Seats that are held, as of a version of the showtime or event. */
export interface Occupied {
  readonly version: number
  readonly labels: readonly string[]
}

/** One document: as rows, those of a large house would take a tenth of a second. One statement, so that both are of one moment. */
const READ = {
  name: 'read-occupied',
  text: `
    select n.version, coalesce((select json_agg(seat_label) from seat_allocations where showtime_id = $1::uuid), '[]') as labels
    from resource_state n where n.resource_id = $1::uuid`,
}

/** Returns the labels of the seats of a showtime or event that a booking or a block holds. */
export async function readOccupied(executor: pg.Pool | pg.PoolClient, resourceId: string): Promise<Occupied> {
  const [row] = await run<Occupied & Record<string, unknown>>(executor, READ, [resourceId])
  if (row === undefined) throw new Error(`resource ${resourceId} has no state`)
  return row
}
