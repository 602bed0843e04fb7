import type pg from 'pg'
import { run } from '../../db/transaction.ts'

const FIND = {
  name: 'find-waiting-lanes',
  text: `
    select l.id as lane
    from lanes l
    join lane_intake i on i.lane = l.id
    left join lateral (
      select accepted_at from booking_requests q where q.lane = l.id and q.seq > l.watermark order by q.seq limit 1
    ) oldest on true
    where not l.paused and i.next - 1 > l.watermark
      and (oldest.accepted_at is null
        or oldest.accepted_at < clock_timestamp() - make_interval(secs => $1::float8 / 1000))
    order by l.id`,
}

/**
 * Returns the lanes whose oldest undecided request has waited longer than this, and those with nothing but gaps:
 * repeated requests leave gaps, and a lane whose gaps are never passed counts as full some day. Leaves out paused ones.
 */
export async function findWaitingLanes(pool: pg.Pool, olderThanMs: number): Promise<number[]> {
  const rows = await run<{ lane: number }>(pool, FIND, [olderThanMs])
  return rows.map(({ lane }) => lane)
}
