import type pg from 'pg'
import { run } from '../../db/transaction.ts'

/** A lane as those who run the service see it. */
export interface LaneView {
  readonly id: number
  /** Decides nothing; takes requests all the same. */
  readonly paused: boolean
  /** Takes no requests; decides those that wait. */
  readonly draining: boolean
  /** Requests that are undecided, and the gaps between them. */
  readonly waiting: number
  readonly watermark: number
  /** Smoothed, as of the last batch. */
  readonly decidedPerSecond: number
  /** Waiting time of the oldest undecided request; `null` if none waits. */
  readonly oldestWaitingMs: number | null
  /** Number of its showtimes and events. */
  readonly resources: number
}

const READ = {
  name: 'read-lane-views',
  text: `
    select l.id, l.paused, l.draining, i.next - 1 - l.watermark as waiting, l.watermark,
      round(l.decided_per_second::numeric, 1)::float8 as "decidedPerSecond",
      case when oldest.accepted_at is not null
        then greatest(0, extract(epoch from clock_timestamp() - oldest.accepted_at) * 1000)::bigint
      end as "oldestWaitingMs",
      coalesce(r.resources, 0) as resources
    from lanes l
    join lane_intake i on i.lane = l.id
    left join (select lane, count(*) as resources from resources group by lane) r on r.lane = l.id
    left join lateral (
      select accepted_at from booking_requests q where q.lane = l.id and q.seq > l.watermark order by q.seq limit 1
    ) oldest on true
    where $1::int is null or l.id = $1
    order by l.id`,
}

/** Returns all lanes, by number. */
export async function listLanes(pool: pg.Pool): Promise<LaneView[]> {
  return run<LaneView & pg.QueryResultRow>(pool, READ, [null])
}

export async function findLane(pool: pg.Pool, lane: number): Promise<LaneView | null> {
  const [row] = await run<LaneView & pg.QueryResultRow>(pool, READ, [lane])
  return row ?? null
}
