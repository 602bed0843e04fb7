import type pg from 'pg'
import type { SeatSnapshot } from '../../domain/snapshot.ts'
import { run } from '../transaction.ts'

const READ = {
  name: 'read-layout',
  text: `select category_id as "categoryId", disabled, array_agg(label order by position) as labels
    from seats where layout_id = $1 group by category_id, disabled`,
}

/** Layouts never change, so a process reads each once. Bounded: the layout used longest ago makes room. */
const MAX_LAYOUTS = 200
const layouts = new Map<string, ReadonlyMap<string, SeatSnapshot>>()

/** The seats of one layout version by label. */
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
  const seats = new Map<string, SeatSnapshot>()
  for (const { labels, ...seat } of await run<SeatSnapshot & { labels: string[] }>(executor, READ, [layoutId])) {
    for (const label of labels) seats.set(label, seat)
  }
  const [oldest] = layouts.keys()
  if (oldest !== undefined && layouts.size >= MAX_LAYOUTS) layouts.delete(oldest)
  layouts.set(layoutId, seats)
  return seats
}
