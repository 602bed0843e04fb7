import type pg from 'pg'
import { run } from '../../db/transaction.ts'
import type { LinePace } from '../request-view.ts'

export interface LineProgress extends LinePace {
  readonly id: string
  readonly next: number
  readonly paused: boolean
}

const READ = {
  name: 'read-line-progress',
  text: `
    select w.id, s.watermark, i.next, s.paused, s.decided_per_second as "decidedPerSecond"
    from unnest($1::uuid[]) as w(id)
    cross join lateral (
      select watermark, paused, decided_per_second from resource_state where resource_id = w.id offset 0
    ) s
    cross join lateral (select next from lines where resource_id = w.id offset 0) i`,
}

/** Returns how far these lines are: `next - 1 - watermark` requests (and gaps) are undecided. */
export async function readLineProgress(pool: pg.Pool, ids: readonly string[]): Promise<LineProgress[]> {
  if (ids.length === 0) return []
  return run<LineProgress & Record<string, unknown>>(pool, READ, [ids])
}
