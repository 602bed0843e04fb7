import type pg from 'pg'
import { run } from '../../db/transaction.ts'
import { SELECT_EVENT, toEventView, type EventRow, type EventView } from './event-view.ts'

const FIND_EVENT = {
  name: 'find-event',
  text: `${SELECT_EVENT} where e.id = $1::uuid and e.status in ('published', 'cancelled')`,
}

/** An event by id; `null` for a draft. A cancelled or ended one is still found, as showtimes are. */
export async function findEvent(executor: pg.Pool | pg.PoolClient, id: string): Promise<EventView | null> {
  const [row] = await run<EventRow>(executor, FIND_EVENT, [id])
  return row === undefined ? null : toEventView(row)
}
