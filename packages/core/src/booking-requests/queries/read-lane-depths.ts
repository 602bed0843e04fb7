import type pg from 'pg'
import { run } from '../../db/transaction.ts'

export interface LaneDepth {
  readonly lane: number
  readonly watermark: number
  readonly next: number
  readonly decidedPerSecond: number
  /** It takes no requests at the moment. */
  readonly draining: boolean
}

const READ = {
  name: 'read-lane-depths',
  text: `select l.id as lane, l.watermark, i.next, l.decided_per_second as "decidedPerSecond", l.draining
    from lanes l join lane_intake i on i.lane = l.id order by l.id`,
}

/** Returns the progress of every lane: `next - 1 - watermark` requests (and gaps) are undecided. */
export async function readLaneDepths(pool: pg.Pool): Promise<LaneDepth[]> {
  return run<LaneDepth>(pool, READ, [])
}
