import type pg from 'pg'
import type { SeatSnapshot } from '../../domain/snapshot.ts'
import { run } from '../transaction.ts'

const READ = {
  name: 'read-layout',
  text: 'select label, category_id as "categoryId", disabled from seats where layout_id = $1 order by position',
}

/** Layouts never change, so a process reads each once. Bounded: the layout used longest ago makes room. */
const MAX_LAYOUTS = 200
const layouts = new Map<string, ReadonlyMap<string, SeatSnapshot>>()

/** The seats of one layout version by label, in the layout's order. */
export async function readLayout(
  executor: pg.Pool | pg.PoolClient,
  layoutId: string,
): Promise<ReadonlyMap<string, SeatSnapshot>> {
  const known = layouts.get(layoutId)
  if (known !== undefined) {
    layouts.delete(layoutId)
    layouts.set(layoutId, known)
    return known
  }
  const rows = await run<SeatSnapshot & Record<string, unknown>>(executor, READ, [layoutId])
  const seats: ReadonlyMap<string, SeatSnapshot> = new Map(rows.map((seat) => [seat.label, seat]))
  const [oldest] = layouts.keys()
  if (oldest !== undefined && layouts.size >= MAX_LAYOUTS) layouts.delete(oldest)
  layouts.set(layoutId, seats)
  return seats
}
