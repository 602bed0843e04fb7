import { setImmediate as letOthersRun } from 'node:timers/promises'
import type pg from 'pg'
import { CachedReads } from '../../byte-cache.ts'
import { LAYOUTS_BYTES, mapBytes } from '../../cache-budgets.ts'
import type { SeatSnapshot } from '../../domain/snapshot.ts'
import { run } from '../transaction.ts'

/** A row of the house at a time, and its labels as one text: as a list, those of a large house kept the event loop for long. */
const READ = {
  name: 'read-layout',
  text: `select category_id as "categoryId", disabled, string_agg(label, e'\\n') as labels
    from seats where layout_id = $1 group by row_label, category_id, disabled`,
}

/** Labels that are added in one turn of the event loop: some milliseconds. */
const LABELS_PER_TURN = 20_000

type Layout = ReadonlyMap<string, SeatSnapshot>

/** Layouts never change, so a process reads each once. Bounded by bytes: 200 of 200,000 seats would be some GB. */
export class LayoutCache {
  readonly #layouts: CachedReads<Layout>

  constructor(maxBytes: number) {
    this.#layouts = new CachedReads(maxBytes, (layout) => mapBytes(layout.keys()))
  }

  get bytes(): number {
    return this.#layouts.bytes
  }

  /** The seats of one layout version by label. */
  read(executor: pg.Pool | pg.PoolClient, layoutId: string): Promise<Layout> {
    return this.#layouts.get(layoutId, () => readSeats(executor, layoutId))
  }
}

const layouts = new LayoutCache(LAYOUTS_BYTES)

/** The seats of one layout version by label, from memory where it was used not long ago. */
export function readLayout(executor: pg.Pool | pg.PoolClient, layoutId: string): Promise<Layout> {
  return layouts.read(executor, layoutId)
}

async function readSeats(executor: pg.Pool | pg.PoolClient, layoutId: string): Promise<Layout> {
  const seats = new Map<string, SeatSnapshot>()
  const kinds = new Map<string, SeatSnapshot>()
  let due = LABELS_PER_TURN
  for (const { labels, categoryId, disabled } of await run<SeatSnapshot & { labels: string }>(executor, READ, [
    layoutId,
  ])) {
    const key = `${categoryId} ${disabled}`
    const kind = kinds.get(key) ?? { categoryId, disabled }
    kinds.set(key, kind)
    for (const label of labels.split('\n')) seats.set(label, kind)
    if (seats.size >= due) {
      due = seats.size + LABELS_PER_TURN
      await letOthersRun()
    }
  }
  return seats
}
